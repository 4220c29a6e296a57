"""Continuous-variable key distribution with Gaussian modulation and homodyne detection (GG02)."""

import math
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from qnet_core import _checks as checks

__all__ = ["GaussianKeyRate", "gg02"]

Floats = checks.Floats


class GaussianKeyRate(NamedTuple):
    """Secret key from Gaussian modulation in the limit of long keys; all fields have the shape of the batch.

    Attributes
    ----------
    secret_fraction, rate_hz : ndarray
        Secret bits per pulse (0 where there is no key) and per second.
    mutual_information, holevo_information : ndarray
        What the receiver shares with the sender, and with Eve; bits per pulse.
    balance : ndarray
        ``secret_fraction`` before the cut at 0.
    """

    secret_fraction: Floats
    rate_hz: Floats
    mutual_information: Floats
    holevo_information: Floats
    balance: Floats


def gg02(
    *, transmissivity: ArrayLike, modulation_variance: ArrayLike, excess_noise: ArrayLike = 0.0,
    efficiency: ArrayLike = 1.0, electronic_noise: ArrayLike = 0.0, reconciliation_fraction: ArrayLike = 0.95,
    repetition_rate_hz: ArrayLike = 1.0,
) -> GaussianKeyRate:  # fmt: skip
    """Return the key rate of GG02 with homodyne detection and reverse reconciliation, ``β I_AB - χ_BE``.

    Secure against collective attacks in the limit of long keys, with a detector that Eve can neither touch nor see.
    Noise is in units of shot noise, and excess noise counts where the light enters the channel. Variances of a
    quadrature are 1 for the vacuum.

    Parameters
    ----------
    transmissivity : array_like
        Of the channel alone.
    modulation_variance : array_like
        V_A, twice the mean number of photons.
    excess_noise : array_like
        ξ at the channel's input.
    efficiency, electronic_noise : array_like
        Of the detector, in (0, 1], and the noise that its electronics add.
    reconciliation_fraction : array_like
        β, the share of the mutual information that reconciliation keeps, at most 1. (For bits it is the other way
        round: ``reconciliation_efficiency`` there is at least 1.)
    repetition_rate_hz : array_like
        Pulses per second.

    References
    ----------
    Grosshans and Grangier, PRL 88, 057902 (2002); Lodewyck et al., PRA 76, 042305 (2007).

    Examples
    --------
    >>> key = gg02(transmissivity=0.1, modulation_variance=5.0, excess_noise=[0.01, 0.2], efficiency=0.6,
    ...            electronic_noise=0.1)
    >>> key.secret_fraction.round(9).tolist()
    [0.021072716, 0.0]
    """
    found = {
        "transmissivity": checks.probability(transmissivity, "transmissivity"),
        "modulation_variance": checks.real(modulation_variance, "modulation_variance", low=0.0),
        "excess_noise": checks.real(excess_noise, "excess_noise", low=0.0),
        "efficiency": checks.real(efficiency, "efficiency", low=0.0, high=1.0, open_low=True),
        "electronic_noise": checks.real(electronic_noise, "electronic_noise", low=0.0),
        "reconciliation_fraction": checks.probability(reconciliation_fraction, "reconciliation_fraction"),
        "repetition_rate_hz": checks.real(repetition_rate_hz, "repetition_rate_hz", low=0.0),
    }
    checks.broadcast_parameters(found)
    shared, stolen = _informations(found)
    balance = found["reconciliation_fraction"] * shared - stolen
    fraction = np.maximum(0, balance)
    fields = (fraction, fraction * found["repetition_rate_hz"], shared, stolen, balance)
    return GaussianKeyRate(*(checks.plain(field) for field in np.broadcast_arrays(*fields)))


def _informations(found: Mapping[str, Floats]) -> tuple[Floats, Floats]:
    """Return I_AB and χ_BE. In place of noise referred to the input stands noise at the output, finite for no light.

    Symplectic eigenvalues λ are found as x = λ² - 1, by their sum and product before and after the measurement; these are
    sums of positive terms, so that a weak or a distant signal keeps its digits.
    """
    eta, sent = found["transmissivity"], found["modulation_variance"]
    noise, lost = eta * found["excess_noise"], sent * (1 - eta)
    detector = (1 - found["efficiency"] + found["electronic_noise"]) / found["efficiency"]
    shared = np.log1p(eta * sent / (1 + noise + detector)) / (2 * math.log(2))
    seen = 1 + eta * sent + noise + detector
    root = lost + noise * (1 + sent)  # √B - 1
    gap = lost - noise  # V less the variance that arrives
    first = gap**2 + 2 * root, noise * (2 + sent) * (2 * lost + sent * noise)
    second = (first[0] * detector + 2 * lost + sent * noise + sent * root) / seen, first[1] * detector / seen
    before = _entropy(*first, np.abs(gap) * np.sqrt(gap**2 + 4 * root + 4))
    after = _entropy(*second, np.sqrt(np.maximum(0, second[0] ** 2 - 4 * second[1])))
    return checks.plain(shared), checks.plain(np.where(shared > 0, np.maximum(0, before - after), 0))


def _entropy(total: Floats, product: Floats, difference: Floats) -> Floats:
    """Return the entropy of two modes by sum, product and difference of their λ² - 1."""
    large = (total + difference) / 2
    small = product / np.where(large > 0, large, 1)
    return checks.plain(_thermal(large) + _thermal(small))


def _thermal(excess: Floats) -> Floats:
    """Return the entropy in bits of a mode: that of a thermal state with (λ - 1)/2 photons; ``excess`` is λ² - 1."""
    photons = excess / (1 + np.sqrt(1 + excess)) / 2
    lit = photons > 1e-300  # of fewer the inverse is not a number
    some = np.where(lit, photons, 1.0)
    return checks.plain(np.where(lit, (np.log1p(some) + some * np.log1p(1 / some)) / math.log(2), 0.0))
