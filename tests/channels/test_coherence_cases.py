"""Dephasing that is not exponential, or shared, gives the tabulated numbers."""

import numpy as np
from channels.case_tables import CaseTable
from scipy.optimize import brentq

from qnet_channels import (
    collective_dephasing,
    decoupled_coherence,
    gaussian_dephasing,
    spectral_std,
    t2_star_from_detuning,
    t2_star_from_linewidth,
)
from qnet_core import bell_state, ghz_state, ket

CASES = CaseTable("coherence.toml", digits=12)


def coherence(channel):
    """What the channel leaves of <X>, and must leave of <Y>."""
    along_x, along_y = np.diagonal(channel.transfer)[1:3]
    assert along_x == along_y
    return along_x


def left_of(rho, row, column, **noise):
    """What shared noise leaves of a coherence of 1/2."""
    size = rho.num_subsystems
    return 2 * rho.apply(collective_dephasing(num_qubits=size, **noise), range(size)).matrix[row, column].real


@CASES.check
def stretched_decay(duration_s, t2_s, exponents):
    channels = [gaussian_dephasing(duration_s=duration_s, t2_star_s=t2_s, exponent=n) for n in exponents]
    return {"coherences": [coherence(channel) for channel in channels]}


@CASES.check
def two_waits(duration_s, t2_star_s):
    fresh, later = (
        gaussian_dephasing(duration_s=duration_s, t2_star_s=t2_star_s, age_s=age_s) for age_s in (0.0, duration_s)
    )
    return {
        "refocused_between": coherence(fresh.then(fresh)),
        "continued": coherence(fresh.then(later)),
        "second_wait": coherence(later),
    }


@CASES.check
def quasi_static_detuning(std_rad_per_us, duration_us):
    std_rad_per_s = 1e6 * std_rad_per_us
    t2_star_s = t2_star_from_detuning(detuning_std_rad_per_s=std_rad_per_s)
    fwhm_hz = std_rad_per_s / spectral_std(fwhm_hz=1.0)
    return {
        "t2_star_us": 1e6 * t2_star_s,
        "coherence": coherence(gaussian_dephasing(duration_s=1e-6 * duration_us, t2_star_s=t2_star_s)),
        "fwhm_mhz": 1e-6 * fwhm_hz,
        "t2_star_of_fwhm_us": 1e6 * t2_star_from_linewidth(fwhm_hz=fwhm_hz),
    }


@CASES.check
def ornstein_uhlenbeck_noise(duration_s, detuning_std_rad_per_s, correlation_time_s, pulses):
    def left(num_pulses):
        return decoupled_coherence(
            duration_s=duration_s,
            detuning_std_rad_per_s=detuning_std_rad_per_s,
            correlation_time_s=correlation_time_s,
            num_pulses=num_pulses,
        )

    slow_t2_s = np.cbrt(12 * correlation_time_s / detuning_std_rad_per_s**2)
    return {
        "free": left(0),
        "echo": left(1),
        "echo_in_slow_bath": coherence(gaussian_dephasing(duration_s=duration_s, t2_star_s=slow_t2_s, exponent=3)),
        "decoupled": [left(count) for count in pulses],
    }


def one_over_e_time(detuning_std_rad_per_s, correlation_time_s, num_pulses):
    def excess(duration_s):
        left = decoupled_coherence(
            duration_s=duration_s,
            detuning_std_rad_per_s=detuning_std_rad_per_s,
            correlation_time_s=correlation_time_s,
            num_pulses=num_pulses,
        )
        return left - np.exp(-1)

    return brentq(excess, 1.0, 400.0, xtol=1e-13, rtol=1e-14)


@CASES.check
def coherence_time_under_pulses(detuning_std_rad_per_s, correlation_time_s, pulses):
    times = [one_over_e_time(detuning_std_rad_per_s, correlation_time_s, count) for count in pulses]
    # A bath that is slower still, with the same b**2 / tau, has its 1/e time where the formula says.
    slow = np.cbrt(12 * correlation_time_s / detuning_std_rad_per_s**2)
    slower = one_over_e_time(1e2 * detuning_std_rad_per_s, 1e4 * correlation_time_s, 1)
    np.testing.assert_allclose(slower, slow, rtol=1e-6)
    return {"t2_s": times, "last_slope": np.log2(times[-1] / times[-2]), "slow_bath_t2_s": slow}


@CASES.check
def shared_quasi_static_detuning(duration_s, t2_star_s):
    noise = {"duration_s": duration_s, "t2_s": t2_star_s, "exponent": 2}
    return {
        "single_coherence": left_of(ket("+"), 0, 1, **noise),
        "phi_coherence": left_of(bell_state("phi+"), 0, 3, **noise),
        "ghz4_coherence": left_of(ghz_state(4), 0, 15, **noise),
        "rotated_at_random": coherence(gaussian_dephasing(duration_s=duration_s, t2_star_s=t2_star_s / np.sqrt(2))),
    }


@CASES.check
def partly_shared_noise(duration_s, t2_s, correlation):
    noise = {"duration_s": duration_s, "t2_s": t2_s, "correlation": correlation}
    return {
        "phi_coherence": left_of(bell_state("phi+"), 0, 3, **noise),
        "psi_coherence": left_of(bell_state("psi+"), 1, 2, **noise),
    }


@CASES.parametrize
def test_coherence_case(case):
    CASES.assert_case(case)


def test_no_check_without_case():
    CASES.assert_all_used()
