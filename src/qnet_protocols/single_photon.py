"""BB84 without decoys: single photons, or weak coherent pulses."""

import numpy as np
from numpy.typing import ArrayLike

from qnet_core import _checks as checks

from .key_rate import BackgroundModel, KeyRate, background, clicks, hardware, key_rate, require_model

__all__ = ["bb84"]


def bb84(
    *, transmissivity: ArrayLike, mean_photons: ArrayLike | None = None, dark_count_probability: ArrayLike = 0.0,
    background_yield: ArrayLike = 0.0, misalignment_error: ArrayLike = 0.0,
    reconciliation_efficiency: ArrayLike = 1.16, sifting_efficiency: ArrayLike = 0.5,
    repetition_rate_hz: ArrayLike = 1.0, background_model: BackgroundModel = "added",
) -> KeyRate:  # fmt: skip
    """Return the key rate of BB84 without decoys, in the limit of long keys.

    Single photons: ``q Q (1 - h(E) - f h(E))``. Coherent pulses with random phase: of all clicks, as many as there are
    pulses of several photons count as known to Eve (``Δ Q = 1 - (1 + μ) exp(-μ)``), and their lack of errors as
    well: ``q Q ((1 - Δ)(1 - h(E/(1 - Δ))) - f h(E))``. The best μ is about ``transmissivity``, so that the key
    falls with its square.

    Parameters
    ----------
    transmissivity : array_like
        From the sender to a click: channel, receiver and detectors.
    mean_photons : array_like, optional
        μ of a coherent pulse; single photons if not given.
    dark_count_probability, background_yield : array_like
        Of each of the two detectors, and of other light for the receiver as a whole; per pulse. Half of it is wrong.
    misalignment_error : array_like
        Probability in [0, 1/2] that a photon reaches the wrong detector.
    reconciliation_efficiency : array_like
        Bits told per bit of the Shannon limit, at least 1.
    sifting_efficiency : array_like
        1/2 for bases chosen evenly, near 1 if one of them is preferred.
    repetition_rate_hz : array_like
        Pulses per second.
    background_model : str
        "added", as in the papers, adds the probabilities of background and signal, up to 1; "independent" lets
        both happen at once.

    References
    ----------
    Gottesman, Lo, Lütkenhaus and Preskill (GLLP), Quantum Inf. Comput. 4, 325 (2004); Lütkenhaus, PRA 61, 052304 (2000).

    Examples
    --------
    >>> key = bb84(transmissivity=[1e-2, 1e-9], dark_count_probability=1e-6, misalignment_error=0.01)
    >>> key.secret_fraction.round(9).tolist(), key.error_rate.round(6).tolist()
    ([0.004121251, 0.0], [0.010098, 0.499755])
    """
    found = hardware(
        probabilities={
            "transmissivity": transmissivity,
            "dark_count_probability": dark_count_probability,
            "background_yield": background_yield,
        },
        means={} if mean_photons is None else {"mean_photons": mean_photons},
        misalignment_error=misalignment_error,
        reconciliation_efficiency=reconciliation_efficiency,
        sifting_efficiency=sifting_efficiency,
        repetition_rate_hz=repetition_rate_hz,
    )
    seen, several = found["transmissivity"], np.float64(0.0)
    if "mean_photons" in found:
        from scipy.special import gammainc  # slow to load

        seen = checks.plain(-np.expm1(-seen * found["mean_photons"]))
        several = gammainc(2, found["mean_photons"])  # 1 - (1 + μ) exp(-μ) without its cancellation
    empty = background(found["dark_count_probability"], found["background_yield"])
    require_model(background_model)
    gain, wrong = clicks(seen, empty, found["misalignment_error"], background_model)
    return key_rate(found, gain=gain, wrong=wrong, safe=gain - several, safe_wrong=wrong)
