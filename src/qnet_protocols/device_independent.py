"""Keys whose security rests on a Bell inequality: E91 and device-independent key distribution."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from qnet_channels.entropy import error_entropy
from qnet_core import DensityMatrix
from qnet_core import _checks as checks

from .key_rate import reconciliation
from .pairs import require_pair

__all__ = ["BellTest", "bell_test", "device_independent_key_fraction"]

Floats = checks.Floats
_TSIRELSON = 2 * math.sqrt(2)


class BellTest(NamedTuple):
    """What a test of the CHSH inequality shows.

    Attributes
    ----------
    chsh_value : ndarray
        S, up to 2√2; more than 2 is quantum.
    error_rate : ndarray
        Share of different bits in the settings of the key.
    """

    chsh_value: Floats
    error_rate: Floats


def bell_test(state: DensityMatrix, *, efficiency: ArrayLike = 1.0) -> BellTest:
    """Return CHSH value and error rate of a pair with the settings that are best for it and for ideal detectors.

    One side has three settings: two for the test, and one for the key along the other side's first. With the singular
    values t1 >= t2 of the correlation matrix, ``S = 2 √(t1² + t2²)`` and ``Q = (1 - t1)/2``. A detector that
    does not click counts as one fixed outcome (no event may be left out, or Eve picks them):
    ``η² S + 2 (1 - η)²`` and ``η² Q + η (1 - η)``. Both sides flip their outcomes together at random, so that the bits are even.

    Parameters
    ----------
    state : DensityMatrix
        Two qubits.
    efficiency : array_like
        η, from the pair to a click, on either side.

    References
    ----------
    Horodecki, Phys. Lett. A 200, 340 (1995); Pironio et al., New J. Phys. 11, 045021 (2009).

    Examples
    --------
    >>> from qnet_core import bell_state
    >>> test = bell_test(bell_state("phi+"), efficiency=0.95)
    >>> [value.round(9).item() for value in test]
    [2.55765548, 0.0475]
    """
    clicked = checks.probability(efficiency, "efficiency")
    pair = require_pair(state)
    checks.broadcast(state=pair.batch_shape, efficiency=clicked.shape)
    bloch = pair.bloch[..., 1:, 1:]
    sizes = np.linalg.svd(np.nan_to_num(bloch), compute_uv=False) + 0 * bloch[..., 0]
    value, error = 2 * np.hypot(sizes[..., 0], sizes[..., 1]), (1 - sizes[..., 0]) / 2
    missed = 1 - clicked
    return BellTest(
        checks.plain(clicked**2 * value + 2 * missed**2),
        checks.plain(clicked**2 * np.maximum(0, error) + clicked * missed),
    )


def ekert_test(state: DensityMatrix) -> BellTest:
    """Return CHSH value and error rate with the fixed settings of Ekert's protocol, for pairs near phi+.

    In the plane of Z and X one side measures along 0, 45 and 90 degrees, the other one along 45, 90 and 135: equal
    settings make key, and 0 and 90 with 45 and 135 the test.
    """
    both = {pauli: checks.plain(state.expect(pauli)) for pauli in ("XX", "ZZ", "XZ", "ZX")}
    along, across = both["XX"], (both["XX"] + both["ZZ"] + both["XZ"] + both["ZX"]) / 2
    return BellTest(checks.plain(math.sqrt(2) * (both["XX"] + both["ZZ"])), checks.plain((2 - along - across) / 4))


def device_independent_key_fraction(
    *, chsh_value: ArrayLike, error_rate: ArrayLike, reconciliation_efficiency: ArrayLike = 1.0
) -> Floats:  # fmt: skip
    """Return the secret bits per round of the key, ``1 - f h(Q) - h((1 + √((S/2)² - 1))/2)``, shape (...); 0 where S <= 2.

    Nothing is assumed of state and detectors, which Eve may have made; against collective attacks, for many
    rounds, and with one-way post-processing.

    Parameters
    ----------
    chsh_value : array_like
        S, at most 2√2.
    error_rate : array_like
        Q in [0, 1], all rounds counted.
    reconciliation_efficiency : array_like
        Bits told per bit of the Shannon limit, at least 1.

    References
    ----------
    Acín et al., PRL 98, 230501 (2007); Pironio et al., New J. Phys. 11, 045021 (2009).

    Examples
    --------
    >>> device_independent_key_fraction(chsh_value=[2.6, 2.1], error_rate=0.03).round(9).tolist()
    [0.387188073, 0.0]
    """
    found = {
        "chsh_value": checks.real(
            chsh_value, "chsh_value", low=-_TSIRELSON - checks.ATOL, high=_TSIRELSON + checks.ATOL
        ),
        "error_rate": checks.probability(error_rate, "error_rate"),
        "reconciliation_efficiency": reconciliation(reconciliation_efficiency),
    }
    checks.broadcast_parameters(found)
    return bell_fraction(*found.values())


def bell_fraction(value: Floats, error: Floats, efficiency: Floats) -> Floats:
    """Return the key fraction of checked numbers."""
    violation = np.clip((value / 2) ** 2 - 1, 0, 1)
    known = error_entropy((1 - np.sqrt(violation)) / 2)  # Eve's, of a bit
    fraction = 1 - efficiency * error_entropy(error) - known
    return checks.plain(np.where(value > 2, np.maximum(0, fraction), 0 * value))
