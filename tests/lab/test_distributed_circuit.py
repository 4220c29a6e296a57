"""Distributed circuits as scenarios: outcomes by dense circuits, what each part costs, another assignment, refusals."""

import numpy as np
import pytest
import teleportation_oracle as circuits
from lab.scenario_files import changed
from oracles import PAULI

from qnet_lab import ScenarioError
from qnet_lab.noisy_circuits import PARTS

NAME = "grover_two_ion_modules"
HALF = [["h", 0], ["h", 1]]
MANY = {
    "circuit.gates": [["h", 0], ["cnot", 0, 1], ["cnot", 0, 2], ["toffoli", 0, 1, 2]], "circuit.wanted": None,
    "circuit.assignment": ["a", "b", "b"], "nodes.num_qubits": 2,
}  # fmt: skip
SILENT = {
    "nodes.two_qubit_gate_fidelity": 1.0, "nodes.one_qubit_gate_fidelity": 1.0, "nodes.readout_error": 0.0,
    "nodes.t2_s": float("inf"), "sweep.gate_fidelities": [1.0],
}  # fmt: skip


@pytest.fixture(scope="module")
def search(tmp_path_factory):
    """The shipped scenario's dataset."""
    return changed(tmp_path_factory.mktemp("search"), NAME, {})


def marked(bits):
    """Grover's search for these bits: phases of the others turned by X around the first CZ."""
    around = [["x", k] for k, bit in enumerate(bits) if bit == "0"]
    return [*HALF, *around, ["cz", 0, 1], *around, *HALF, ["x", 0], ["x", 1], ["cz", 0, 1], ["x", 0], ["x", 1], *HALF]


def test_search_without_local_noise_is_the_closed_form(tmp_path):
    """Success F² + 3 e² by Werner pairs, for every marked entry."""
    for bits in ("00", "01", "10", "11"):
        changes = SILENT | {"circuit.gates": marked(bits), "circuit.wanted": bits, "pair.phase_error_share": 1 / 3}
        dataset = changed(tmp_path, NAME, changes)
        found = float(dataset["success_probability_without"][0])
        assert found == pytest.approx(0.9689**2 + 3 * (0.0311 / 3) ** 2, rel=1e-12)
        assert dataset["outcome"].values[int(np.argmax(dataset["ideal_probability"].values))] == bits


def test_against_dense_circuits(tmp_path, search):
    """All of the shipped scenario, gate by gate, with the numbers of file and platform put in by hand."""
    mixing, single, flip = 4 / 3 * (1 - 0.977), 2 * 1e-4, 1e-3
    z, other = 0.0311 * 0.61, 0.0311 * 0.39 / 2
    bell = np.outer([1, 0, 0, 1], [1, 0, 0, 1]) / 2
    pair = sum(w * np.kron(np.eye(2), PAULI[p]) @ bell @ np.kron(np.eye(2), PAULI[p]).conj().T
               for w, p in zip((0.9689, z, other, other), "IZXY", strict=True))  # fmt: skip
    rho = np.diag([1.0, 0, 0, 0]).astype(complex)
    matrices = {"h": circuits.HADAMARD, "x": PAULI["X"]}
    wait, message, back = (circuits.relaxation(t, np.inf, 50.0) for t in (0.103, 1e-3, 2e-3))
    for name, *on in marked("11"):
        if name != "cz":
            rho = circuits.gate(rho, matrices[name], on, single)
            continue
        rho = circuits.apply(circuits.apply(rho, wait, (0,)), wait, (1,))
        rho = circuits.apply(rho, message, (1,))
        rho = circuits.copied_gate(rho, np.diag([1, 1, 1, -1]), (0, 1), [pair], (mixing, mixing), (flip, flip), message)
        rho = circuits.apply(circuits.apply(rho, back, (0,)), message, (1,))
    flips = np.array([[1 - flip, flip], [flip, 1 - flip]])
    expected = np.kron(flips, flips) @ np.diag(rho).real
    np.testing.assert_allclose(search["outcome_probability"], expected, rtol=1e-10)
    assert float(search["success_probability_without"][0]) == pytest.approx(expected[3], rel=1e-10)
    assert float(search["output_fidelity_without"][0]) == pytest.approx(rho[3, 3].real, rel=1e-10)
    at_own = changed(tmp_path, NAME, {"sweep.pair_fidelities": [0.9, 0.9689]})
    found = at_own["success_probability"].sel(pair_fidelity=0.9689, two_qubit_gate_fidelity=0.977)
    assert float(found) == pytest.approx(expected[3], rel=1e-10)


def test_gate_between_nodes_is_the_case_of_the_reference(tmp_path):
    """F = 0.9689, reliability 0.98, readout 0.995: average gate fidelity 0.941019056202 (case 4-c)."""
    changes = {"nodes.two_qubit_gate_fidelity": 1 - 0.75 * 0.02, "nodes.readout_error": 0.005, "nodes.t2_s": float("inf"),
               "pair.phase_error_share": 1 / 3}  # fmt: skip
    dataset = changed(tmp_path, NAME, changes)
    np.testing.assert_allclose(dataset["gate_fidelity"], [0.941019056202], rtol=1e-11)
    assert dataset["gate"].values.tolist() == ["cz Alice-Bob"]


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("base", [{}, MANY])
def test_a_part_that_is_switched_off_is_one_with_perfect_numbers(tmp_path, part, base):
    noisy, quiet = changed(tmp_path, NAME, base), changed(tmp_path, NAME, base | dict(PARTS[part]))
    for name in ("success_probability_without", "output_fidelity_without"):
        assert float(noisy[name].sel(part=part)) == pytest.approx(float(quiet[name][0]), rel=1e-12)
        assert float(noisy[name].sel(part=part)) >= float(noisy[name][0])


def test_the_assignment_alone_distributes_the_circuit_anew(tmp_path):
    found = {}
    for homes in ("aaa", "abb", "aab", "abc"):
        dataset = changed(tmp_path, NAME, MANY | {"circuit.assignment": list(homes), "nodes.num_qubits": 3})
        found[homes] = dict(zip(dataset["link"].values.tolist(), dataset["pairs"].values.tolist(), strict=True))
        assert float(dataset["pair_time_s"]) == pytest.approx(0.103 * sum(found[homes].values()))
    assert found == {
        "aaa": {}, "abb": {"a-b": 3.0}, "aab": {"a-b": 2.0}, "abc": {"a-b": 1.0, "a-c": 2.0, "b-c": 1.0},
    }  # fmt: skip
    assert float(dataset["success_probability_without"][0]) < 1


def test_sharing_copies_takes_fewer_pairs_and_gives_more(tmp_path):
    apart = changed(tmp_path, NAME, MANY)
    together = changed(tmp_path, NAME, MANY | {"circuit.share_copies": True})
    assert apart["pairs"].values.tolist() == [3.0]
    assert together["pairs"].values.tolist() == [1.0]
    assert float(together["output_fidelity_without"][0]) > float(apart["output_fidelity_without"][0])


def test_on_one_node_there_are_no_pairs(tmp_path):
    changes = {"circuit.assignment": ["Alice", "Alice"], "nodes.num_qubits": 2}
    dataset = changed(tmp_path, NAME, changes)
    assert dataset.sizes["link"] == dataset.sizes["gate"] == 0
    assert float(dataset["pair_time_s"]) == 0
    np.testing.assert_array_equal(np.ptp(dataset["success_probability"].values, axis=-1), 0)


def test_another_platform_is_one_line(tmp_path):
    found = {
        name: float(
            changed(tmp_path, NAME, {"platform": name, "nodes.two_qubit_gate_fidelity": None, "sources": {}})[
                "success_probability_without"
            ][0]
        )
        for name in ("ion_sr88_ca43", "nv_delft", "atom_rb87")
    }
    assert (
        found["ion_sr88_ca43"] > 0.9 > found["nv_delft"] > found["atom_rb87"]
    )  # 7 ms of the atoms' memory, 0.1 s of waiting


def test_local_errors_that_explain_the_gate_explain_the_search(tmp_path):
    """Local gates for which the teleported CZ has the measured 86.2(9) % give a search near the measured 71(1) %."""
    dataset = changed(tmp_path, NAME, {"nodes.two_qubit_gate_fidelity": 0.936})
    assert float(dataset["gate_fidelity"][0]) == pytest.approx(0.862, abs=0.001)
    assert float(dataset["success_probability_without"][0]) == pytest.approx(0.71, abs=0.02)


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"platform": "ion"}, "key `platform`: expected one of atom_rb87"),
        ({"platform": None}, "lacks the key `nodes.readout_error`, and no `platform` is given"),
        ({"circuit.assignment": ["Alice"], "circuit.wanted": None}, "Parameter `assignment` must give qubit 1 a node"),
        ({"circuit.assignment": ["Alice", "Alice"]}, "must put at most 1 of its qubits on the node 'Alice'"),
        ({"circuit.gates": [["cz", 0]]}, "Parameter `circuit[0]` must name 2 qubits for this gate, but names 1."),
        ({"circuit.gates": [["root", 0]]}, "Parameter `circuit[0]` must be a unitary or one of x, y, z"),
        ({"circuit.gates": [["h", "0"]]}, "key `circuit.gates`: expected [name, qubit, ...], but gate 0 is ['h', '0']"),
        ({"circuit.gates": [[]]}, "key `circuit.gates[0]`: Expected `array` of length >= 2, but it is []."),
        ({"circuit.wanted": "1"}, "key `circuit.wanted`: expected 2 bits, one for each qubit, but it is '1'"),
        ({"circuit.wanted": "1x"}, "key `circuit.wanted`: expected 2 bits"),
        ({"pair.fidelity": 0.2}, "key `pair.fidelity`"),
        ({"sweep.gate_fidelities": []}, "key `sweep.gate_fidelities`"),
        ({"sweep.pair_fidelities": {"start": 0.1, "stop": 0.9, "num": 3}}, "expected numbers from 0.25 to 1, but it is 0.1"),
    ],
)  # fmt: skip
def test_refusals(tmp_path, changes, text):
    with pytest.raises(ScenarioError) as refusal:
        changed(tmp_path, NAME, changes)
    assert text in str(refusal.value)
