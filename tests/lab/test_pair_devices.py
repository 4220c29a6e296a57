"""Converters, nodes, ensembles, noise, schedules and codes in scenarios of pairs: closed forms, papers, independent routes."""

import inspect

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lab.pair_files import PAIRS, computed, file_of
from lab.test_pairs import link_keys

import qnet_channels as hardware
from qnet_channels import Schedule
from qnet_core import bell_weights, werner_state
from qnet_core.errors import ParameterError
from qnet_lab import ScenarioError, load_scenario
from qnet_lab.pair_noise import CHANNELS
from qnet_lab.schedule_texts import schedule_of

FIDELITY = np.array([0.8, 0.9, 1.0])
PURE = {"link.fidelity": "1.0"}


def refusal(folder, changes):
    with pytest.raises(ScenarioError) as refused:
        load_scenario(file_of(folder, PAIRS, changes))
    return str(refused.value)


def test_a_converter_loses_photons_and_adds_noise(tmp_path):
    """Two photons of 0.3 * 0.5 * 5 dB each; a detector sees 1 - (1 - d) exp(-R w 0.8 10^-0.5) dark counts."""
    keys = link_keys("double-click", {"transmissivity": 0.3, "dark_count_probability": 1e-3}) | {
        "fiber.length_km": "[50.0]", "converter.efficiency": "0.5", "converter.noise_rate_hz": "2000.0",
        "converter.window_s": "1e-5", "converter.detector_efficiency": "0.8",
    }  # fmt: skip
    dataset = computed(tmp_path, PAIRS, keys)
    dark = 1 - (1 - 1e-3) * np.exp(-2000.0 * 1e-5 * 0.8 * 10**-0.5)
    by_hand = hardware.double_click_link(transmissivity=0.15 * 10**-0.5, dark_count_probability=dark)
    np.testing.assert_allclose(dataset["bloch"][0], by_hand.state.bloch, atol=1e-12)
    np.testing.assert_allclose(dataset["link_probability"][0], by_hand.probability, rtol=1e-12)


def test_a_detector_has_half_the_noise_of_each_arm(tmp_path):
    keys = link_keys("single-click", {"bright_population": 0.1, "transmissivity": 0.3}) | {
        "fiber.length_km": "[40.0]", "fiber.station_at": "0.25", "converter.efficiency": "1.0",
        "converter.noise_rate_hz": "1000.0", "converter.window_s": "1e-5",
    }  # fmt: skip
    arms = np.array([10**-0.2, 10**-0.6])
    by_hand = hardware.single_click_link(
        bright_population=0.1, transmissivity=tuple(0.3 * arms), dark_count_probability=1 - np.exp(-1e-2 * arms.mean())
    )
    np.testing.assert_allclose(computed(tmp_path, PAIRS, keys)["bloch"][0], by_hand.state.bloch, atol=1e-12)


def test_quiet_converters_suit_any_photons(tmp_path):
    keys = link_keys("midpoint-source", {"transmissivity": 0.2}) | {"converter.efficiency": "[0.5, 1.0]"}
    dataset = computed(tmp_path, PAIRS, keys)
    np.testing.assert_allclose(dataset["link_probability"], [0.01, 0.04], rtol=1e-12)
    noisy = keys | {"converter.noise_rate_hz": "3.0"}
    assert "key `converter`: lacks the key `window_s`" in refusal(tmp_path, noisy)
    text = refusal(tmp_path, noisy | {"converter.window_s": "1e-6"})
    assert "key `converter.noise_rate_hz`: expected 0 with the scheme midpoint-source" in text
    assert "table `converter`: expected only with" in refusal(tmp_path, {"converter.efficiency": "0.5"})


def test_a_node_moves_and_disturbs_both_halves(tmp_path):
    """Moving with an average fidelity F leaves 2 F - 1 of a qubit, n attempts exp(-n/N) of its coherence."""
    perfect = {f"node.{role}.{time}": "inf" for role in ("communication", "storage") for time in ("t1_s", "t2_s")}
    keys = PURE | perfect | {
        "node.swap_in_fidelity": "0.95", "node.attempts_to_dephase": "200.0", "node.attempts": "[0, 50, 1000]",
    }  # fmt: skip
    dataset = computed(tmp_path, PAIRS, keys)
    coherence = 0.9**2 * np.exp(-2 * np.array([0, 50, 1000]) / 200.0)
    np.testing.assert_allclose(dataset["fidelity"], (1 + 0.9**2 + 2 * coherence) / 4, rtol=1e-12)
    assert dataset["fidelity"].dims == ("node.attempts",)
    slow = keys | {"node.attempts_to_dephase": None, "node.attempt_duration_s": "1e-3", "node.storage.t2_s": "0.5"}
    coherence = 0.9**2 * np.exp(-2 * np.array([0, 50, 1000]) * 1e-3 / 0.5)
    np.testing.assert_allclose(computed(tmp_path, PAIRS, slow)["fidelity"], (1 + 0.81 + 2 * coherence) / 4, rtol=1e-12)


def test_a_node_may_be_a_platforms(tmp_path):
    keys = PURE | {
        "node.communication.platform": '"nv_delft"', "node.communication.role": '"communication"',
        "node.storage.platform": '"nv_delft"', "node.attempts": "[0, 2]", "node.attempt_duration_s": "0.5",
    }  # fmt: skip
    dataset = computed(tmp_path, PAIRS, keys)
    np.testing.assert_allclose(dataset["fidelity"], (1 + np.exp([0, -2 / 10.0])) / 2, rtol=1e-9)  # its carbons: 10 s
    assert "preset nv_delft" in dataset.attrs["parameters"]
    assert "key `node`: lacks the key `storage`" in refusal(tmp_path, {"node.communication.platform": '"nv_delft"'})
    assert "key `node.storage`: lacks the key `t2_s`" in refusal(
        tmp_path, keys | {"node.storage.platform": None, "node.storage.t1_s": "1.0"}
    )


def test_ensembles_cost_links_and_no_fidelity(tmp_path):
    keys = {"ensemble.efficiency": "0.8", "ensemble.lifetime_s": "2.0", "ensemble.decay_exponent": "2.0",
            "ensemble.duration_s": "[0.0, 1.0]", "link.fidelity": "0.9"}  # fmt: skip
    dataset = computed(tmp_path, PAIRS, keys)
    both = 0.64 * np.exp([0.0, -2 * 0.25])
    np.testing.assert_allclose(dataset["retrieval_probability"], both, rtol=1e-12)
    np.testing.assert_allclose(dataset["links_per_pair"], 1 / both, rtol=1e-12)
    np.testing.assert_allclose(dataset["fidelity"], 0.9, rtol=1e-12)
    swapped = computed(tmp_path, PAIRS, keys | {"station.kind": '"bell"', "station.success_probability": "0.5"})
    np.testing.assert_allclose(swapped["links_per_pair"], 4 / both, rtol=1e-12)


BROKEN = {  # of a pure pair: what one half keeps of phi+, each in closed form
    "amplitude-damping": ({"damping": "0.36"}, 0.25 * (1 + np.sqrt(1 - 0.36)) ** 2),
    "birefringence-drift": ({"angle_std_rad": "0.3"}, None),
    "bit-flip": ({"probability": "0.1"}, 0.9),
    "bit-phase-flip": ({"probability": "0.1"}, 0.9),
    "dephasing": ({"probability": "0.1"}, 0.9),
    "depolarizing": ({"mixing": "0.1"}, 1 - 0.075),
    "gaussian-dephasing": ({"duration_s": "0.5", "t2_star_s": "1.0"}, (1 + np.exp(-0.25)) / 2),
    "generalized-amplitude-damping": ({"damping": "0.36", "excited_population": "0.0"}, 0.25 * (1 + 0.8) ** 2),
    "pauli": ({"x": "0.1", "y": "0.05", "z": "0.02"}, 0.83),
    "phase-damping": ({"damping": "0.36"}, (1 + 0.8) / 2),
    "poisson-pauli": (
        {"duration_s": "0.1", "x_rate_hz": "0", "y_rate_hz": "0", "z_rate_hz": "1"}, (1 + np.exp(-0.2)) / 2
    ),
    "polarization-mode-dispersion": (
        {"delay_s": "1e-12", "spectral_std_rad_per_s": "1e12"}, (1 + np.exp(-0.5)) / 2
    ),
    "reset": ({"probability": "0.2"}, 0.8 + 0.2 / 4),
    "rotation": ({"angle_rad": "0.4", "axis": '"x"'}, np.cos(0.2) ** 2),
}  # fmt: skip


@pytest.mark.parametrize("channel", BROKEN)
def test_noise_does_what_its_channel_does(tmp_path, channel):
    keys, expected = BROKEN[channel]
    file = {"noise.n.channel": f'"{channel}"', "noise.n.on": '"left"', "link.fidelity": "[1.0]"}
    dataset = computed(tmp_path, PAIRS, file | {f"noise.n.{name}": value for name, value in keys.items()})
    if expected is None:  # Gaussian angles about a random axis: between all and a third of the coherence
        assert 1 / 3 < float(dataset["fidelity"][0]) < 1
    else:
        np.testing.assert_allclose(dataset["fidelity"], expected, rtol=1e-9)


def test_all_channels_are_tested():
    assert set(CHANNELS) == set(BROKEN) | {"collective-dephasing"}


def test_noise_is_done_in_the_order_of_the_file_to_the_halves_it_names(tmp_path):
    """A bit flip on one half or the other is the same for phi+; on both it undoes itself, and then 0 decays to 0."""
    flip = {"noise.flip.channel": '"bit-flip"', "noise.flip.probability": "1.0", "link.fidelity": "[1.0]"}
    np.testing.assert_allclose(computed(tmp_path, PAIRS, flip)["fidelity"], 1, atol=1e-12)
    for half in ("left", "right"):
        dataset = computed(tmp_path, PAIRS, flip | {"noise.flip.on": f'"{half}"'})
        np.testing.assert_allclose(dataset["bloch"].values[0].diagonal(), [1, 1, 1, -1], atol=1e-12)
    for half, place in (("left", (0, 3, 0)), ("right", (0, 0, 3))):  # that half is more often in 0
        keys = {"noise.n.channel": '"amplitude-damping"', "noise.n.damping": "0.36", "noise.n.on": f'"{half}"'}
        np.testing.assert_allclose(computed(tmp_path, PAIRS, keys)["bloch"].values[place], 0.36, rtol=1e-9)
    decay = {"noise.decay.channel": '"amplitude-damping"', "noise.decay.damping": "1.0"}
    for keys, sign in ((flip | decay, 1), (decay | flip, -1)):
        after = computed(tmp_path, {**PAIRS, **keys})
        np.testing.assert_allclose(after["bloch"].values[0, 3, 0], sign, atol=1e-12)


def test_collective_dephasing_spares_psi_plus_and_not_phi_plus(tmp_path):
    """Phases add for 00 and 11, four times the exponent of one for a common field, and cancel for 01 and 10."""
    field = {"noise.f.channel": '"collective-dephasing"', "noise.f.duration_s": "[0.3, 0.6]", "noise.f.t2_s": "1.0"}
    np.testing.assert_allclose(
        computed(tmp_path, PAIRS, field | PURE)["fidelity"], (1 + np.exp(-4 * np.array([0.3, 0.6]))) / 2, rtol=1e-9
    )
    psi = {"link.scheme": '"bell-diagonal"', "link.fidelity": None, "link.weights": "[0.0, 0.0, 1.0, 0.0]"}
    np.testing.assert_allclose(computed(tmp_path, PAIRS, field | psi)["bloch"].values[:, 1, 1], 1, rtol=1e-9)


@pytest.mark.parametrize(("rounds_of", "pairs"), [("bbpssw", 2), ("dejmps", 2), ("double_selection", 3)])
def test_pumping_counts_the_pairs_of_runs_that_fail(tmp_path, rounds_of, pairs):
    """By the renewal argument of schedules: a round takes what is before it and fresh pairs, over its probability."""
    keys = {"distillation.protocol": '"pumping"', "distillation.rounds": "3", "distillation.rounds_of": f'"{rounds_of}"',
            "distillation.gate_mixing": "0.01", "distillation.readout_error": "0.02"}  # fmt: skip
    dataset = computed(tmp_path, PAIRS, keys)
    run = Schedule.pumping(rounds_of, rounds=3).repeated(
        werner_state(fidelity=FIDELITY), gate_mixing=0.01, readout_error=0.02
    )
    np.testing.assert_allclose(dataset["links_per_pair"], run.raw_pairs, rtol=1e-10)
    np.testing.assert_allclose(dataset["fidelity"], bell_weights(run.state)[:, 0], rtol=1e-10)
    once = computed(tmp_path, PAIRS, keys | {"distillation.rounds": "1"})
    np.testing.assert_allclose(once["links_per_pair"] * once["distillation_probability"], pairs, rtol=1e-10)
    none = computed(tmp_path, PAIRS, keys | {"distillation.rounds": "0"})
    np.testing.assert_allclose(none["fidelity"], FIDELITY, rtol=1e-10)
    assert none["links_per_pair"].values.tolist() == [1, 1, 1]


def test_a_tree_of_rounds_is_the_nested_one(tmp_path):
    nested = {"distillation.protocol": '"bbpssw"', "distillation.rounds": "2"}
    tree = {
        "distillation.protocol": '"schedule"',
        "distillation.tree": '"bbpssw(bbpssw(pair,pair), bbpssw(pair, pair))"',
    }
    first, second = computed(tmp_path, PAIRS, nested), computed(tmp_path, PAIRS, tree)
    for name in ("fidelity", "links_per_pair"):
        np.testing.assert_allclose(second[name], first[name], rtol=1e-12)
    # all four raw rounds succeed in the schedule; the nested one counts each round once
    inner = 1 - 2 * (2 * (1 - FIDELITY) / 3) * (1 - 2 * (1 - FIDELITY) / 3)
    outer = first["distillation_probability"] / inner
    np.testing.assert_allclose(second["distillation_probability"], inner**2 * outer, rtol=1e-10)


def test_pairs_of_a_schedule_may_wait_for_each_other(tmp_path):
    keys = {"distillation.protocol": '"schedule"', "distillation.tree": '"dejmps(pair, pair)"'}
    waits = keys | {"distillation.t2_s": "2.0", "distillation.pair_s": "[0.0, 0.1]", "link.fidelity": "0.9"}
    waiting = computed(tmp_path, PAIRS, waits)
    assert float(waiting["fidelity"][0]) == pytest.approx(float(computed(tmp_path, PAIRS, keys)["fidelity"][1]))
    stored = werner_state(fidelity=0.9)
    decay = hardware.Memory(t1_s=np.inf, t2_s=2.0).decay(duration_s=0.1)
    by_hand = hardware.dejmps(stored.apply(decay, 0).apply(decay, 1), stored)  # the first waits for the second
    np.testing.assert_allclose(waiting["fidelity"][1], bell_weights(by_hand.state)[0], rtol=1e-10)
    noisy = computed(tmp_path, PAIRS, keys | {"distillation.gate_mixing": "0.05", "distillation.readout_error": "0.1"})
    pairs = werner_state(fidelity=FIDELITY)
    found = hardware.dejmps(pairs, pairs, gate_mixing=0.05, readout_error=0.1)
    np.testing.assert_allclose(noisy["distillation_probability"], found.probability, rtol=1e-10)


TREES = st.recursive(
    st.just(Schedule()),
    lambda parts: st.one_of(
        st.tuples(st.sampled_from(["dejmps", "bbpssw", "epl", "bbpssw[h]"]), parts, parts),
        st.tuples(st.sampled_from(["double_selection", "double_selection[x90]"]), parts, parts, parts),
    ).map(lambda made: Schedule(made[0], made[1:])),
    max_leaves=9,
)


@given(TREES)
@settings(max_examples=40, deadline=None)
def test_schedules_are_read_as_they_are_printed(schedule):
    assert schedule_of(str(schedule)) == schedule
    assert schedule_of(f"  {schedule} ".replace("(", " ( ")) == schedule


@pytest.mark.parametrize(
    "text",
    ["", "dejmps", "dejmps(pair)", "dejmps(pair, pair", "dejmps(pair, pair))", "pair pair", "no(pair, pair)", "pair;"],
)
def test_what_is_no_schedule_is_refused(text):
    with pytest.raises(ParameterError, match="Parameter `tree` must be rounds within rounds"):
        schedule_of(text)


def test_the_five_qubit_code_has_its_weight_enumerators(tmp_path):
    """Shor and Laflamme, PRL 78, 1600 (1997): 1 + 15 z^4 undetected and harmless, 1 + 30 z^3 + 15 z^4 + 18 z^5 undetected."""
    dataset = computed(tmp_path, PAIRS, {"distillation.protocol": '"stabilizer-code"'})
    bad = (1 - FIDELITY) / 3
    harmless = FIDELITY**5 + 15 * FIDELITY * bad**4
    kept = FIDELITY**5 + 30 * FIDELITY**2 * bad**3 + 15 * FIDELITY * bad**4 + 18 * bad**5
    np.testing.assert_allclose(dataset["fidelity"], harmless / kept, rtol=1e-10)
    np.testing.assert_allclose(dataset["distillation_probability"], kept, rtol=1e-10)
    np.testing.assert_allclose(dataset["links_per_pair"], 5 / kept, rtol=1e-10)


def test_codes_are_given_by_generators_and_may_correct(tmp_path):
    """Three bits, majority: of bit flips of probability q there are 3 q² (1 - q) + q³ left; [[3, 1]] needs no Y or Z."""
    keys = {
        "link.scheme": '"bell-diagonal"', "link.fidelity": None, "link.weights": "[0.9, 0.0, 0.1, 0.0]",
        "link.probability": "[1.0]", "distillation.protocol": '"stabilizer-code"',
        "distillation.generators": '["ZZI", "IZZ"]', "distillation.correct": "true",
    }  # fmt: skip
    dataset = computed(tmp_path, PAIRS, keys)
    np.testing.assert_allclose(dataset["fidelity"], 1 - 3 * 0.01 * 0.9 - 0.001, rtol=1e-10)
    np.testing.assert_allclose(dataset["links_per_pair"], 3, rtol=1e-12)
    wrong = refusal(tmp_path, keys | {"distillation.generators": '["ZZI", "XII"]'})
    assert "key `distillation.generators`: must commute" in wrong


def test_what_pairs_are_worth_beyond_keys(tmp_path):
    """Werner pairs: hashing 1 - H, the magic square 1/2 + (4 x + 5 x²)/18, and a CNOT of process fidelity F, (4 F + 1)/5."""
    weights = [FIDELITY, *[(1 - FIDELITY) / 3] * 3]
    with np.errstate(divide="ignore", invalid="ignore"):
        whole = -np.nansum([w * np.log2(w) for w in weights], axis=0)
    x = (4 * FIDELITY - 1) / 3
    expected = {
        "hashing": ("hashing_yield", np.maximum(0, 1 - whole)),
        "magic-square": ("square_win_probability", 0.5 + (4 * x + 5 * x**2) / 18),
        "remote-gate": ("gate_fidelity", (4 * FIDELITY + 1) / 5),
    }
    for name, (variable, values) in expected.items():
        dataset = computed(tmp_path, PAIRS, {"protocol.name": f'"{name}"'})
        np.testing.assert_allclose(dataset[variable], values, rtol=1e-9, atol=1e-12)


def test_the_keys_of_noise_are_those_of_the_functions():
    for name, function in CHANNELS.items():
        assert all(p.kind is p.KEYWORD_ONLY for p in inspect.signature(function).parameters.values()), name
