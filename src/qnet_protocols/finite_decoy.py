"""Keys from blocks of finite length, by weak coherent pulses with two decoys."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from qnet_channels.entropy import error_entropy
from qnet_core import _checks as checks
from qnet_core.errors import DimensionError, ParameterError

from .finite import block, whole_bits
from .key_rate import BackgroundModel, at_most_half, background, clicks, ratio, require_model
from .linear_program import intensity_levels

__all__ = ["FiniteDecoyKey", "finite_decoy_bb84", "finite_decoy_key"]

Floats = checks.Floats
Three = Sequence[Floats]  # one for each intensity, strongest first


class FiniteDecoyKey(NamedTuple):
    """A key from one block of pulses with decoys; all fields have the shape of the batch.

    Attributes
    ----------
    key_length : ndarray
        Secret bits, a whole number; 0 where the block is too short or too noisy.
    balance : ndarray
        The same before rounding and before the cut at 0.
    vacuum_events, single_photon_events : ndarray
        Of the sifted bits of the key at least so many came from no photon, and from one.
    test_events, test_errors : ndarray
        Of the sifted bits of the test at least so many came from one photon, and at most so many of these are wrong.
    phase_error_rate : ndarray
        The most errors that the single photons of the key would have shown in the other basis, at most 1/2.
    """

    key_length: Floats
    balance: Floats
    vacuum_events: Floats
    single_photon_events: Floats
    test_events: Floats
    test_errors: Floats
    phase_error_rate: Floats


def finite_decoy_key(
    *, intensities: Sequence[ArrayLike], intensity_probabilities: Sequence[ArrayLike],
    key_counts: Sequence[ArrayLike], key_errors: Sequence[ArrayLike],
    test_counts: Sequence[ArrayLike], test_errors: Sequence[ArrayLike],
    reconciliation_efficiency: ArrayLike = 1.16, epsilon_secrecy: ArrayLike = 1e-9,
    epsilon_correctness: ArrayLike = 1e-15,
) -> FiniteDecoyKey:  # fmt: skip
    """Return the length of a key from a finite block of pulses of three intensities, against any attack.

    ``l = s_0 + s_1 (1 - h(φ)) - f n h(E) - 6 log2(21/ε_sec) - log2(2/ε_cor)``, rounded down. All intensities make key.
    Each count is known up to ``√(n/2 ln(21/ε_sec))`` (Hoeffding), and a lower bound below 0 is 0.

    Parameters
    ----------
    intensities : sequence of three array_like
        μ1 > μ2 + μ3 and μ2 > μ3; 0 for the last one is vacuum.
    intensity_probabilities : sequence of three array_like
        How often each is sent; their sum is 1.
    key_counts, key_errors, test_counts, test_errors : sequences of three array_like
        Sifted bits of each intensity in the basis of the key and in the other one, and how many of them are wrong.
    reconciliation_efficiency, epsilon_secrecy, epsilon_correctness : array_like
        As in ``finite_key``.

    References
    ----------
    Lim, Curty, Walenta, Xu and Zbinden, PRA 89, 022307 (2014).

    Examples
    --------
    >>> key = finite_decoy_key(
    ...     intensities=(0.5, 0.1, 2e-4), intensity_probabilities=(0.6, 0.25, 0.15),
    ...     key_counts=(6e6, 5e5, 6e4), key_errors=(6e4, 6e3, 6e3),
    ...     test_counts=(6e5, 6e4, 2e4), test_errors=(6e3, 900, 700))
    >>> key.key_length.item(), key.phase_error_rate.round(9).item()
    (1409131.0, 0.061298492)
    """
    levels, shares = _sources(intensities, intensity_probabilities)
    counted = {
        "key_counts": key_counts,
        "key_errors": key_errors,
        "test_counts": test_counts,
        "test_errors": test_errors,
    }
    counts = {name: _counts(values, name) for name, values in counted.items()}
    for basis in ("key", "test"):
        for k, (wrong, all_bits) in enumerate(zip(counts[f"{basis}_errors"], counts[f"{basis}_counts"], strict=True)):
            checks.broadcast_parameters({f"{basis}_errors[{k}]": wrong, f"{basis}_counts[{k}]": all_bits})
            if (wrong > all_bits).any():
                raise ParameterError(
                    f"Parameter `{basis}_errors[{k}]` must be at most {basis}_counts[{k}], but is more."
                )
    rest = block(
        reconciliation_efficiency=reconciliation_efficiency,
        epsilon_secrecy=epsilon_secrecy,
        epsilon_correctness=epsilon_correctness,
    )
    each = {"intensities": levels, "intensity_probabilities": shares, **counts}
    checks.broadcast_parameters({f"{name}[{k}]": v for name, three in each.items() for k, v in enumerate(three)} | rest)
    return _key(_Sources(levels, shares), list(counts.values()), *rest.values())


def _sources(intensities: Sequence[ArrayLike], probabilities: Sequence[ArrayLike]) -> tuple[Three, Three]:
    """Return three intensities and how often they are sent."""
    levels, shares = intensity_levels(intensities), _counts(probabilities, "intensity_probabilities", high=1.0)
    if len(levels) != 3:
        raise DimensionError(f"Parameter `intensities` must hold three intensities, but holds {len(levels)}.")
    named = {"intensities": levels, "intensity_probabilities": shares}
    checks.broadcast_parameters({f"{name}[{k}]": v for name, three in named.items() for k, v in enumerate(three)})
    if (levels[0] <= levels[1] + levels[2]).any():
        raise ParameterError("Parameter `intensities` must have a signal greater than the sum of its two decoys.")
    if any((share == 0).any() for share in shares) or (np.abs(sum(shares) - 1) > checks.ATOL).any():
        raise ParameterError("Parameter `intensity_probabilities` must hold numbers greater than 0 with the sum 1.")
    return levels, shares


def _counts(values: Sequence[ArrayLike], name: str, high: float = math.inf) -> Three:
    if not isinstance(values, Sequence | np.ndarray) or len(values) != 3:
        raise DimensionError(
            f"Parameter `{name}` must hold one value for each of three intensities, but is {values!r:.80}."
        )
    return [checks.real(value, f"{name}[{k}]", low=0.0, high=high) for k, value in enumerate(values)]


class _Sources:
    """Three intensities, and what counts of their pulses tell of pulses with no photon and with one."""

    def __init__(self, levels: Three, shares: Three) -> None:
        self.levels = levels
        self.weights = [np.exp(level) / share for level, share in zip(levels, shares, strict=True)]
        pairs = list(zip(levels, shares, strict=True))
        self.vacuum = sum(share * np.exp(-level) for level, share in pairs)
        self.single = sum(share * level * np.exp(-level) for level, share in pairs)

    def bounds(self, counts: Three, secrecy: Floats) -> tuple[Three, Three]:
        """Return the least and the most that would be counted if all pulses were of one intensity, times exp(k)."""
        spread = np.sqrt(sum(counts) / 2 * np.log(21 / secrecy))
        paired = list(zip(self.weights, counts, strict=True))
        low = [np.maximum(0, weight * (count - spread)) for weight, count in paired]
        return low, [weight * (count + spread) for weight, count in paired]

    def events(self, counts: Three, secrecy: Floats) -> tuple[Floats, Floats]:
        """Return how many counts came at least from no photon, and from one; the second may be negative."""
        strong, decoy, weak = self.levels
        low, high = self.bounds(counts, secrecy)
        empty = np.maximum(0, self.vacuum * (decoy * low[2] - weak * high[1]) / (decoy - weak))
        others = (decoy**2 - weak**2) / strong**2 * (high[0] - empty / self.vacuum)
        single = self.single * strong * (low[1] - high[2] - others) / ((decoy - weak) * (strong - decoy - weak))
        return checks.plain(empty), checks.plain(single)

    def errors(self, errors: Three, secrecy: Floats) -> Floats:
        """Return how many errors came at most from single photons."""
        low, high = self.bounds(errors, secrecy)
        return checks.plain(np.maximum(0, self.single * (high[1] - low[2]) / (self.levels[1] - self.levels[2])))


def finite_decoy_bb84(
    *, num_pulses: ArrayLike, intensities: Sequence[ArrayLike], intensity_probabilities: Sequence[ArrayLike],
    key_basis_probability: ArrayLike, transmissivity: ArrayLike, dark_count_probability: ArrayLike = 0.0,
    background_yield: ArrayLike = 0.0, misalignment_error: ArrayLike = 0.0,
    reconciliation_efficiency: ArrayLike = 1.16, epsilon_secrecy: ArrayLike = 1e-9,
    epsilon_correctness: ArrayLike = 1e-15, background_model: BackgroundModel = "added",
) -> FiniteDecoyKey:  # fmt: skip
    """Return the length of the key that decoy BB84 is expected to give from a finite number of pulses.

    Both ends choose the basis of the key with the same probability p: ``p²`` of the clicks make key, ``(1 - p)²`` are
    the test. Counts are as expected, and not rounded. For the best intensities and probabilities see ``best_settings``.

    Parameters
    ----------
    num_pulses, key_basis_probability : array_like
        Pulses sent, and p.
    intensities, intensity_probabilities : sequences of three array_like
        As in ``finite_decoy_key``.
    transmissivity, dark_count_probability, background_yield, misalignment_error, background_model
        As in ``bb84``.
    reconciliation_efficiency, epsilon_secrecy, epsilon_correctness : array_like
        As in ``finite_key``.

    Examples
    --------
    >>> finite_decoy_bb84(num_pulses=[1e7, 1e10], intensities=(0.5, 0.1, 2e-4), intensity_probabilities=(0.7, 0.2, 0.1),
    ...                   key_basis_probability=0.9, transmissivity=0.01, background_yield=1e-6,
    ...                   misalignment_error=0.01).key_length.tolist()
    [0.0, 9719179.0]
    """
    levels, shares = _sources(intensities, intensity_probabilities)
    found = block(
        num_pulses=num_pulses,
        key_basis_probability=key_basis_probability,
        transmissivity=transmissivity,
        dark_count_probability=dark_count_probability,
        background_yield=background_yield,
        misalignment_error=misalignment_error,
        reconciliation_efficiency=reconciliation_efficiency,
        epsilon_secrecy=epsilon_secrecy,
        epsilon_correctness=epsilon_correctness,
    )
    sent = {f"intensities[{k}]": level for k, level in enumerate(levels)}
    checks.broadcast_parameters(
        found | sent | {f"intensity_probabilities[{k}]": share for k, share in enumerate(shares)}
    )
    pulses, chosen, eta, dark, light, misalignment, *rest = found.values()
    empty = background(dark, light)
    require_model(background_model)
    observed = [clicks(checks.plain(-np.expm1(-eta * k)), empty, misalignment, background_model) for k in levels]
    key, test = pulses * chosen**2, pulses * (1 - chosen) ** 2
    counts = [
        [times * share * one[k] for share, one in zip(shares, observed, strict=True)]
        for times in (key, test)
        for k in (0, 1)
    ]
    return _key(_Sources(levels, shares), counts, *rest)


def _key(
    sources: _Sources, counts: Sequence[Three], efficiency: Floats, secrecy: Floats, correctness: Floats
) -> FiniteDecoyKey:  # fmt: skip
    """Return the key by bits and errors of the key, and bits and errors of the test."""
    key_counts, key_errors, test_counts, test_errors = counts
    empty, single = sources.events(key_counts, secrecy)
    tested = sources.events(test_counts, secrecy)[1]
    wrong = sources.errors(test_errors, secrecy)
    phase = _phase_error_rate(wrong, tested, single, secrecy)
    total = checks.plain(sum(key_counts))
    leak = efficiency * total * error_entropy(ratio(checks.plain(sum(key_errors)), total))
    cost = 6 * np.log2(21 / secrecy) + 1 - np.log2(correctness)
    balance = empty + single * np.where(single > 0, 1 - error_entropy(phase), 1) - leak - cost
    fields = (whole_bits(balance), balance, empty, np.maximum(0, single), np.maximum(0, tested), wrong, phase)
    return FiniteDecoyKey(*(checks.plain(field) for field in np.broadcast_arrays(*fields)))


def _phase_error_rate(wrong: Floats, tested: Floats, single: Floats, secrecy: Floats) -> Floats:
    """Return the rate of the test with what a sample without replacement may miss, 1/2 where nothing is known."""
    rate = at_most_half(wrong, tested)
    known = (rate > 0) & (rate < 0.5) & (single > 0)
    b, c, d = np.where(known, rate, 0.25), np.where(known, tested, 1.0), np.where(known, single, 1.0)
    variance = (c + d) * (1 - b) * b / (c * d * math.log(2))
    missed = np.log2((c + d) / (c * d * (1 - b) * b) * (21 / secrecy) ** 2)
    found = np.minimum(0.5, b + np.sqrt(variance * np.maximum(0, missed)))
    return checks.plain(np.where(known, found, np.where((rate == 0) & (single > 0), 0.0, 0.5)))
