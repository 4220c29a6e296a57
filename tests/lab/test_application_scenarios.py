"""Scenarios of applications: closed forms of known states, plain density matrices, and what a protocol does not take."""

from itertools import product

import numpy as np
import pytest
from lab.figure_texts import outside, overlapping, shown_texts
from lab.pair_files import PAIRS, computed, file_of

from qnet_channels import Memory
from qnet_core import fidelity
from qnet_lab import ScenarioError, load_scenario, plot_overview
from qnet_lab.applications import APPLICATIONS, FIGURES, resource_of
from qnet_lab.evaluation import summarize
from qnet_lab.ghz_sources import GHZ_SOURCES
from qnet_protocols import blind_computation

KIND = {"kind": '"application"', "title": '"case"'}
WERNER = PAIRS | KIND
FIDELITY = np.array([0.8, 0.9, 1.0])
GHZ = KIND | {"ghz.method": '"white-noise"', "ghz.num_nodes": "4", "ghz.fidelity": "[0.7, 0.85, 1.0]"}
KEPT = (np.array([0.7, 0.85, 1.0]) - 1 / 16) / (15 / 16)  # of every correlator of a GHZ state with white noise


def entropy(x):
    """Binary entropy in bits."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.nan_to_num(-x * np.log2(x) - (1 - x) * np.log2(1 - x))


def refusal(folder, base, changes):
    with pytest.raises(ScenarioError) as refused:
        load_scenario(file_of(folder, base, changes))
    return str(refused.value)


def test_games_and_codes_of_werner_pairs(tmp_path):
    x = (4 * FIDELITY - 1) / 3
    expected = {
        "chsh": ("win_probability", 0.5 + np.sqrt(2) * x / 4),
        "magic-square": ("square_win_probability", 0.5 + (4 * x + 5 * x**2) / 18),
        "superdense-coding": ("message_success_probability", FIDELITY),
        "remote-gate": ("gate_fidelity", (4 * FIDELITY + 1) / 5),
    }
    for name, (variable, values) in expected.items():
        dataset = computed(tmp_path, WERNER, {"protocol.name": f'"{name}"'})
        np.testing.assert_allclose(dataset[variable], values, rtol=1e-9)
        np.testing.assert_allclose(dataset["resource_fidelity"], FIDELITY, rtol=1e-12)


def test_a_conference_key_of_white_noise(tmp_path):
    """All correlators shrink alike, so that both errors are (1 - v)/2."""
    dataset = computed(
        tmp_path, GHZ, {"protocol.name": '"conference-key"', "protocol.reconciliation_efficiency": "1.1"}
    )
    error = (1 - KEPT) / 2
    np.testing.assert_allclose(dataset["x_error"], error, atol=1e-12)
    np.testing.assert_allclose(dataset["z_error"], error, atol=1e-12)
    np.testing.assert_allclose(dataset["conference_key_fraction"], np.maximum(0, 1 - 2.1 * entropy(error)), atol=1e-12)
    np.testing.assert_allclose(dataset["resource_fidelity"], [0.7, 0.85, 1.0], rtol=1e-12)


def test_shared_secrets_of_white_noise(tmp_path):
    dataset = computed(tmp_path, GHZ, {"protocol.name": '"secret-sharing"'})
    error = (1 - KEPT) / 2
    np.testing.assert_allclose(dataset["y_error"], error, atol=1e-12)
    np.testing.assert_allclose(dataset["secret_sharing_fraction"], np.maximum(0, 1 - 2 * entropy(error)), atol=1e-12)


def test_anonymous_messages_of_white_noise(tmp_path):
    """The pair is of white noise too, and white noise gives nobody away."""
    keys = {"protocol.name": '"anonymous-transmission"', "protocol.sender": "3", "protocol.receiver": "1",
            "protocol.suspect": "0", "protocol.coalition": "[2]"}  # fmt: skip
    dataset = computed(tmp_path, GHZ, keys)
    np.testing.assert_allclose(dataset["teleportation_fidelity"], (1 + KEPT) / 2, rtol=1e-10)
    np.testing.assert_allclose(dataset["sender_distinguishability"], 0, atol=1e-9)
    text = refusal(tmp_path, GHZ, keys | {"protocol.suspect": "3"})
    assert "key `protocol.suspect`: must be neither sender nor receiver, but is 3" in text


def test_nodes_that_sense_together(tmp_path):
    """GHZ states of n have n² t² from t, and with dephasing n² t² exp(-2 n t/T2) (Huelga et al., PRL 79, 3865 (1997))."""
    times = np.array([0.1, 0.2, 0.4])
    keys = {"protocol.name": '"sensing"', "protocol.duration_s": "[0.1, 0.2, 0.4]", "protocol.t2_s": "2.0",
            "ghz.fidelity": "1.0"}  # fmt: skip
    dataset = computed(tmp_path, GHZ, keys)
    np.testing.assert_allclose(dataset["frequency_information_s2"], 16 * times**2 * np.exp(-4 * times), rtol=1e-9)
    assert dataset["frequency_information_s2"].attrs["units"] == "s^2"


def test_a_clock_that_is_read_when_it_pays_most(tmp_path):
    """t = T2/(2 n) and n T2/(2 e) per second whatever n; 1/(2π ν √(R τ))."""
    keys = {"protocol.name": '"clock"', "protocol.num_qubits": "[1, 4]", "protocol.t2_s": "2.0",
            "protocol.frequency_hz": "4e14", "protocol.averaging_s": "100.0"}  # fmt: skip
    dataset = computed(tmp_path, KIND, keys)
    rate = np.array([1, 4]) * 2.0 / (2 * np.e)
    np.testing.assert_allclose(dataset["probe_time_s"], [1.0, 0.25], rtol=1e-6)
    np.testing.assert_allclose(dataset["information_rate_s"], rate, rtol=1e-9)
    np.testing.assert_allclose(dataset["instability"], 1 / (2 * np.pi * 4e14 * np.sqrt(rate * 100)), rtol=1e-9)


def test_a_one_time_pad(tmp_path):
    """A wrong bit is a Pauli, three of four of which do harm; p of ones gives 0 and 1 away by |1 - 2 p|."""
    keys = {"protocol.name": '"one-time-pad"', "protocol.key_error": "[0.0, 0.1]", "protocol.ones_fraction": "0.4"}
    dataset = computed(tmp_path, KIND, keys)
    process = np.array([1.0, 0.9**2])
    np.testing.assert_allclose(dataset["message_fidelity"], (2 * process + 1) / 3, rtol=1e-10)
    np.testing.assert_allclose(dataset["ciphertext_distance"], 0.2, rtol=1e-10)


def test_a_blind_computation_by_plain_matrices(tmp_path):
    """One row: each step does H diag(1, e^-iφ) to what is left of +; a wrong result is X after the step, on its own row,
    and sent qubits are depolarized, which leaves (1 - m) of X and Y."""
    turns, flips = (1, 3, 2), 0.05
    keys = {"protocol.name": '"blind-computation"', "protocol.eighth_turns": "[1, 3, 2]", "protocol.num_rows": "1",
            "protocol.readout_error": f"[0.0, {flips}]"}  # fmt: skip
    dataset = computed(tmp_path, KIND, keys)
    np.testing.assert_allclose(dataset["computation_fidelity"][0], 1, atol=1e-12)
    hadamard, x = np.array([[1, 1], [1, -1]]) / np.sqrt(2), np.array([[0, 1], [1, 0]])
    plus = np.array([1, 1]) / np.sqrt(2)

    def run(wrong):
        """One history: the step's X stays, as the client corrects by the flipped result."""
        state = plus.astype(complex)
        for turn, bad in zip(turns, wrong, strict=True):
            state = hadamard @ np.diag([1, np.exp(-1j * np.pi / 4 * turn)]) @ state
            state = x @ state if bad else state
        return state

    perfect = run((0, 0, 0))
    expected = sum(
        np.prod([flips if bad else 1 - flips for bad in wrong]) * abs(perfect.conj() @ run(wrong)) ** 2
        for wrong in product((0, 1), repeat=3)
    )
    np.testing.assert_allclose(dataset["computation_fidelity"][1], expected, rtol=1e-9)
    assert "key `protocol.eighth_turns`: must hold as many angles" in refusal(
        tmp_path, KIND, keys | {"protocol.num_rows": "2"}
    )


def test_blind_rows_and_memories_are_those_of_the_function(tmp_path):
    """The CNOT of the function's own example, its angles row after row."""
    keys = {"protocol.name": '"blind-computation"', "protocol.gate_mixing": "[0.0, 0.02]"}
    memory = Memory(t1_s=np.inf, t2_s=0.5)
    cnot = [[0, 0, 2, 0], [0, 2, 0, -2]]
    by_hand = blind_computation(cnot, gate_mixing=[0.0, 0.02], memory=memory, latency_s=0.01)
    dataset = computed(tmp_path, KIND, keys | {"protocol.t2_s": "0.5", "protocol.latency_s": "0.01"})
    perfect = blind_computation(cnot)
    np.testing.assert_allclose(dataset["computation_fidelity"], fidelity(by_hand, perfect), rtol=1e-12)
    alone = computed(tmp_path, KIND, keys)["computation_fidelity"]
    assert float(alone[0]) == pytest.approx(1)
    assert float(dataset["computation_fidelity"][0]) < 1
    assert 0.8 < float(alone[1]) < 0.98


def test_pairs_are_fused_to_ghz_states(tmp_path):
    """(Π(λ0 + λ1) + Π(λ0 - λ1))/2 for Bell-diagonal pairs, in a star or a chain."""
    phase_flip = (1 - FIDELITY) / 3
    expected = ((FIDELITY + phase_flip) ** 3 + (FIDELITY - phase_flip) ** 3) / 2
    for layout in ("star", "chain"):
        keys = {
            "ghz.method": '"fusion"',
            "ghz.num_nodes": "4",
            "ghz.layout": f'"{layout}"',
            "protocol.name": '"conference-key"',
        }
        dataset = computed(tmp_path, WERNER, keys)
        np.testing.assert_allclose(dataset["resource_fidelity"], expected, rtol=1e-10)


def test_the_node_that_errs_most_sets_the_key(tmp_path):
    """Along a chain flips of three pairs add up, of each with probability q."""
    flips = np.array([0.0, 0.01, 0.05])
    keys = {"ghz.method": '"fusion"', "ghz.num_nodes": "4", "ghz.layout": '"chain"', "protocol.name": '"conference-key"',
            "link.fidelity": "1.0", "noise.flips.channel": '"bit-flip"', "noise.flips.on": '"left"',
            "noise.flips.probability": "[0.0, 0.01, 0.05]"}  # fmt: skip
    dataset = computed(tmp_path, WERNER, keys)
    farthest = (1 - (1 - 2 * flips) ** 3) / 2
    np.testing.assert_allclose(dataset["z_error"], farthest, atol=1e-12)
    np.testing.assert_allclose(dataset["x_error"], 0, atol=1e-12)
    np.testing.assert_allclose(dataset["conference_key_fraction"], 1 - entropy(farthest), atol=1e-12)


def test_four_nodes_may_select_their_ghz_state(tmp_path):
    """The numbers of the functions' own examples, for Werner pairs of 0.9."""
    for method, expected in (("expedient", 0.982952), ("stringent", 0.998626)):
        keys = {"ghz.method": f'"{method}"', "protocol.name": '"conference-key"', "link.fidelity": "[0.9]"}
        dataset = computed(tmp_path, WERNER, keys)
        np.testing.assert_allclose(dataset["resource_fidelity"], expected, atol=1e-6)
        assert 0 < float(dataset["resource_probability"][0]) < 1


def test_steps_before_fusion_are_those_of_pairs(tmp_path):
    """Dephasing of both halves of each pair for t: coherences of three pairs multiply."""
    keys = {"ghz.method": '"fusion"', "ghz.num_nodes": "4", "protocol.name": '"conference-key"', "link.fidelity": "1.0",
            "memory.t1_s": "inf", "memory.t2_s": "2.0", "memory.duration_s": "[0.0, 0.1]"}  # fmt: skip
    dataset = computed(tmp_path, WERNER, keys)
    np.testing.assert_allclose(dataset["x_error"], (1 - np.exp(-3 * np.array([0.0, 0.1]))) / 2, atol=1e-12)
    np.testing.assert_allclose(dataset["z_error"], 0, atol=1e-12)


def test_every_application_is_known_and_described():
    assert set(APPLICATIONS) == {
        "superdense-coding", "chsh", "magic-square", "remote-gate", "conference-key", "secret-sharing",
        "anonymous-transmission", "sensing", "clock", "one-time-pad", "blind-computation",
    }  # fmt: skip
    assert [name for name in APPLICATIONS if resource_of(name) is None] == [
        "clock",
        "one-time-pad",
        "blind-computation",
    ]
    assert set(GHZ_SOURCES) == {"fusion", "expedient", "stringent", "white-noise"}
    assert len({text for _, text in FIGURES.values()}) == len(FIGURES)


@pytest.mark.parametrize(
    ("base", "changes", "text"),
    [(KIND, {"protocol.name": '"chsh"'}, "lacks the key `link`"),
     (KIND, {"protocol.name": '"conference-key"'}, "lacks the key `ghz`"),
     (WERNER, {"protocol.name": '"conference-key"', "ghz.method": '"white-noise"', "ghz.fidelity": "0.9"},
      "has no use for the key `link`"),
     (WERNER, {"protocol.name": '"chsh"', "ghz.method": '"fusion"'}, "has no use for the key `ghz`"),
     (WERNER, {"protocol.name": '"one-time-pad"'}, "has no use for the key `link`"),
     (KIND, {"protocol.name": '"sensing"', "protocol.duration_s": "1.0", "ghz.method": '"fusion"'}, "lacks the key `link`"),
     (GHZ, {"protocol.name": '"conference-key"', "ghz.fidelity": "[0.01, 0.5]"}, "key `ghz.fidelity`: must be"),
     (GHZ, {"protocol.name": '"conference-key"', "ghz.fidelity": "0.9"}, "expected one or two axes"),
     (GHZ, {"protocol.name": '"conference-key"', "ghz.num_nodes": "40"}, "key `ghz.num_nodes`: must be"),
     (GHZ, {"protocol.name": '"chess"'}, "key `protocol.name`: expected one of superdense-coding, chsh")],
)  # fmt: skip
def test_what_does_not_fit_is_refused(tmp_path, base, changes, text):
    assert text in refusal(tmp_path, base, changes)


@pytest.mark.parametrize("name", ["conference-key", "anonymous-transmission"])
def test_figures_are_readable(tmp_path, name):
    dataset = computed(tmp_path, GHZ, {"protocol.name": f'"{name}"'})
    figure = plot_overview(dataset)
    shown = shown_texts(figure)
    assert outside(figure, shown) == []
    assert overlapping(shown) == []
    assert "against ghz.fidelity" in summarize(dataset)
