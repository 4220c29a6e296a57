"""Detectors give the tabulated numbers."""

import numpy as np
from channels.case_tables import CaseTable

from qnet_channels import Detector
from qnet_core import pure_state

CASES = CaseTable("detection.toml", digits=12)


@CASES.check
def dark_counts(dark_count_rate_hz, window_s):
    detector = Detector(dark_count_rate_hz=dark_count_rate_hz, window_s=window_s)
    return {
        "probability_ppb": 1e9 * detector.dark_count_probability,
        "mean_number_ppb": 1e9 * detector.dark_count_rate_hz * detector.window_s,
    }


@CASES.check
def clicks(efficiency, dark_count_probability, mean_photons):
    detector = Detector(efficiency, dark_count_rate_hz=-np.log1p(-dark_count_probability), window_s=1.0)
    instrument = detector.instrument(2)
    measured = [instrument.probabilities(pure_state(level, 3), 0)[1] for level in np.eye(3)]
    np.testing.assert_allclose(detector.outcome_probabilities(2)[1], measured, rtol=1e-13)
    np.testing.assert_allclose(detector.click_probability(np.arange(3), "fock"), measured, rtol=1e-12)
    return {
        "number_states": measured,
        "coherent": detector.click_probability(mean_photons, "coherent"),
        "thermal": detector.click_probability(mean_photons, "thermal"),
    }


@CASES.check
def dead_time(dead_time_s, true_rate_hz):
    detector = Detector(dead_time_s=dead_time_s)
    return {
        "measured_rate_hz": detector.measured_rate_hz(true_rate_hz),
        "paralyzable_rate_hz": detector.measured_rate_hz(true_rate_hz, paralyzable=True),
    }


@CASES.parametrize
def test_detection_case(case):
    CASES.assert_case(case)


def test_no_check_without_case():
    CASES.assert_all_used()
