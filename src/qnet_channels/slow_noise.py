"""Dephasing that is not exponential, or common to several qubits."""

import math
from functools import lru_cache
from itertools import product

import numpy as np
from numpy.typing import ArrayLike

from qnet_core import Channel
from qnet_core import _checks as checks

from .damping import relaxed

__all__ = ["collective_dephasing", "decoherence_free_subspaces", "gaussian_dephasing"]


def stretched_exponent(
    duration: checks.Floats, age: checks.Floats, time: checks.Floats, exponent: checks.Floats
) -> checks.Floats:
    """Return by how much ``(t/time)**exponent`` grows from an age on, to full precision."""
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        late = (age / time) ** exponent * np.expm1(exponent * np.log1p(duration / age))
        return np.where(age > duration, late, ((age + duration) / time) ** exponent - (age / time) ** exponent)


def gaussian_dephasing(
    *, duration_s: ArrayLike, t2_star_s: ArrayLike, exponent: ArrayLike = 2.0, age_s: ArrayLike = 0.0
) -> Channel:
    """Return dephasing of the coherence by ``exp(-(t/T2*)**exponent)``, which is no semigroup.

    An exponent of 2 is a quasi-static Gaussian detuning of spread ``√2/T2*`` (rad/s), 3 an echo in a slow
    bath, 1 exponential. Unless it is 1, what a wait does depends on the time since the coherence was made or
    refocused: a second wait takes that time as ``age_s``. Two maps of age 0 in a row are a refocusing between them.

    Parameters
    ----------
    duration_s, age_s : array_like
        At least 0. The coherence shrinks by ``f(age + duration)/f(age)``.
    t2_star_s : array_like
        Greater than 0; infinite is no dephasing. Where a source writes ``exp(-t**2/(2 T**2))``, ``T2* = √2 T``.
    exponent : array_like
        Greater than 0.

    Examples
    --------
    >>> whole = gaussian_dephasing(duration_s=0.6, t2_star_s=1.0)
    >>> parts = gaussian_dephasing(duration_s=0.3, t2_star_s=1.0).then(
    ...     gaussian_dephasing(duration_s=0.3, t2_star_s=1.0, age_s=0.3))
    >>> whole.transfer[1, 1].round(12).item(), parts.transfer[1, 1].round(12).item()
    (0.697676326071, 0.697676326071)
    """
    values = {
        "duration_s": checks.real(duration_s, "duration_s", low=0.0),
        "age_s": checks.real(age_s, "age_s", low=0.0),
        "t2_star_s": checks.real(t2_star_s, "t2_star_s", low=0.0, open_low=True, infinite=True),
        "exponent": checks.real(exponent, "exponent", low=0.0, open_low=True),
    }
    batch = checks.broadcast_parameters(values)
    coherence = np.exp(-stretched_exponent(*values.values()))
    return relaxed(None, coherence, 0.0, batch)


def collective_dephasing(
    *, num_qubits: int, duration_s: ArrayLike, t2_s: ArrayLike, correlation: ArrayLike = 1.0, exponent: ArrayLike = 1.0
) -> Channel:
    """Return dephasing of several qubits by noise that they share.

    The coherence of |a><b| shrinks by ``exp(-w (t/T2)**exponent)`` with ``w = (1 - c) h + c m**2``, where h
    bits differ between a and b, m is the difference of their numbers of ones, and c the correlation of the noise
    between any two qubits. With c = 1 a GHZ state of N qubits decays N**2 times as fast as one qubit, and
    states within one ``decoherence_free_subspaces()`` do not decay.

    Parameters
    ----------
    num_qubits : int
        From 1 to 6.
    duration_s, t2_s : array_like
        ``t2_s`` is the time of one qubit alone.
    correlation : array_like
        Between -1/(num_qubits - 1) and 1; 0 is independent noise.
    exponent : array_like
        1 for white noise (a semigroup), 2 for a shared detuning that is constant during one run.

    Examples
    --------
    >>> from qnet_core import bell_state, fidelity
    >>> shared = collective_dephasing(num_qubits=2, duration_s=1.0, t2_s=1.0)
    >>> psi, phi = bell_state("psi+"), bell_state("phi+")
    >>> fidelity(psi.apply(shared, (0, 1)), psi).round(9).item(), fidelity(phi.apply(shared, (0, 1)), phi).round(9).item()
    (1.0, 0.509157819)
    """
    count = checks.integer(num_qubits, "num_qubits", 1, 6)
    least = -1.0 / (count - 1) if count > 1 else -1.0
    values = {
        "duration_s": checks.real(duration_s, "duration_s", low=0.0),
        "t2_s": checks.real(t2_s, "t2_s", low=0.0, open_low=True, infinite=True),
        "correlation": checks.real(correlation, "correlation", low=least, high=1.0),
        "exponent": checks.real(exponent, "exponent", low=0.0, open_low=True),
    }
    batch = checks.broadcast_parameters(values)
    duration, time, shared, power = values.values()
    kinds, places, parts = _masks(count)
    checks.capacity(len(places) * math.prod(batch), "The transfer matrices")
    decay = np.broadcast_to((duration / time) ** power, batch)
    weights = [(1 - shared) * bits + shared * ones**2 for bits, ones in kinds]
    factors = np.array([np.exp(-np.maximum(weight, 0.0) * decay) for weight in weights])
    mapped = np.tensordot(parts, factors, 1)
    return Channel._from_entries(dict(zip(places, mapped, strict=True)), batch, (2,) * count)


@lru_cache(maxsize=8)
def _masks(count: int) -> tuple[list[tuple[int, int]], list[tuple[int, int]], checks.Floats]:
    """Return kinds of |a><b|, nonzero entries of the transfer matrix, and what each kind puts into each entry.

    A kind is (differing bits, difference of ones). Pauli strings that flip the same bits x couple: with signs z and z',
    by the mean of ``(-1)**(a·(z ^ z'))`` over the a of a kind, times ``i`` for each Y of one and ``-i`` of the other.
    """
    size = 2**count
    kinds = [(bits, ones) for bits in range(count + 1) for ones in range(bits % 2, bits + 1, 2)]
    signs = np.array([[(-1.0) ** (w & a).bit_count() for a in range(size)] for w in range(size)]) / size
    places, parts = [], []
    for x in range(size):
        found = [kinds.index((x.bit_count(), abs(a.bit_count() - (a ^ x).bit_count()))) for a in range(size)]
        sums = signs @ (np.array(found)[:, None] == np.arange(len(kinds)))
        for z, other in product(range(size), repeat=2):
            if sums[z ^ other].any():
                turn = ((x & z).bit_count() - (x & other).bit_count()) // 2
                places.append((_string(x, z, count), _string(x, other, count)))
                parts.append((-1.0) ** turn * sums[z ^ other])
    return kinds, places, np.array(parts)


def _string(flips: int, signs: int, count: int) -> int:
    """Return the number, in the order I, X, Y, Z, of the Pauli string with X where bits flip and Z where signs turn."""
    number = 0
    for k in reversed(range(count)):
        number = 4 * number + (0, 3, 1, 2)[2 * (flips >> k & 1) + (signs >> k & 1)]
    return number


def decoherence_free_subspaces(num_qubits: int) -> tuple[tuple[int, ...], ...]:
    """Return, for each number of ones, the indices of the basis states that shared dephasing does not tell apart.

    >>> decoherence_free_subspaces(2)
    ((0,), (1, 2), (3,))
    """
    count = checks.integer(num_qubits, "num_qubits", 1, 20)
    indices = range(2**count)
    return tuple(tuple(k for k in indices if k.bit_count() == ones) for ones in range(count + 1))
