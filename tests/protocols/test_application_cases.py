"""Applications give the tabulated numbers."""

import numpy as np
from channels.case_tables import CaseTable

from qnet_channels import Memory, amplitude_damping, dephasing, depolarizing, single_click_link
from qnet_core import (
    DensityMatrix,
    bell_diagonal_state,
    bell_state,
    fidelity,
    ghz_state,
    maximally_mixed_state,
    werner_state,
)
from qnet_protocols import (
    NetworkLink,
    best_route,
    chsh_probability,
    conference_errors,
    conference_key_fraction,
    optimal_probe_time,
    phase_generator,
    quantum_fisher_information,
    routes,
    superdense_capacity,
)

CASES = CaseTable("applications.toml", digits=9)


def on_each(state, channel):
    return state.apply_each([channel] * state.num_subsystems)


def with_white_noise(num_qubits, visibility):
    mixed = maximally_mixed_state((2,) * num_qubits).matrix
    return DensityMatrix(visibility * ghz_state(num_qubits).matrix + (1 - visibility) * mixed)


@CASES.check
def dense_coding(fidelity, weights, mixing):
    return {
        "werner": superdense_capacity(werner_state(fidelity=fidelity)),
        "bell_diagonal": superdense_capacity(bell_diagonal_state(weights)),
        "depolarized": superdense_capacity(bell_state().apply(depolarizing(mixing=mixing), 0)),
    }


@CASES.check
def bell_tests(fidelity, weights, damping):
    pairs = {
        "werner": werner_state(fidelity=fidelity),
        "bell_diagonal": bell_diagonal_state(weights),
        "damped": bell_state().apply(amplitude_damping(damping=damping), 1),
    }
    return {name: 8 * chsh_probability(pair) - 4 for name, pair in pairs.items()}


@CASES.check
def bell_threshold(fidelity):
    return {"probability": chsh_probability(werner_state(fidelity=fidelity))}


@CASES.check
def fisher_information(dephased_3, dephased_4, mixed_4, damped_3):
    probes = {
        "dephased_3": on_each(ghz_state(3), dephasing(probability=dephased_3)),
        "dephased_4": on_each(ghz_state(4), dephasing(probability=dephased_4)),
        "mixed_4": with_white_noise(4, mixed_4),
        "damped_3": on_each(ghz_state(3), amplitude_damping(damping=damped_3)),
    }
    return {
        name: quantum_fisher_information(probe, phase_generator(probe.num_subsystems)) for name, probe in probes.items()
    }


@CASES.check
def conference_of_depolarized(num_qubits, mixing):
    state = on_each(ghz_state(num_qubits), depolarizing(mixing=mixing))
    errors = conference_errors(state)
    return {"x_error": errors.x_error, "z_errors": errors.z_errors, "fraction": conference_key_fraction(state)}


@CASES.check
def conference_of_white_noise(**given):
    return {"fraction": conference_key_fraction(with_white_noise(**given))}


@CASES.check
def single_click(**given):
    state, probability = single_click_link(**given)
    return {"probability": probability, "fidelity": fidelity(state, bell_state("phi+"))}


def best_probe(num_qubits, dephasing_rate_hz):
    return optimal_probe_time(num_qubits, memory=Memory(np.inf, 1 / dephasing_rate_hz))


@CASES.check
def probe_time(**given):
    return {"duration_s": best_probe(**given).duration_s}


@CASES.check
def probe_rate(num_qubits, dephasing_rate_hz):
    separate = num_qubits * best_probe(1, dephasing_rate_hz).information_rate
    return {"information_rate": best_probe(num_qubits, dephasing_rate_hz).information_rate, "of_separate": separate}


@CASES.check
def routing(links, source, target, ways):
    network = {tuple(name): NetworkLink(werner_state(fidelity=f), rate) for name, (f, rate) in links.items()}
    found = routes(network, source, target)
    by_fidelity, by_rate, by_key = (found[best_route(found, by)] for by in ("fidelity", "rate_hz", "key_rate_hz"))
    direct = next(route for route in found if len(route.nodes) == 2)
    return {
        "places": [ways.index("".join(route.nodes)) for route in (by_fidelity, by_rate, by_key)],
        "fidelity": by_fidelity.fidelity,
        "rate_hz": by_rate.rate_hz,
        "key_rate_hz": by_key.key_rate_hz,
        "direct_key_rate_hz": direct.key_rate_hz,
    }


@CASES.parametrize
def test_application_case(case):
    CASES.assert_case(case)


def test_no_check_without_case():
    CASES.assert_all_used()
