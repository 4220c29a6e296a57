"""Loss: of photons that carry a qubit, of photons in a mode, and of a qubit to a level outside."""

from math import comb
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from qnet_core import Channel
from qnet_core import _checks as checks
from qnet_core.basis import gell_mann

__all__ = ["erasure", "leakage", "photon_loss", "polarization_dependent_loss", "thermal_loss"]


def erasure(*, transmissivity: ArrayLike, dim: int = 2) -> Channel:
    """Return the map from dimension d to d + 1 whose last level means "lost".

    ``rho -> transmissivity rho + (1 - transmissivity) Tr(rho) |lost><lost|``: loss of photons in dual-rail,
    polarization or time-bin encoding is exactly this. Two stretches compose by multiplying transmissivities.

    >>> erasure(transmissivity=0.7).dims_out
    (3,)
    """
    value = checks.probability(transmissivity, "transmissivity")
    size = checks.integer(dim, "dim", 2)
    checks.capacity((size + 1) ** 4 * (2 + value.size), "The basis and the maps", 16)
    arrived, lost = _embedding(size)
    stack = arrived.reshape(*arrived.shape, *(1,) * value.ndim) * value + lost.reshape(
        *lost.shape, *(1,) * value.ndim
    ) * (1 - value)
    return Channel._from_stack(stack, value.shape, (size,), (size + 1,))


def _embedding(dim: int) -> tuple[checks.Floats, checks.Floats]:
    """Return the transfer matrices of perfect arrival and of certain loss."""
    inner, outer = gell_mann(dim), gell_mann(dim + 1)
    arrived = np.einsum("iab,jba->ij", outer[:, :dim, :dim], inner).real / dim
    lost = np.zeros_like(arrived)
    lost[:, 0] = outer[:, dim, dim].real
    return arrived, lost


def _jumps(batch: checks.Dims, rows: int, cols: int, terms: list[tuple[int, int, int, Any]]) -> Channel:
    """Return the map with the Kraus operators whose entries (operator, row, column, value) are given."""
    count = 1 + max(term[0] for term in terms)
    kraus = np.zeros((*batch, count, rows, cols))
    for k, row, col, value in terms:
        kraus[..., k, row, col] = value
    return Channel.from_kraus(kraus, cols, rows)


def polarization_dependent_loss(*, horizontal: ArrayLike, vertical: ArrayLike) -> Channel:
    """Return the map from a polarization qubit to a qutrit whose last level means "lost", H and V being lost unequally.

    Both transmissivities in [0, 1]. Given arrival the qubit is filtered by diag(√horizontal, √vertical): the
    probability of arrival depends on the state.

    >>> polarization_dependent_loss(horizontal=1.0, vertical=0.5).dims_out
    (3,)
    """
    kept = {
        "horizontal": checks.probability(horizontal, "horizontal"),
        "vertical": checks.probability(vertical, "vertical"),
    }
    batch = checks.broadcast_parameters(kept)
    h, v = kept.values()
    terms = [(0, 0, 0, np.sqrt(h)), (0, 1, 1, np.sqrt(v)), (1, 2, 0, np.sqrt(1 - h)), (2, 2, 1, np.sqrt(1 - v))]
    return _jumps(batch, 3, 2, terms)


def leakage(*, probability: ArrayLike, seepage: ArrayLike = 0.0) -> Channel:
    """Return incoherent leakage of a qutrit from level 1 to level 2 with this probability, and seepage back.

    Both in [0, 1]. Averaged over the qubit's states the leakage rate is half the probability
    (Wood and Gambetta, PRA 97, 032306 (2018)).

    >>> leakage(probability=0.1).is_trace_preserving().item()
    True
    """
    rates = {
        "probability": checks.probability(probability, "probability"),
        "seepage": checks.probability(seepage, "seepage"),
    }
    batch = checks.broadcast_parameters(rates)
    out, back = rates.values()
    terms = [(0, 0, 0, np.float64(1.0)), (0, 1, 1, np.sqrt(1 - out)), (0, 2, 2, np.sqrt(1 - back)),
             (1, 2, 1, np.sqrt(out)), (2, 1, 2, np.sqrt(back))]  # fmt: skip
    return _jumps(batch, 3, 3, terms)


def photon_loss(*, transmissivity: ArrayLike, max_photons: int) -> Channel:
    """Return the loss of photons of one mode, cut off above ``max_photons``: exact, as loss only lowers their number.

    Each photon survives with probability ``transmissivity``; coherent states keep their shape,
    ``|α> -> |√η α>``. Two stretches compose by multiplying transmissivities.

    Parameters
    ----------
    transmissivity : array_like
        In [0, 1].
    max_photons : int
        From 1 on; the mode has dimension ``max_photons + 1``.

    Examples
    --------
    >>> photon_loss(transmissivity=0.6, max_photons=3).dims_in
    (4,)
    """
    value = checks.probability(transmissivity, "transmissivity")
    size = checks.integer(max_photons, "max_photons", 1) + 1
    checks.capacity(3 * size**4 * value.size, "The maps of the mode", 16)
    return _jumps(value.shape, size, size, _lost_photons(value, size))


def _lost_photons(value: checks.Floats, size: int) -> list[tuple[int, int, int, Any]]:
    """Return the entries <n - k|A_k|n> of the Kraus operators that lose k photons."""
    return [
        (k, n - k, n, np.sqrt(comb(n, k) * value ** (n - k) * (1 - value) ** k))
        for n in range(size)
        for k in range(n + 1)
    ]


def thermal_loss(*, transmissivity: ArrayLike, mean_photons: ArrayLike, max_photons: int) -> Channel:
    """Return the loss of photons of a mode into a thermal bath, which also adds some.

    The mean number goes to ``η n + (1 - η) mean_photons``: loss followed by an amplifier of gain
    ``1 + (1 - η) mean_photons``. Every output up to ``max_photons`` is exact; what is raised above is cut off, and
    shows as trace that is missing.

    >>> noisy = thermal_loss(transmissivity=0.5, mean_photons=0.1, max_photons=6)
    >>> (1 - noisy.transfer[0, 0]).round(6).item()  # lost to the cutoff, averaged over all inputs
    0.001278
    """
    value = checks.probability(transmissivity, "transmissivity")
    noise = checks.real(mean_photons, "mean_photons", low=0.0)
    batch = checks.broadcast_parameters({"transmissivity": value, "mean_photons": noise})
    size = checks.integer(max_photons, "max_photons", 1) + 1
    checks.capacity(6 * size**4 * max(1, int(np.prod(batch))), "The maps of the mode", 16)
    gain = np.broadcast_to(1 + (1 - value) * noise, batch)
    lost = _jumps(batch, size, size, _lost_photons(np.asarray(value / gain), size))
    return lost.then(_jumps(batch, size, size, _added_photons(gain, size)))


def _added_photons(gain: checks.Floats, size: int) -> list[tuple[int, int, int, Any]]:
    """Return the entries <n + k|B_k|n> of the Kraus operators of an amplifier that add k photons."""
    return [
        (k, n + k, n, np.sqrt(comb(n + k, k) * (1 - 1 / gain) ** k / gain ** (n + 1)))
        for n in range(size)
        for k in range(size - n)
    ]
