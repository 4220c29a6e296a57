"""Every device that a platform hands out is made of its numbers; what has no number is refused by its name."""

import tomllib

import numpy as np
import oracles
import pytest
from channels.case_tables import DATA

from qnet_channels import (
    BellStation,
    Emitter,
    EnsembleMemory,
    Fiber,
    Memory,
    MemoryNode,
    Readout,
    preset,
    presets,
    swap,
)
from qnet_core import bell_state, bell_weights
from qnet_core.errors import ParameterError

PLATFORMS = tomllib.loads((DATA / "platforms.toml").read_text(encoding="utf-8"))
GATES = {1: "one_qubit_gate_fidelity", 2: "two_qubit_gate_fidelity"}
ERRORS = ("readout_error_0", "readout_error_1")
MODELLED = {"double-click", "single-click"}

each_platform = pytest.mark.parametrize("name", presets())


def value(name, key, otherwise=None):
    found = preset(name).parameters.get(key)
    return otherwise if found is None else found.value


def has(*keys):
    return [name for name in presets() if all(key in preset(name).parameters for key in keys)]


def lacks(*keys):
    """Each platform with the first number that it has not."""
    missing = {name: [key for key in keys if key not in preset(name).parameters] for name in presets()}
    return [(name, keys[0]) for name, keys in missing.items() if keys]


def with_device(device):
    return pytest.mark.parametrize("name", [name for name in presets() if device in PLATFORMS[name]])


def without_device(device):
    return pytest.mark.parametrize("name", [name for name in presets() if device not in PLATFORMS[name]])


def assert_memory(memory, known):
    assert isinstance(memory, Memory)
    found = (memory.t1_s, memory.t2_s, memory.decay_exponent, memory.excited_population, memory.age_s)
    assert tuple(map(float, found)) == (
        known["t1_s"], known["t2_s"], known["exponent"], known["excited_population"], 0.0
    )  # fmt: skip


@each_platform
def test_every_platform_has_a_storage_memory(name):
    assert_memory(preset(name).memory(), PLATFORMS[name]["memory"])
    assert_memory(preset(name).memory("storage"), PLATFORMS[name]["memory"])
    assert_memory(Memory.preset(name), PLATFORMS[name]["memory"])


@each_platform
def test_memories_store_by_their_numbers(name):
    known = PLATFORMS[name]["memory"]
    wait = known["t2_s"] / 3
    transfer = preset(name).memory().decay(duration_s=wait).transfer
    relaxed = wait / known["t1_s"] / 2 if known["exponent"] != 1 else 0.0
    np.testing.assert_allclose(transfer[1, 1], np.exp(-((1 / 3) ** known["exponent"]) - relaxed), rtol=1e-13)
    kept = np.exp(-wait / known["t1_s"])
    np.testing.assert_allclose(transfer[3, 3], kept, rtol=1e-13)
    np.testing.assert_allclose(transfer[3, 0], (1 - kept) * (1 - 2 * known["excited_population"]), atol=1e-15)


@with_device("communication")
def test_platforms_with_two_kinds_of_qubits_make_nodes(name):
    known = PLATFORMS[name]
    for node in (preset(name).node(), MemoryNode.preset(name)):
        assert isinstance(node, MemoryNode)
        assert_memory(node.communication, known["communication"])
        assert_memory(node.storage, known["memory"])
        assert float(node.swap_in_fidelity) == value(name, "swap_to_memory_fidelity", 1.0)
        assert float(node.attempts_to_dephase) == value(name, "carbon_link_attempts", np.inf)
        assert float(node.swap_in_duration_s) == 0.0
        assert node.num_storage == value(name, "memory_qubits")
    assert_memory(preset(name).memory("communication"), known["communication"])


@without_device("communication")
def test_platforms_without_a_communication_qubit_refuse_one(name):
    for make in (preset(name).node, lambda: preset(name).memory("communication"), lambda: MemoryNode.preset(name)):
        with pytest.raises(ParameterError, match=rf"'{name}' \(storage\).*'communication'"):
            make()


@with_device("ensemble")
def test_ensembles(name):
    known = PLATFORMS[name]["ensemble"]
    for ensemble in (preset(name).ensemble(), EnsembleMemory.preset(name)):
        assert isinstance(ensemble, EnsembleMemory)
        found = (ensemble.efficiency, ensemble.lifetime_s, ensemble.decay_exponent)
        assert tuple(map(float, found)) == (known["efficiency"], known["lifetime_s"], known["exponent"])
        assert ensemble.num_modes == known["modes"]
        assert isinstance(ensemble.num_modes, int)


@without_device("ensemble")
def test_platforms_without_an_ensemble_refuse_it(name):
    with pytest.raises(ParameterError, match=f"ensemble memory, but is '{name}'"):
        preset(name).ensemble()


@pytest.mark.parametrize("name", has(*ERRORS))
def test_readouts(name):
    errors = tuple(value(name, key) for key in ERRORS)
    for readout in (preset(name).readout(), Readout.preset(name)):
        assert isinstance(readout, Readout)
        assert (float(readout.error_0), float(readout.error_1)) == errors
        np.testing.assert_allclose(readout.assignment_fidelity, 1 - sum(errors) / 2, rtol=1e-15)


@pytest.mark.parametrize(("name", "key"), lacks(*ERRORS))
def test_platforms_without_a_readout_refuse_it(name, key):
    with pytest.raises(ParameterError, match=f"{key}.*'{name}'"):
        preset(name).readout()


@pytest.mark.parametrize(("name", "num_qubits"), [(name, n) for n, key in GATES.items() for name in has(key)])
def test_gates_have_their_average_fidelity_and_no_preference(name, num_qubits):
    noise = preset(name).gate_noise(num_qubits)
    assert noise.dims_in == noise.dims_out == (2,) * num_qubits
    size = 2**num_qubits
    process = sum(abs(np.trace(k)) ** 2 for k in noise.kraus()) / size**2
    np.testing.assert_allclose((size * process + 1) / (size + 1), value(name, GATES[num_qubits]), rtol=1e-14)
    kept = np.diag(noise.transfer)[1:]
    np.testing.assert_allclose(noise.transfer, np.diag([1, *kept]), atol=1e-15)
    np.testing.assert_allclose(kept, kept[0], rtol=1e-15)


@pytest.mark.parametrize(
    ("name", "num_qubits", "key"), [(name, n, key) for n, key in GATES.items() for name, _ in lacks(key)]
)
def test_platforms_without_a_gate_refuse_its_noise(name, num_qubits, key):
    with pytest.raises(ParameterError, match=f"{key}.*'{name}'"):
        preset(name).gate_noise(num_qubits)


@pytest.mark.parametrize("name", has(GATES[2], *ERRORS))
def test_stations_swap_with_the_noise_of_gate_and_readout(name):
    """Two perfect pairs: the replaced fraction is white, and each bit is wrong with the mean error."""
    station = preset(name).station()
    assert isinstance(station, BellStation)
    error = sum(value(name, key) for key in ERRORS) / 2
    mixing = 4 / 3 * (1 - value(name, GATES[2]))
    np.testing.assert_allclose(float(station.readout_error), error, rtol=1e-14)
    np.testing.assert_allclose(float(station.gate_mixing), mixing, rtol=1e-12)
    assert float(station.success_probability) == 1.0
    pair = swap(bell_state(), bell_state(), station=station).state
    right = np.array([(1 - error) ** 2, error * (1 - error), error * (1 - error), error**2])
    np.testing.assert_allclose(bell_weights(pair), (1 - mixing) * right + mixing / 4, atol=1e-14)


@pytest.mark.parametrize(("name", "key"), lacks(*ERRORS, GATES[2]))
def test_platforms_without_gate_or_readout_refuse_a_station(name, key):
    with pytest.raises(ParameterError, match=f"{key}.*'{name}'"):
        preset(name).station()


@with_device("emitter")
def test_emitters(name):
    emitter, known = preset(name).emitter(), PLATFORMS[name]["emitter"]
    assert isinstance(emitter, Emitter)
    assert (float(emitter.photon_detection_probability), float(emitter.visibility)) == tuple(known.values())
    assert list(known) == ["detection", "visibility"]
    np.testing.assert_allclose(emitter.transmissivity(), known["detection"], rtol=1e-15)
    behind = emitter.transmissivity(Fiber(10.0, 0.3, 1.0))
    np.testing.assert_allclose(behind, known["detection"] * 10**-0.4, rtol=1e-14)


@without_device("emitter")
def test_platforms_without_a_source_of_photons_refuse_it(name):
    for make in (preset(name).emitter, preset(name).link):
        with pytest.raises(ParameterError, match=f"'{name}'"):
            make()
    with pytest.raises(ParameterError, match="source of photons"):
        preset(name).emitter()


def double_clicks():
    return [name for name in presets() if PLATFORMS[name]["scheme"] == "double-click" and "emitter" in PLATFORMS[name]]


@pytest.mark.parametrize("name", double_clicks())
@pytest.mark.parametrize("length_km", [None, 5.0])
def test_two_clicks_to_lowest_order(name, length_km):
    """p = η²/2 and F = (1 + V)/2, exactly so without dark counts."""
    known = PLATFORMS[name]["emitter"]
    fiber = None if length_km is None else Fiber(length_km)
    arm = known["detection"] * (1.0 if length_km is None else 10 ** (-0.02 * length_km))
    link = preset(name).link(fiber=fiber)
    np.testing.assert_allclose(link.probability, arm**2 / 2, rtol=1e-12)
    np.testing.assert_allclose(bell_weights(link.state)[0], (1 + known["visibility"]) / 2, rtol=1e-12)
    np.testing.assert_allclose(link.state.matrix[0, 0].real, 0.5, rtol=1e-12)


@pytest.mark.parametrize("name", double_clicks())
def test_dark_counts_mix_pairs_of_two_clicks(name):
    """To lowest order: one photon and one dark count, of which half are right by chance, in each of two ways."""
    known, dark = PLATFORMS[name]["emitter"], 1e-6
    arm = known["detection"]
    link = preset(name).link(dark_count_probability=dark)
    wrong = 4 * arm * (1 - arm) * dark
    np.testing.assert_allclose(link.probability, arm**2 / 2 + wrong, rtol=1e-5)
    right = arm**2 / 2 * (1 + known["visibility"]) / 2 + wrong / 4
    np.testing.assert_allclose(bell_weights(link.state)[0], right / (arm**2 / 2 + wrong), rtol=1e-5)


@pytest.mark.parametrize("bright", [None, 0.02, 0.2])
@pytest.mark.parametrize("length_km", [None, 5.0])
def test_one_click_of_nv_centres_to_lowest_order(bright, length_km):
    """p = 2αη and F = (1 - α)(1 + √V exp(-σ²/2))/2; corrections are of the order of η, here below 1e-3."""
    numbers = {key: value("nv_delft", key) for key in ("bright_population", "visibility", "phase_std")}
    alpha = numbers["bright_population"] if bright is None else bright
    fiber = None if length_km is None else Fiber(length_km)
    eta = value("nv_delft", "photon_detection_probability") * (1.0 if length_km is None else 10 ** (-0.02 * length_km))
    link = preset("nv_delft").link(fiber=fiber, bright_population=bright)
    kept = np.sqrt(numbers["visibility"]) * np.exp(-(numbers["phase_std"] ** 2) / 2)
    np.testing.assert_allclose(link.probability, 2 * alpha * eta, rtol=1e-3)
    np.testing.assert_allclose(bell_weights(link.state)[0], (1 - alpha) * (1 + kept) / 2, rtol=1e-3)


def test_links_of_nv_centres_are_near_those_of_the_laboratory():
    """The sheet's own fidelity and rate, which are no input: within a few percent, and a factor of two."""
    link = preset("nv_delft").link()
    assert abs(bell_weights(link.state)[0] - value("nv_delft", "link_fidelity")) < 0.1
    assert 0.5 < float(link.probability) * value("nv_delft", "attempt_rate") / value("nv_delft", "link_rate") < 2


def test_links_of_ions_are_near_those_of_the_laboratory():
    """The detection probability was derived from 2.18e-4 pairs per attempt, the rate at 1e6 attempts per second."""
    link = preset("ion_sr88_ca43").link()
    np.testing.assert_allclose(link.probability, 2.18e-4, rtol=0.02)
    per_second = float(link.probability) * value("ion_sr88_ca43", "attempt_rate")
    assert 1 < per_second / value("ion_sr88_ca43", "link_rate") < 1.5


@each_platform
def test_a_given_emitter_replaces_the_own_one_where_the_scheme_has_a_model(name):
    emitter = Emitter(0.1, 0.8)
    scheme = PLATFORMS[name]["scheme"]
    given = {"emitter": emitter} | ({"bright_population": 0.05} if scheme == "single-click" else {})
    if scheme not in MODELLED:
        with pytest.raises(ParameterError, match=f"'{name}'.*{scheme}"):
            preset(name).link(**given)
        return
    link = preset(name).link(**given)
    spread = value(name, "phase_std", 0.0)
    eta, alpha = 0.1, 0.05
    if scheme == "double-click":
        probability, fidelity, accuracy = eta**2 / 2, 0.9, 1e-12
    else:
        probability, accuracy = 2 * alpha * eta, 0.02
        fidelity = (1 - alpha) * (1 + np.sqrt(0.8) * np.exp(-(spread**2) / 2)) / 2
    np.testing.assert_allclose(link.probability, probability, rtol=accuracy)
    np.testing.assert_allclose(bell_weights(link.state)[0], fidelity, rtol=accuracy)


@pytest.mark.parametrize("name", [name for name in presets() if PLATFORMS[name]["scheme"] == "single-click"])
def test_one_click_needs_the_population_of_the_bright_state(name):
    if value(name, "bright_population") is not None:
        preset(name).link(emitter=Emitter(0.1))
        return
    with pytest.raises(ParameterError, match=f"bright_population.*'{name}'"):
        preset(name).link(emitter=Emitter(0.1))


@pytest.mark.parametrize("name", double_clicks())
def test_two_clicks_have_no_bright_state(name):
    """Nothing that is given is left unused in silence."""
    with pytest.raises(ParameterError, match="`bright_population`"):
        preset(name).link(bright_population=0.1)


@pytest.mark.parametrize("name", [name for name in presets() if PLATFORMS[name]["scheme"] not in MODELLED])
def test_links_without_a_model_say_so_whatever_is_given(name):
    for given in ({}, {"emitter": Emitter(0.1)}):
        with pytest.raises(ParameterError, match=PLATFORMS[name]["scheme"]):
            preset(name).link(**given)


def test_the_dephasing_of_a_stored_carbon_is_that_of_its_sheet():
    node = preset("nv_delft").node()
    attempts = value("nv_delft", "carbon_link_attempts")
    duration = 1 / value("nv_delft", "attempt_rate")
    found = node.disturbed(attempts=attempts, attempt_duration_s=duration).transfer
    stored = attempts * duration / value("nv_delft", "carbon_t2_decoupled")
    np.testing.assert_allclose(found, np.diag([1, *[np.exp(-1 - stored)] * 2, 1]), atol=1e-14)


def test_moving_to_calcium_has_the_fidelity_of_its_sheet():
    moved = preset("ion_sr88_ca43").node().swap_in()
    states = [oracles.projector(np.linalg.eigh(oracles.PAULI[p])[1][:, k]) for p in "XYZ" for k in (0, 1)]
    kept = np.mean([np.trace(state @ oracles.act(moved.kraus(), state)).real for state in states])
    np.testing.assert_allclose(kept, value("ion_sr88_ca43", "swap_to_memory_fidelity"), rtol=1e-14)
