"""Scenarios of pairs: every step against closed forms or a call by hand, axes, and refusals in the file's words."""

import json

import numpy as np
import pytest
from lab.pair_files import PAIRS, computed, file_of

import qnet_channels as hardware
from qnet_core import bell_state, bell_weights, fidelity, werner_state
from qnet_lab import ScenarioError, load_scenario, plot_overview
from qnet_lab.evaluation import summarize
from qnet_lab.pair_distillations import DISTILLATIONS
from qnet_lab.pair_steps import SCHEMES, STATIONS
from qnet_lab.pair_uses import USES

FIDELITY = np.array([0.8, 0.9, 1.0])
NO_LINK = {"link.scheme": None, "link.fidelity": None}

# what each scheme needs, the function that a caller would take, and the same by its keywords
LINKS = {
    "single-click": ("single_click_link", {"bright_population": 0.1, "transmissivity": 0.2, "visibility": 0.9}),
    "double-click": ("double_click_link", {"transmissivity": 0.2, "dark_count_probability": 1e-3}),
    "emissive": ("emissive_link", {"transmissivity": 0.2, "lifetime_s": 1e-8, "dephasing_rate_per_s": 1e6}),
    "spdc": ("spdc_link", {"mean_photons": 0.05, "transmissivity": 0.2}),
    "midpoint-source": ("midpoint_source_link", {"transmissivity": 0.2, "false_herald_probability": 1e-3}),
    "cavity-reflection": ("cavity_reflection_link", {"reflectivity_bright": 0.9, "reflectivity_dark": 0.1}),
}


def entropy(x):
    """Binary entropy in bits."""
    return -x * np.log2(x) - (1 - x) * np.log2(1 - x)


def swapped_werner(first, second):
    """Fidelity of two Werner pairs after a perfect swap: their Werner parameters multiply."""
    return (1 + 3 * (4 * first - 1) / 3 * (4 * second - 1) / 3) / 4


def link_keys(scheme, given):
    """Keys of a file for a link."""
    return NO_LINK | {"link.scheme": f'"{scheme}"'} | {
        f"link.{name}": f'"{value}"' if isinstance(value, str) else repr(value) for name, value in given.items()
    }  # fmt: skip


def refusal(folder, changes, base=PAIRS):
    """The text of a refusal on loading."""
    with pytest.raises(ScenarioError) as refused:
        load_scenario(file_of(folder, base, changes))
    assert str(refused.value).startswith("Scenario `case.toml`: ")
    return str(refused.value)


def test_a_link_alone_is_what_the_file_says(tmp_path):
    dataset = computed(tmp_path, PAIRS)
    np.testing.assert_allclose(dataset["fidelity"], FIDELITY, rtol=1e-12)
    werner = (4 * FIDELITY - 1) / 3
    np.testing.assert_allclose(dataset["concurrence"], np.maximum(0, (3 * werner - 1) / 2), atol=1e-12)
    np.testing.assert_allclose(dataset["negativity"], np.maximum(0, (3 * werner - 1) / 4), atol=1e-12)
    expected = np.array([np.diag([1, w, -w, w]) for w in werner])
    np.testing.assert_allclose(dataset["bloch"], expected, atol=1e-12)
    assert dataset["fidelity"].dims == ("link.fidelity",)
    assert dataset["links_per_pair"].values.tolist() == [1, 1, 1]


@pytest.mark.parametrize("scheme", LINKS)
def test_links_are_those_of_their_functions(tmp_path, scheme):
    name, given = LINKS[scheme]
    by_hand = getattr(hardware, name)(**given)
    axis = next(key for key in given if key in ("transmissivity", "reflectivity_dark"))
    dataset = computed(tmp_path, PAIRS, link_keys(scheme, given) | {f"link.{axis}": f"[{given[axis]}, 0.15]"})
    np.testing.assert_allclose(dataset["bloch"][0], by_hand.state.bloch, atol=1e-12)
    np.testing.assert_allclose(dataset["link_probability"][0], by_hand.probability, rtol=1e-12)
    other = getattr(hardware, name)(**given | {axis: 0.15})
    np.testing.assert_allclose(dataset["bloch"][1], other.state.bloch, atol=1e-12)


def test_ensembles_share_an_excitation(tmp_path):
    """For weak sources and no loss of the memories: F = (1 + √V)/2, and p = 2 μ η (Duan et al., Nature 414,
    413 (2001))."""
    given = {"mean_photons": 1e-5, "transmissivity": 0.2, "visibility": 0.81}
    dataset = computed(tmp_path, PAIRS, link_keys("dlcz", given) | {"link.transmissivity": "[0.2, 0.1]"})
    np.testing.assert_allclose(dataset["fidelity"], (1 + 0.9) / 2, atol=1e-4)
    np.testing.assert_allclose(dataset["link_probability"], 2e-5 * np.array([0.2, 0.1]), rtol=1e-3)


def test_ensembles_with_more_excitations_are_counted_as_one(tmp_path):
    """Populations by sums over both numbers of the modes' own populations,
    which the state of modes has on its diagonal."""
    given = {"mean_photons": 0.04, "transmissivity": 0.3, "max_photons": 6}
    dataset = computed(tmp_path, PAIRS, link_keys("dlcz", given) | {"link.transmissivity": "[0.3]"})
    modes = hardware.dlcz_link(**given).state.matrix
    populations = np.real(np.diag(modes)).reshape(7, 7)
    zero = [populations[0, 0], populations[0, 1:].sum(), populations[1:, 0].sum(), populations[1:, 1:].sum()]
    signs = np.array([1, -1, -1, 1])
    expected = -(signs @ zero) / sum(zero)  # the right one's 0 and 1 have changed names
    np.testing.assert_allclose(dataset["bloch"].values[0, 3, 3], expected, rtol=1e-9)
    coherence = 2 * np.real(modes.reshape(7, 7, 7, 7)[0, 1, 1, 0]) / sum(zero)
    np.testing.assert_allclose(dataset["bloch"].values[0, 1, 1], coherence, rtol=1e-9)


def test_every_scheme_aims_at_the_same_state(tmp_path):
    for scheme, (_, given) in LINKS.items():
        keys = link_keys(scheme, {name: value for name, value in given.items() if name != "target"})
        axis = next(key for key in given if key in ("transmissivity", "reflectivity_dark"))
        dataset = computed(tmp_path, PAIRS, keys | {f"link.{axis}": f"[{given[axis]}]"})
        weights = dataset["fidelity"].values
        assert (weights > 0.4).all(), scheme


def test_bell_diagonal_pairs_are_given_by_their_weights(tmp_path):
    keys = NO_LINK | {
        "link.scheme": '"bell-diagonal"',
        "link.weights": "[0.7, 0.1, 0.15, 0.05]",
        "link.probability": "[0.5, 1]",
    }
    dataset = computed(tmp_path, PAIRS, keys)
    np.testing.assert_allclose(dataset["fidelity"], [0.7, 0.7], rtol=1e-12)
    assert dataset["link_probability"].values.tolist() == [0.5, 1.0]
    assert json.loads(dataset.attrs["parameters"])["link.weights[2]"]["value"] == "0.15"


def test_a_midpoint_source_has_a_fidelity(tmp_path):
    keys = NO_LINK | {
        "link.scheme": '"midpoint-source"',
        "link.transmissivity": "0.3",
        "link.source_fidelity": "[0.9, 1]",
    }
    np.testing.assert_allclose(computed(tmp_path, PAIRS, keys)["fidelity"], [0.9, 1], rtol=1e-12)


def test_fibre_loses_photons_on_both_arms(tmp_path):
    """Of 50 km with 0.2 dB/km each arm has 5 dB; the double click's probability is the product of both arms, halved."""
    keys = link_keys("double-click", {"transmissivity": 0.3}) | {"fiber.length_km": "[0.0, 50.0]"}
    dataset = computed(tmp_path, PAIRS, keys)
    expected = 0.3**2 / 2 * np.array([1, 10**-1.0])
    np.testing.assert_allclose(dataset["link_probability"], expected, rtol=1e-12)
    assert dataset["link_probability"].dims == ("fiber.length_km",)
    alone = computed(tmp_path, PAIRS, keys | {"link.transmissivity": None})
    np.testing.assert_allclose(alone["link_probability"], expected / 0.3**2, rtol=1e-12)


def test_the_station_may_stand_off_the_middle_and_arms_may_differ(tmp_path):
    given = {"bright_population": 0.1, "transmissivity": 0.3}
    keys = link_keys("single-click", given) | {
        "fiber.length_km": "[10.0, 40.0]", "fiber.station_at": "0.25", "link.right.bright_population": "0.2",
    }  # fmt: skip
    dataset = computed(tmp_path, PAIRS, keys)
    for k, length_km in enumerate((10.0, 40.0)):
        arms = tuple(0.3 * 10 ** (-0.02 * length_km * share) for share in (0.25, 0.75))
        by_hand = hardware.single_click_link(bright_population=(0.1, 0.2), transmissivity=arms)
        np.testing.assert_allclose(dataset["bloch"][k], by_hand.state.bloch, atol=1e-12)


def test_the_right_arm_may_be_the_axis(tmp_path):
    keys = link_keys("double-click", {"transmissivity": 0.5}) | {"link.right.transmissivity": "[0.1, 0.2, 0.4]"}
    dataset = computed(tmp_path, PAIRS, keys)
    np.testing.assert_allclose(dataset["link_probability"], 0.25 * np.array([0.1, 0.2, 0.4]), rtol=1e-12)
    assert dataset["link_probability"].dims == ("link.right.transmissivity",)


def test_reflected_photons_go_all_the_way(tmp_path):
    keys = link_keys("cavity-reflection", {"reflectivity_bright": 1.0, "reflectivity_dark": 0.0}) | {
        "fiber.length_km": "[0.0, 100.0]"
    }
    np.testing.assert_allclose(computed(tmp_path, PAIRS, keys)["link_probability"], [0.25, 0.0025], rtol=1e-12)


def test_both_halves_wait(tmp_path):
    """Without relaxation coherences fall by exp(-2 t/T2) and populations stay."""
    keys = {"memory.t1_s": "inf", "memory.t2_s": "2.0", "memory.duration_s": "[0.0, 0.5, 4.0]", "link.fidelity": "1.0"}
    dataset = computed(tmp_path, PAIRS, keys)
    expected = (1 + np.exp(-2 * np.array([0.0, 0.5, 4.0]) / 2.0)) / 2
    np.testing.assert_allclose(dataset["fidelity"], expected, rtol=1e-12)


def test_a_platform_stands_in_for_what_a_memory_lacks(tmp_path):
    keys = {"memory.platform": '"nv_delft"', "memory.duration_s": "2.0", "link.fidelity": "[1.0]"}
    dataset = computed(tmp_path, PAIRS, keys)
    np.testing.assert_allclose(dataset["fidelity"], (1 + np.exp(-2 * 2.0 / 10.0)) / 2, rtol=1e-12)  # its T2 is 10 s
    numbers = json.loads(dataset.attrs["parameters"])
    assert numbers["memory.t2_s"]["value"] == "10.0"
    assert numbers["memory.t2_s"]["source"].startswith("preset nv_delft: ")
    own = computed(tmp_path, PAIRS, keys | {"memory.t2_s": "[1.0, 4.0]"} | {"link.fidelity": "1.0"})
    np.testing.assert_allclose(own["fidelity"], (1 + np.exp(-2 * 2.0 / np.array([1.0, 4.0]))) / 2, rtol=1e-12)
    assert "memory.t2_s" not in json.loads(own.attrs["parameters"])
    single = computed(tmp_path, PAIRS, keys | {"memory.t2_s": "4.0"})
    assert json.loads(single.attrs["parameters"])["memory.t2_s"]["source"] == "given in the scenario"
    role = computed(tmp_path, PAIRS, keys | {"memory.role": '"communication"'})
    expected = (1 + np.exp(-2 * 2.0 / 1.0)) / 2  # its T2 is 1 s and its T1 an hour
    np.testing.assert_allclose(role["fidelity"], expected, rtol=2e-3)


def test_swaps_multiply_werner_parameters(tmp_path):
    keys = {"station.kind": '"bell"', "station.num_links": "4", "station.success_probability": "0.5"}
    dataset = computed(tmp_path, PAIRS, keys)
    twice = swapped_werner(FIDELITY, FIDELITY)
    np.testing.assert_allclose(dataset["fidelity"], swapped_werner(twice, twice), rtol=1e-12)
    np.testing.assert_allclose(dataset["swap_probability"], 1 / 8, rtol=1e-12)
    np.testing.assert_allclose(dataset["links_per_pair"], 32, rtol=1e-12)


@pytest.mark.parametrize(
    ("kind", "keys", "probability"),
    [("linear-optics", {"station.transmissivity": "0.8", "station.right.transmissivity": "0.4"}, 0.8 * 0.4 / 2),
     ("boosted", {"station.ancillas": '"four-photons"', "station.transmissivity": "0.5"}, 0.75 * 0.25)],
)  # fmt: skip
def test_optical_stations_lose_photons(tmp_path, kind, keys, probability):
    dataset = computed(tmp_path, PAIRS, {"station.kind": f'"{kind}"'} | keys)
    np.testing.assert_allclose(dataset["swap_probability"], probability, rtol=1e-12)
    np.testing.assert_allclose(dataset["fidelity"], swapped_werner(FIDELITY, FIDELITY), rtol=1e-12)


def test_a_round_of_bbpssw_is_that_of_the_paper(tmp_path):
    """Equations 6 and 7 of Bennett et al., PRL 76, 722 (1996)."""
    dataset = computed(tmp_path, PAIRS, {"distillation.protocol": '"bbpssw"'})
    bad = (1 - FIDELITY) / 3
    kept = FIDELITY**2 + 2 * FIDELITY * bad + 5 * bad**2
    np.testing.assert_allclose(dataset["fidelity"], (FIDELITY**2 + bad**2) / kept, rtol=1e-12)
    np.testing.assert_allclose(dataset["distillation_probability"], kept, rtol=1e-12)
    np.testing.assert_allclose(dataset["links_per_pair"], 2 / kept, rtol=1e-12)


def test_links_of_failed_swaps_and_rounds_add_up(tmp_path):
    """Two pairs of perfect links for a round, each of two links that are joined at every second try: eight links."""
    keys = {"link.fidelity": "[1.0]", "station.kind": '"bell"', "station.success_probability": "0.5"}
    dataset = computed(tmp_path, PAIRS, keys | {"distillation.protocol": '"dejmps"'})
    np.testing.assert_allclose(dataset["links_per_pair"], [8.0], rtol=1e-12)


def test_epl_takes_the_error_of_a_single_click_away(tmp_path):
    """From F psi+ + (1 - F) |11><11| comes psi+ itself, with probability F²/2 (Campbell and Benjamin 2008)."""
    keys = link_keys("single-click", {"bright_population": 0.1, "transmissivity": 0.2})
    keys |= {"link.bright_population": "[0.1, 0.3]", "distillation.protocol": '"epl"'}
    dataset = computed(tmp_path, PAIRS, keys)
    np.testing.assert_allclose(dataset["fidelity"], 1, rtol=1e-12)
    raw = hardware.single_click_link(bright_population=[0.1, 0.3], transmissivity=0.2).state
    good = bell_weights(raw)[..., 0]
    np.testing.assert_allclose(dataset["distillation_probability"], good**2 / 2, rtol=1e-12)


@pytest.mark.parametrize(("protocol", "pairs"), [("expedient", 5), ("stringent", 13)])
def test_selections_begin_anew_with_all_their_pairs(tmp_path, protocol, pairs):
    dataset = computed(tmp_path, PAIRS, {"distillation.protocol": f'"{protocol}"'})
    np.testing.assert_allclose(dataset["links_per_pair"] * dataset["distillation_probability"], pairs, rtol=1e-12)
    by_hand = getattr(hardware, f"{protocol}_pair")
    for k, value in enumerate(FIDELITY):
        state = by_hand(werner_state(fidelity=value)).state
        np.testing.assert_allclose(dataset["fidelity"][k], fidelity(state, bell_state()), rtol=1e-12)


@pytest.mark.parametrize(("protocol", "pairs"), [("bbpssw", 2), ("dejmps", 2), ("double-selection", 3)])
def test_rounds_multiply(tmp_path, protocol, pairs):
    keys = {"distillation.protocol": f'"{protocol}"', "distillation.rounds": "2", "link.fidelity": "[1.0]"}
    dataset = computed(tmp_path, PAIRS, keys)
    assert dataset["links_per_pair"].values.tolist() == [pairs**2]
    noisy = computed(tmp_path, PAIRS, keys | {"distillation.gate_mixing": "0.02", "distillation.twirl": '"werner"'})
    assert float(noisy["fidelity"][0]) < 1
    assert float(noisy["distillation_probability"][0]) < 1


def test_what_pairs_are_worth(tmp_path):
    """Werner pairs in closed form: teleportation (2 F + 1)/3, BB84 1 - 2 h(Q), six states 1 - H(weights), S = 2√2 w."""
    rates = 2 * (1 - FIDELITY) / 3
    weights = [FIDELITY, *[(1 - FIDELITY) / 3] * 3]
    with np.errstate(divide="ignore", invalid="ignore"):
        h = np.nan_to_num(-rates * np.log2(rates) - (1 - rates) * np.log2(1 - rates))
        whole = np.nan_to_num(-np.nansum([w * np.log2(w) for w in weights], axis=0))
    werner = (4 * FIDELITY - 1) / 3
    expected = {
        "teleportation": {"teleportation_fidelity": (2 * FIDELITY + 1) / 3},
        "superdense-coding": {"capacity_bit": np.maximum(1, 2 - whole), "message_success_probability": FIDELITY},
        "chsh": {"chsh": 2 * np.sqrt(2) * werner, "win_probability": 0.5 + np.sqrt(2) * werner / 4},
        "bb84": {"key_fraction": np.maximum(0, 1 - 2 * h)},
        "six-state": {"key_fraction": np.maximum(0, 1 - whole)},
    }
    for name, figures in expected.items():
        dataset = computed(tmp_path, PAIRS, {"protocol.name": f'"{name}"'})
        for variable, values in figures.items():
            np.testing.assert_allclose(dataset[variable], values, atol=1e-12, err_msg=name)


@pytest.mark.parametrize("name", ["b92", "e91", "device-independent"])
def test_perfect_pairs_make_a_bit_each(tmp_path, name):
    dataset = computed(tmp_path, PAIRS, {"protocol.name": f'"{name}"'})
    assert dataset["key_fraction"][-1] == pytest.approx(1, abs=1e-9)
    assert (np.diff(dataset["key_fraction"]) >= 0).all()


def test_losses_are_no_loophole(tmp_path):
    dataset = computed(tmp_path, PAIRS, {"protocol.name": '"device-independent"', "protocol.efficiency": "0.9"})
    expected = 0.9**2 * 2 * np.sqrt(2) + 2 * 0.1**2
    assert float(dataset["chsh"][-1]) == pytest.approx(expected, rel=1e-12)


def test_axes_follow_the_order_of_tables_and_not_of_the_file(tmp_path):
    keys = {"memory.duration_s": "[0.0, 1.0]", "memory.t1_s": "inf", "memory.t2_s": "1.0"}
    for base in (PAIRS | keys, keys | PAIRS):
        dataset = computed(tmp_path, base)
        assert dataset["fidelity"].dims == ("link.fidelity", "memory.duration_s")
        assert dataset["bloch"].shape == (3, 2, 4, 4)
        one = computed(tmp_path, base | {"link.fidelity": "[0.9]"})
        np.testing.assert_allclose(dataset["fidelity"][1:2], one["fidelity"], rtol=1e-12)


def test_two_axes_may_be_in_one_table(tmp_path):
    keys = link_keys("single-click", {"transmissivity": 0.1}) | {
        "link.bright_population": "{ start = 0.01, stop = 0.16, num = 5, spacing = \"logarithmic\" }",
        "link.visibility": "[0.5, 1.0]",
    }  # fmt: skip
    dataset = computed(tmp_path, PAIRS, keys)
    np.testing.assert_allclose(dataset["link.bright_population"], [0.01, 0.02, 0.04, 0.08, 0.16], rtol=1e-12)
    assert dataset["fidelity"].dims == ("link.bright_population", "link.visibility")
    by_hand = hardware.single_click_link(bright_population=0.04, transmissivity=0.1, visibility=0.5).state
    np.testing.assert_allclose(dataset["bloch"][2, 0], by_hand.bloch, atol=1e-12)


def test_what_cannot_happen_is_nan_at_its_point_alone(tmp_path):
    keys = link_keys("double-click", {"transmissivity": 0.1}) | {"link.transmissivity": "[0.0, 0.1]"}
    keys |= {"station.kind": '"bell"', "distillation.protocol": '"dejmps"', "protocol.name": '"bb84"'}
    dataset = computed(tmp_path, PAIRS, keys)
    assert dataset["link_probability"].values[0] == 0
    for name in ("fidelity", "concurrence", "negativity", "key_fraction"):
        assert np.isnan(dataset[name].values[0]), name
        assert dataset[name].values[1] > 0.4, name


REFUSED = [
    ({"link.fidelity": "0.9"}, ["the file", "one or two axes", "none"]),
    ({"link.probability": "[0.1, 1]", "memory.duration_s": "[0, 1]", "memory.platform": '"nv_delft"'},
     ["one or two axes", "link.fidelity, link.probability, memory.duration_s"]),
    ({"link.fidelity": "[0.9, 1.2]"}, ["key `link.fidelity`", "between 0 and 1", "is 1.2"]),
    ({"link.fidelity": "{ start = 0.5, stop = 1.5, num = 3 }"}, ["key `link.fidelity`", "is 1.5"]),
    ({"link.fidelity": "{ start = 0.5, stop = 0.1, num = 3 }"}, ["key `link.fidelity.stop`", "more than start = 0.5"]),
    ({"link.fidelity": '{ start = 0.0, stop = 1.0, num = 3, spacing = "logarithmic" }'},
     ["key `link.fidelity.start`", "more than 0"]),
    ({"link.fidelity": '"high"'}, ["key `link.fidelity`", "'high'"]),
    ({"link.fidelity": "[0.9, nan]"}, ["key `link.fidelity`", "finite"]),
    ({"link.scheme": '"carrier-pigeon"'},
     ["key `link.scheme`", "one of single-click, double-click", "werner", "'carrier-pigeon'"]),
    ({"link.scheme": None}, ["key `link`", "lacks the key `scheme`"]),
    ({"link.visibility": "0.9"}, ["key `link`", "unknown key `visibility`", "known are scheme, fidelity, probability"]),
    ({"fiber.length_km": "3.0"}, ["table `fiber`", "schemes that send photons", "werner"]),
    ({"memory.duration_s": "1.0"}, ["key `memory`", "lacks the key `t1_s`", "no `platform`"]),
    ({"memory.duration_s": "1.0", "memory.t1_s": "1.0", "memory.t2_s": "3.0"},
     ["key `memory.t2_s`", "at most 2 * t1_s", "is 3"]),
    ({"memory.duration_s": "-1.0", "memory.platform": '"nv_delft"'}, ["key `memory.duration_s`", "is -1"]),
    ({"memory.duration_s": "1.0", "memory.platform": '"no"'}, ["key `memory.platform`", "one of", "nv_delft", "'no'"]),
    ({"memory.duration_s": "1.0", "memory.platform": '"eu_yso"', "memory.role": '"communication"'},
     ["key `memory.role`", "'communication'"]),
    ({"station.kind": '"bell"', "station.gate_mixing": "1.5"}, ["key `station.gate_mixing`", "is 1.5"]),
    ({"station.kind": '"bell"', "station.num_links": "0"}, ["key `station.num_links`", ">= 1"]),
    ({"station.kind": '"boosted"', "station.ancillas": '"none"'}, ["key `station.ancillas`", "'none'"]),
    ({"distillation.protocol": '"bbpssw"', "distillation.rounds": "-1"}, ["key `distillation.rounds`", "is -1"]),
    ({"distillation.protocol": '"magic"'}, ["key `distillation.protocol`", "bbpssw, dejmps", "'magic'"]),
    ({"protocol.name": '"bb84"', "protocol.reconciliation_efficiency": "0.5"},
     ["key `protocol.reconciliation_efficiency`", "at least 1"]),
    ({"protocol.name": '"bb84"', "protocol.overlap": "0.5"}, ["key `protocol`", "unknown key `overlap`"]),
    (NO_LINK | {"link.scheme": '"double-click"', "link.visibility": "[0.9, 1.0]"},
     ["key `link`", "lacks the key `transmissivity`", "no table `fiber`"]),
    (NO_LINK | {"link.scheme": '"double-click"', "link.transmissivity": "1.5", "fiber.length_km": "[0.0, 50.0]"},
     ["key `link.transmissivity`", "between 0 and 1", "is 1.5"]),
    (NO_LINK | {"link.scheme": '"double-click"', "fiber.length_km": "[0.0, 50.0]", "fiber.station_at": "2.0"},
     ["key `fiber.station_at`", "is 2"]),
    (NO_LINK | {"link.scheme": '"double-click"', "fiber.length_km": "[-1.0, 50.0]"},
     ["key `fiber.length_km`", "at least 0", "is -1"]),
    (NO_LINK | {"link.scheme": '"double-click"', "link.transmissivity": "[0.1, 0.2]", "link.target": '"psi"'},
     ["key `link.target`", "'psi'"]),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "parts"), REFUSED, ids=[" ".join(parts[:2]) for _, parts in REFUSED])
def test_wrong_files_are_refused_by_their_keys(tmp_path, changes, parts):
    text = refusal(tmp_path, changes)
    assert not [part for part in parts if part not in text], text
    assert "at index" not in text


def test_only_photons_that_meet_have_a_station_on_the_way(tmp_path):
    keys = link_keys("cavity-reflection", {"reflectivity_bright": 1.0, "reflectivity_dark": 0.0})
    text = refusal(tmp_path, keys | {"fiber.length_km": "[0.0, 9.0]", "fiber.station_at": "0.3"})
    assert "key `fiber.station_at`" in text


def test_all_that_can_be_named_is_tested_here():
    assert set(SCHEMES) == set(LINKS) | {"dlcz", "werner", "bell-diagonal"}
    assert set(STATIONS) == {"bell", "linear-optics", "boosted"}
    assert set(DISTILLATIONS) == {
        "bbpssw",
        "dejmps",
        "double-selection",
        "epl",
        "expedient",
        "stringent",
        "pumping",
        "schedule",
        "stabilizer-code",
    }
    assert set(USES) == {
        "teleportation", "superdense-coding", "chsh", "bb84", "six-state", "b92", "e91", "device-independent",
        "hashing", "magic-square", "remote-gate",
    }  # fmt: skip


def test_a_kind_of_fibre_stands_in_for_what_its_table_lacks(tmp_path):
    """A hollow core of 0.091 dB/km: 100 km have 9.1 dB, 4.55 dB for each arm."""
    keys = link_keys("double-click", {}) | {"fiber.length_km": "[100.0]", "fiber.kind": '"hollow_core_1550"'}
    dataset = computed(tmp_path, PAIRS, keys)
    np.testing.assert_allclose(dataset["link_probability"], 10**-0.91 / 2, rtol=1e-12)
    number = json.loads(dataset.attrs["parameters"])["fiber.attenuation_db_per_km"]
    assert (number["value"], number["unit"]) == ("0.091", "dB/km")
    assert number["source"].startswith("fibre hollow_core_1550: ")
    own = computed(tmp_path, PAIRS, keys | {"fiber.attenuation_db_per_km": "0.2"})
    np.testing.assert_allclose(own["link_probability"], 10**-2 / 2, rtol=1e-12)
    plain = computed(tmp_path, PAIRS, keys | {"fiber.kind": None})
    np.testing.assert_allclose(plain["link_probability"], 10**-2 / 2, rtol=1e-12)
    assert json.loads(plain.attrs["parameters"])["fiber.group_index"]["source"] == "default"
    assert "key `fiber.kind`: expected one of hollow_core_1550" in refusal(tmp_path, keys | {"fiber.kind": '"glass"'})


@pytest.mark.parametrize(
    ("name", "keys", "variable", "expected"),
    [("teleportation", {"gate_mixing": 0.1}, "teleportation_fidelity", 1 - 0.1 / 2),
     ("teleportation", {"readout_error": 0.1}, "teleportation_fidelity", (2 * 0.9**2 + 1) / 3),
     ("superdense-coding", {"gate_mixing": 0.1}, "message_success_probability", 1 - 3 * 0.1 / 4),
     ("superdense-coding", {"readout_error": 0.1}, "message_success_probability", 0.9**2),
     ("chsh", {"efficiency": 0.9}, "chsh", 0.9**2 * 2 * np.sqrt(2) + 2 * 0.1**2),
     ("chsh", {"readout_error": 0.1}, "win_probability", 0.5 + 0.8**2 * np.sqrt(2) / 4)],
)  # fmt: skip
def test_noise_of_the_use_counts_for_perfect_pairs(tmp_path, name, keys, variable, expected):
    given = {f"protocol.{key}": repr(value) for key, value in keys.items()}
    dataset = computed(tmp_path, PAIRS, {"link.fidelity": "[1.0]", "protocol.name": f'"{name}"'} | given)
    assert float(dataset[variable][0]) == pytest.approx(expected, rel=1e-12)


def test_reconciliation_costs_key(tmp_path):
    """A bit of key less for each that is told more: 1 - f h(Q) - h(Q), and the same without trust for a lossy pair."""
    more = {"protocol.reconciliation_efficiency": "1.2", "link.fidelity": "[0.95]"}
    dataset = computed(tmp_path, PAIRS, {"protocol.name": '"bb84"'} | more)
    assert float(dataset["key_fraction"][0]) == pytest.approx(1 - 2.2 * entropy(2 * 0.05 / 3), rel=1e-12)
    lossy = {"protocol.name": '"device-independent"', "protocol.efficiency": "0.97", "link.fidelity": "[1.0]"}
    dataset = computed(tmp_path, PAIRS, more | lossy)
    value = 0.97**2 * 2 * np.sqrt(2) + 2 * 0.03**2
    known = entropy((1 + np.sqrt((value / 2) ** 2 - 1)) / 2)
    assert float(dataset["key_fraction"][0]) == pytest.approx(1 - 1.2 * entropy(0.97 * 0.03) - known, rel=1e-9)


def test_ends_of_axes_are_no_numbers_of_the_hardware(tmp_path):
    keys = {"link.fidelity": "{ start = 0.8, stop = 1.0, num = 3 }", "link.probability": "0.5"}
    numbers = json.loads(computed(tmp_path, PAIRS, keys).attrs["parameters"])
    assert list(numbers) == ["link.probability"]


def test_figures_go_along_the_longer_axis(tmp_path):
    keys = {"link.fidelity": "[0.8, 1.0]", "memory.platform": '"nv_delft"', "memory.duration_s": "[3.0, 1.0, 2.0]"}
    dataset = computed(tmp_path, PAIRS, keys | {"protocol.name": '"bb84"'})
    figure = plot_overview(dataset)
    assert [axes.get_xlabel() for axes in figure.axes] == ["memory: duration [s]"] * 3
    lines = [line for line in figure.axes[0].get_lines() if line.get_label().startswith("fidelity")]
    assert [line.get_label() for line in lines] == ["fidelity 0.8", "fidelity 1"]
    assert [line.get_xdata().tolist() for line in lines] == [[1.0, 2.0, 3.0]] * 2
    assert summarize(dataset).splitlines()[1:3] == ["against memory.duration_s", "fidelity 0.8"]
