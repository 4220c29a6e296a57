"""Pair sources and the links that they make, and links by reflection, give the tabulated numbers."""

import numpy as np
from channels.case_tables import CaseTable

from qnet_channels.cavity import cavity_reflection_link, cavity_reflection_patterns, cavity_reflectivity
from qnet_channels.dlcz import dlcz_link
from qnet_channels.midpoint import midpoint_source_link
from qnet_channels.photonics import two_mode_squeezed_vacuum
from qnet_channels.spdc import coincidences, heralded_g2, pair_number_distribution
from qnet_core import bell_state, fidelity, werner_state

CASES = CaseTable("sources.toml", digits=12)


@CASES.check
def pair_numbers(mean_photons):
    rho = two_mode_squeezed_vacuum(mean_photons=mean_photons, max_photons=9).matrix.real
    ratio = rho[0, 11] / rho[0, 0]  # of |11> and |00>
    np.testing.assert_allclose(
        rho.diagonal()[::11][:3], pair_number_distribution(mean_photons=mean_photons, max_pairs=2)
    )
    return {
        "probabilities": pair_number_distribution(mean_photons=mean_photons, max_pairs=2),
        "amplitude_ratio": ratio,
        "squeezing": np.arctanh(ratio),
    }


@CASES.check
def threshold_statistics(mean_photons, transmissivity, dark_count_probability):
    found = coincidences(
        mean_photons=mean_photons,
        transmissivity=tuple(transmissivity),
        dark_count_probability=dark_count_probability,
    )
    weak = heralded_g2(mean_photons=1e-15, transmissivity=1e-15) / 1e-15
    return {
        **{name: getattr(found, name) for name in ("left", "right", "coincidence", "ratio", "heralding_left")},
        "heralded_g2": heralded_g2(mean_photons=mean_photons, transmissivity=transmissivity[0]),
        "weak_heralded_g2": weak * mean_photons,
    }


@CASES.check
def polarization_visibility(mean_photons, transmissivity, dark_count_probability):
    found = coincidences(
        mean_photons=mean_photons,
        transmissivity=tuple(transmissivity),
        dark_count_probability=dark_count_probability,
    )
    return {
        "correlated": found.coincidence,
        "uncorrelated": found.accidental,
        "visibility": found.visibility,
        "werner_fidelity": (1 + 3 * found.visibility) / 4,
        "weak_visibility": coincidences(mean_photons=mean_photons, transmissivity=1e-13).visibility,
    }


@CASES.check
def polarization_pairs(mean_photons):
    weights = pair_number_distribution(mean_photons=mean_photons, max_pairs=60, kind="polarization")
    return {"probabilities": weights[:3], "mean_pairs": weights @ np.arange(61)}


@CASES.check
def one_detector_of_dlcz(mean_photons, transmissivity, dark_count_probability):
    link = dlcz_link(
        mean_photons=mean_photons, transmissivity=transmissivity, dark_count_probability=dark_count_probability
    )
    psi = np.zeros(25)
    psi[[1, 5]] = np.sqrt(0.5)
    return {"probability": link.probability / 2, "fidelity": link.state.expect(np.outer(psi, psi))}


@CASES.check
def midpoint(transmissivity, false_herald_probability, werner_weight):
    link = midpoint_source_link(
        transmissivity=tuple(transmissivity),
        false_herald_probability=false_herald_probability,
        source_state=werner_state(fidelity=(1 + 3 * werner_weight) / 4),
    )
    return {"probability": link.probability, "fidelity": fidelity(link.state, bell_state())}


@CASES.check
def reflectivity(cooperativity, coupling_ratio):
    amplitudes = cavity_reflectivity(cooperativity=cooperativity, coupling_ratio=coupling_ratio)
    assert not amplitudes.imag.any()
    return {"amplitudes": amplitudes.real}


@CASES.check
def reflections(reflectivity_bright, reflectivity_dark):
    plus, minus = cavity_reflection_patterns(
        reflectivity_bright=reflectivity_bright, reflectivity_dark=reflectivity_dark
    )
    return {
        "plus_probability": plus.probability,
        "plus_fidelity": fidelity(plus.state, bell_state("phi+")),
        "minus_probability": minus.probability,
        "minus_fidelity": fidelity(minus.state, bell_state("phi-")),
        "ideal_probability": cavity_reflection_link(reflectivity_bright=1.0, reflectivity_dark=0.0).probability,
    }


@CASES.parametrize
def test_source_case(case):
    CASES.assert_case(case)


def test_no_check_without_case():
    CASES.assert_all_used()
