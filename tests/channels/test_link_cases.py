"""Heralded links give the tabulated numbers."""

import numpy as np
from channels.case_tables import CaseTable, parts

from qnet_channels import double_click_link, single_click_link
from qnet_core import bell_state, fidelity

CASES = CaseTable("links.toml", digits=12)
PSI = bell_state("psi+")


def both_arms(given, *names):
    """The same inputs with lists of two as (left, right)."""
    return {name: tuple(value) if name in names else value for name, value in given.items()}


@CASES.check
def single_click(**given):
    state, probability = single_click_link(**both_arms(given, "bright_population", "transmissivity"), target="psi+")
    rho = state.matrix
    populations = dict(zip(("rho00", "rho01", "rho10", "rho11"), np.diagonal(rho).real, strict=True))
    return {
        "probability": probability,
        "fidelity": fidelity(state, PSI),
        "coherence": parts(rho[2, 1]),
        **populations,
    }


@CASES.check
def double_click(**given):
    state, probability = double_click_link(**both_arms(given, "transmissivity"), target="psi+")
    rho = state.matrix.real
    np.testing.assert_allclose([rho[3, 3], rho[2, 2]], [rho[0, 0], rho[1, 1]], atol=1e-15)
    return {
        "probability": probability,
        "fidelity": fidelity(state, PSI),
        "rho00": rho[0, 0],
        "rho01": rho[1, 1],
        "coherence": rho[1, 2],
    }


@CASES.check
def single_click_phase_noise(bright_population, transmissivity, phase_std_rad):
    link = single_click_link(
        bright_population=bright_population, transmissivity=transmissivity, phase_std_rad=phase_std_rad
    )
    return {"fidelity": fidelity(link.state, bell_state("phi+"))}


@CASES.check
def single_click_over_bright_population(bright_population, transmissivity, dark_count_probability):
    link = single_click_link(
        bright_population=np.array(bright_population),
        transmissivity=transmissivity,
        dark_count_probability=dark_count_probability,
        target="psi-",
    )
    return {"fidelity": fidelity(link.state, bell_state("psi-"))}


@CASES.check
def single_click_balanced(bright_population, transmissivity):
    link = single_click_link(bright_population=tuple(bright_population), transmissivity=tuple(transmissivity))
    return {"fidelity": fidelity(link.state, bell_state("phi+")), "probability": link.probability}


@CASES.check
def double_click_photons(transmissivity, dark_count_probability):
    link = double_click_link(transmissivity=transmissivity, dark_count_probability=dark_count_probability)
    return {"fidelity": fidelity(link.state, bell_state("phi+")), "probability": link.probability}


@CASES.parametrize
def test_link_case(case):
    CASES.assert_case(case)


def test_no_check_without_case():
    CASES.assert_all_used()
