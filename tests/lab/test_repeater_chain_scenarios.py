"""Scenarios of chains with parts of their own: closed forms of small chains, a chain by hand, sampling, refusals."""

import json

import numpy as np
import pytest
from lab.pair_files import computed, file_of
from matplotlib.figure import Figure

from qnet_channels import BellStation, Fiber, Memory, double_click_link
from qnet_core import Heralded, werner_state
from qnet_lab import ScenarioError, load_scenario, plot_overview
from qnet_lab.evaluation import summarize
from qnet_lab.reproduction import stored_scenario
from qnet_protocols import RepeaterChain

ONE = {
    "kind": '"repeater-chain"', "title": '"case"', "links.a.scheme": '"werner"', "links.a.fidelity": "0.9",
    "links.a.probability": "0.2", "links.a.cycle_s": "0.5", "memories.all.t1_s": "inf", "memories.all.t2_s": "inf",
    "chain.num_links": "1",
}  # fmt: skip
TWO = ONE | {
    "chain.num_links": None, "links.b.scheme": '"werner"', "links.b.fidelity": "0.8", "links.b.probability": "0.5",
    "links.b.cycle_s": "0.5",
}  # fmt: skip
AT_END = TWO | {"chain.policy": '"swap-at-end"'}
SAMPLED = {"calculation.kind": '"sampled"', "calculation.num_pairs": "4000", "calculation.seed": "5"}


def swapped(*fidelities):
    """Fidelity of Werner pairs that are swapped: their parameters multiply."""
    return (1 + 3 * np.prod([(4 * f - 1) / 3 for f in fidelities])) / 4


def later(p, q):
    """Mean attempts until both of two links are there."""
    return 1 / p + 1 / q - 1 / (p + q - p * q)


def refusal(folder, changes, base=TWO):
    with pytest.raises(ScenarioError) as refused:
        load_scenario(file_of(folder, base, changes))
    return str(refused.value)


def test_a_link_comes_geometrically(tmp_path):
    dataset = computed(tmp_path, ONE)
    steps = dataset["step"].values
    np.testing.assert_allclose(dataset["delivery_probability"], 0.2 * 0.8 ** (steps - 1), rtol=1e-6, atol=1e-15)
    assert float(dataset["step_s"]) == 0.5
    np.testing.assert_allclose(dataset["waiting_time_s"], 2.5, rtol=1e-8)
    np.testing.assert_allclose(dataset["fidelity"], 0.9, rtol=1e-9)
    np.testing.assert_allclose(dataset["delivery_fidelity"][:50], 0.9, rtol=1e-6)
    assert 0 <= float(dataset["lost_probability"]) < 1e-9
    np.testing.assert_allclose(dataset["link_probability"], [0.2])


def test_two_different_links_are_both_waited_for(tmp_path):
    dataset = computed(tmp_path, AT_END, {"stations.s.success_probability": "0.25"})
    np.testing.assert_allclose(dataset["waiting_time_s"], 0.5 * later(0.2, 0.5) / 0.25, rtol=1e-7)
    np.testing.assert_allclose(dataset["rate_hz"], 1 / dataset["waiting_time_s"], rtol=1e-9)
    np.testing.assert_allclose(dataset["fidelity"], swapped(0.9, 0.8), rtol=1e-9)
    assert dataset["link"].values.tolist() == ["a", "b"]
    expected = np.diag([1, *np.array([1, -1, 1]) * (4 * swapped(0.9, 0.8) - 1) / 3])
    np.testing.assert_allclose(dataset["bloch"], expected, atol=1e-9)


def test_multiplexing_counts_for_each_link(tmp_path):
    dataset = computed(tmp_path, AT_END, {"chain.multiplexing": "3"})
    np.testing.assert_allclose(dataset["link_probability"], [1 - 0.8**3, 1 - 0.5**3], rtol=1e-12)
    np.testing.assert_allclose(dataset["waiting_time_s"], 0.5 * later(1 - 0.8**3, 1 - 0.5**3), rtol=1e-7)


def test_nodes_have_memories_of_their_own_that_need_not_be_exponential(tmp_path):
    """The elder waits d cycles with probability p q (1 - q)^d / (1 - (1 - p)(1 - q)); both of its halves decay, each as its
    node does: the left elder in A and R, the right one in R and B."""
    times = {"A": 3.0, "R": 5.0, "B": 11.0}
    keys = {"memories.all.t1_s": None, "memories.all.t2_s": None, "links.a.fidelity": "1.0", "links.b.fidelity": "1.0"}
    for name, t2 in times.items():
        keys |= {f"memories.{name}.t1_s": "inf", f"memories.{name}.t2_s": repr(t2)}
        keys[f"memories.{name}.decay_exponent"] = "2.0"
    dataset = computed(tmp_path, AT_END, keys)
    p, q, waits = 0.2, 0.5, np.arange(1, 2000)
    norm = p * q / (1 - (1 - p) * (1 - q))
    kept = norm
    for slow, nodes in ((q, "AR"), (p, "RB")):  # the link that the other one waits for
        decay = np.exp(-sum((0.5 * waits / times[node]) ** 2 for node in nodes))
        kept += norm * np.sum((1 - slow) ** waits * decay)
    np.testing.assert_allclose(dataset["fidelity"], (1 + kept) / 2, rtol=1e-8)


def test_a_fibre_sets_probability_cycle_and_message(tmp_path):
    """20 km are 97.9 µs; both arms have 2 dB; the last message is on its way for one latency."""
    link = {"scheme": '"double-click"', "transmissivity": "0.5", "fiber.length_km": "20.0"}
    keys = {"links.a.fidelity": None, "links.a.probability": None, "links.a.cycle_s": None, "chain.num_links": "2"}
    dataset = computed(
        tmp_path,
        ONE,
        keys | {f"links.a.{key}": value for key, value in link.items()} | {"chain.policy": '"swap-at-end"'},
    )
    p, latency = 0.5**2 * 10**-0.4 / 2, 1.468 * 20 / 299792.458
    np.testing.assert_allclose(dataset["link_probability"], [p, p], rtol=1e-12)
    np.testing.assert_allclose(dataset["waiting_time_s"], latency * (later(p, p) + 1), rtol=1e-6)
    assert dataset["link"].values.tolist() == ["a 1", "a 2"]
    parameters = json.loads(dataset.attrs["parameters"])
    assert parameters["links.a.fiber.attenuation_db_per_km"] == {
        "value": "0.2", "unit": "dB/km", "grade": "A", "source": "default"
    }  # fmt: skip
    slow = computed(tmp_path, ONE, keys | {f"links.a.{k}": v for k, v in link.items()} | {
        "links.a.preparation_s": "1e-3", "links.a.communication_s": "0.0", "chain.policy": '"swap-at-end"',
        "links.a.fiber.length_km": "20.0", "calculation.kind": '"exact"'})  # fmt: skip
    np.testing.assert_allclose(slow["waiting_time_s"], (latency + 1e-3) * later(p, p), rtol=1e-6)


def test_a_nested_chain_is_the_one_made_by_hand(tmp_path):
    keys = {
        "links.a.scheme": '"double-click"', "links.a.fidelity": None, "links.a.probability": None,
        "links.a.transmissivity": "0.8", "links.a.visibility": "0.95", "links.a.cycle_s": "1e-3",
        "links.a.communication_s": "1e-3", "memories.all.t2_s": "0.5", "stations.all.gate_mixing": "0.01",
        "stations.all.success_probability": "0.8", "chain.num_links": "4", "chain.cutoff_s": "[0.05, 0.07, inf]",
        "chain.distillation": "[1, 0, 0]", "chain.distillation_protocol": '"bbpssw"',
        "chain.distillation_gate_mixing": "0.005", "chain.distillation_readout_error": "0.002",
        "chain.max_run_s": "2.0", "calculation.kind": '"exact"', "calculation.tail": "1e-6",
    }  # fmt: skip
    dataset = computed(tmp_path, ONE, keys)
    chain = RepeaterChain(
        double_click_link(transmissivity=0.8, visibility=0.95), Memory(t1_s=np.inf, t2_s=0.5),
        BellStation(0.01, 0.0, 0.8), num_links=4, cutoff_s=[0.05, 0.07, np.inf], distillation=[1, 0, 0],
        distillation_protocol="bbpssw", distillation_gate_mixing=0.005, distillation_readout_error=0.002, max_run_s=2.0,
        cycle_s=1e-3, communication_s=1e-3,
    )  # fmt: skip
    result = chain.exact(tail=1e-6)
    np.testing.assert_allclose(dataset["fidelity"], result.fidelity, rtol=1e-12)
    np.testing.assert_allclose(dataset["rate_hz"], result.rate_hz, rtol=1e-12)
    np.testing.assert_allclose(dataset["secret_key_rate_bit_per_s"], result.secret_key_rate_bit_per_s, rtol=1e-12)
    np.testing.assert_allclose(dataset["delivery_probability"], result.distribution.probabilities, atol=1e-15)
    json.loads(dataset.attrs["scenario"], parse_constant=pytest.fail)  # infinities are texts there
    again = stored_scenario(dataset)
    assert again.chain.cutoff_s == (0.05, 0.07, np.inf)


def test_unequal_fibres_are_those_of_a_chain_by_hand(tmp_path):
    """Three segments; each has its own length, so that the clock is their common divisor."""
    lengths = (10.0, 20.0, 30.0)
    keys = {key: None for key in TWO if key.startswith("links.")} | {"chain.policy": '"swap-at-end"'}
    for name, length in zip("xyz", lengths, strict=True):
        keys |= {f"links.{name}.scheme": '"double-click"', f"links.{name}.fiber.length_km": repr(length)}
    dataset = computed(tmp_path, TWO, keys | {"memories.all.t2_s": "0.01"})
    fibers = [Fiber(length) for length in lengths]
    links = [double_click_link(transmissivity=np.sqrt(fiber.transmissivity)) for fiber in fibers]
    latencies = [fiber.latency_s for fiber in fibers]
    chain = RepeaterChain(
        links, Memory(t1_s=np.inf, t2_s=0.01), policy="swap-at-end", cycle_s=latencies, communication_s=latencies
    )
    np.testing.assert_allclose(dataset["fidelity"], chain.exact().fidelity, rtol=1e-9)
    np.testing.assert_allclose(dataset["step_s"], Fiber(10.0).latency_s, rtol=1e-12)


def test_axes_are_dimensions_and_points_are_files(tmp_path):
    keys = {"links.b.probability": "[0.5, 0.1]", "stations.s.success_probability": "[1.0, 0.5, 0.25]"}
    dataset = computed(tmp_path, AT_END, keys)
    assert dataset["rate_hz"].dims == ("links.b.probability", "stations.s.success_probability")
    expected = 0.5 * np.array([[later(0.2, p) / q for q in (1.0, 0.5, 0.25)] for p in (0.5, 0.1)])
    np.testing.assert_allclose(dataset["waiting_time_s"], expected, rtol=1e-7)
    assert dataset["delivery_probability"].dims[:2] == dataset["rate_hz"].dims
    assert summarize(dataset).splitlines()[1] == "against stations.s.success_probability"
    assert isinstance(plot_overview(dataset), Figure)


def test_cut_offs_may_be_an_axis_by_a_range_only(tmp_path):
    memory = {"memories.all.t2_s": "4.0"}
    spans = computed(tmp_path, AT_END, memory | {"chain.cutoff_s": "{ start = 0.5, stop = 2.0, num = 4 }"})
    assert spans["fidelity"].dims == ("chain.cutoff_s",)
    assert (np.diff(spans["fidelity"]) < 0).all()
    each = computed(tmp_path, AT_END, memory | {"chain.cutoff_s": "[1.0, inf]"})
    np.testing.assert_allclose(each["fidelity"], spans["fidelity"][1], rtol=1e-9)
    for_all = computed(tmp_path, AT_END, memory | {"chain.cutoff_s": "1.0"})
    np.testing.assert_allclose(for_all["fidelity"], spans["fidelity"][1], rtol=1e-9)


def test_samples_agree_with_sums_and_have_errors(tmp_path):
    keys = {"memories.all.t2_s": "4.0"}
    exact = computed(tmp_path, AT_END, keys)
    sampled = computed(tmp_path, AT_END, keys | SAMPLED)
    for name, error in (("fidelity", "fidelity_error"), ("waiting_time_s", "waiting_time_error_s")):
        assert 0 < float(sampled[error]) < 0.05 * float(sampled[name])
        assert abs(float(sampled[name] - exact[name])) < 5 * float(sampled[error]), name
    assert sampled["sampled_times_s"].sizes == {"pair": 4000}
    np.testing.assert_allclose(sampled["sampled_times_s"].mean(), sampled["waiting_time_s"], rtol=1e-12)
    assert sampled["bloch_error"].shape == (4, 4)
    assert json.loads(sampled.attrs["seed_entropy"]) == {"calculation.seed": 5}
    assert "±" in summarize(sampled)
    again = computed(tmp_path, AT_END, keys | SAMPLED)
    assert again.identical(sampled)
    other = computed(tmp_path, AT_END, keys | SAMPLED | {"calculation.seed": "6"})
    assert float(other["fidelity"]) != float(sampled["fidelity"])


def test_sampled_points_of_an_axis_keep_no_times(tmp_path):
    dataset = computed(tmp_path, AT_END, SAMPLED | {"links.b.probability": "[0.5, 0.1]"})
    assert "sampled_times_s" not in dataset
    assert dataset["fidelity_error"].dims == ("links.b.probability",)
    assert isinstance(plot_overview(dataset), Figure)


def test_fidelities_of_all_times_make_the_mean(tmp_path):
    dataset = computed(tmp_path, AT_END, {"memories.all.t2_s": "4.0"})
    parts = (dataset["delivery_probability"] * dataset["delivery_fidelity"].fillna(0)).sum()
    np.testing.assert_allclose(parts, dataset["fidelity"], rtol=1e-7)
    np.testing.assert_allclose(dataset["delivery_fidelity"][0], swapped(0.9, 0.8), rtol=1e-9)  # nothing has waited


def test_many_cycles_may_count_as_one(tmp_path):
    keys = {"calculation.kind": '"exact"', "calculation.coarsened": "2"}
    link = Heralded(werner_state(fidelity=0.9), 0.2)
    perfect = Memory(t1_s=np.inf, t2_s=np.inf)
    expected = RepeaterChain(link, perfect, num_links=1, cycle_s=0.5).coarsened(2).exact()
    np.testing.assert_allclose(computed(tmp_path, ONE, keys)["waiting_time_s"], expected.waiting_time_s, rtol=1e-12)
    np.testing.assert_allclose(expected.waiting_time_s, 1 / (1 - 0.8**2), rtol=1e-8)  # in cycles of a second


@pytest.mark.parametrize(
    ("changes", "text"),
    [({"memories.x.t1_s": "1.0", "memories.x.t2_s": "1.0"}, "key `memories`: must hold one value per node (3), but holds 2"),
     ({"memories.all.t2_s": None}, "key `memories.all`: lacks the key `t2_s`"),
     ({"memories.all.platform": '"tin"'}, "key `memories.all.platform`: expected one of"),
     ({"stations.a.gate_mixing": "1.5"}, "key `stations.a.gate_mixing`: must be between 0 and 1, but is 1.5"),
     ({"links.a.cycle_s": None}, "key `links.a`: lacks the key `cycle_s`, and there is no fibre"),
     ({"links.a.fidelity": "1.5"}, "key `links.a.fidelity`: must be"),
     ({"links.a.fiber.length_km": "5.0"}, "table `links.a.fiber`: expected only with schemes that send photons"),
     ({"links.a.nonsense": "1"}, "key `links.a`: has an unknown key `nonsense`"),
     ({"chain.policy": '"swap-never"'}, "key `chain.policy`"),
     ({"chain.policy": '"nested"', "links.c.scheme": '"werner"', "links.c.fidelity": "0.9", "links.c.cycle_s": "1.0"},
      "must be a power of 2"),
     ({"chain.cutoff_s": "[1.0, 1.0, 1.0]"}, "key `chain.cutoff_s`: must hold one value per level (2), but holds 3"),
     ({"calculation.kind": '"sampled"', "calculation.num_pairs": "5"}, "key `calculation`: lacks the key `seed`"),
     ({"links.a.fidelity": "[0.8, 0.9]", "links.b.fidelity": "[0.8, 0.9]", "links.b.probability": "[0.8, 0.9]"},
      "expected at most two axes")],
)  # fmt: skip
def test_what_makes_no_chain_is_refused_in_the_words_of_the_file(tmp_path, changes, text):
    assert text in refusal(tmp_path, changes)


def test_what_can_only_be_sampled_says_so(tmp_path):
    keys = {"memories.all.decay_exponent": "2.0", "links.a.communication_s": "1.0"}
    with pytest.raises(ScenarioError, match=r'table `calculation`: .*use kind = "sampled"'):
        computed(tmp_path, AT_END, keys | {"memories.all.t2_s": "5.0"})
    assert float(computed(tmp_path, AT_END, keys | {"memories.all.t2_s": "5.0"} | SAMPLED)["fidelity"]) < swapped(
        0.9, 0.8
    )


@pytest.mark.parametrize("calculation", [{}, SAMPLED])
def test_figures_of_one_chain_show_waiting_and_fidelity(tmp_path, calculation):
    """On the right the probability that both links are there after n cycles: (1 - 0.8^n)(1 - 0.5^n)."""
    dataset = computed(tmp_path, AT_END, {"memories.all.t2_s": "4.0"} | calculation)
    figure = plot_overview(dataset)
    assert ("fidelity with phi+" in [axes.get_ylabel() for axes in figure.axes]) == (not calculation)
    (reached,) = (axes for axes in figure.axes if axes.get_ylabel() == "probability that a pair is there")
    times, shares = reached.get_lines()[0].get_data()
    cycles = np.round(np.asarray(times) / 0.5)
    expected = (1 - 0.8**cycles) * (1 - 0.5**cycles)
    last = np.flatnonzero(np.diff([*cycles, np.inf]))  # of the pairs of each cycle
    np.testing.assert_allclose(np.asarray(shares)[last[:-1]], expected[last[:-1]], atol=0.04 if calculation else 1e-9)


def test_figures_of_samples_shade_two_standard_errors(tmp_path):
    dataset = computed(tmp_path, AT_END, SAMPLED | {"links.b.probability": "[0.5, 0.3, 0.1]"})
    axes = plot_overview(dataset).axes[1]  # of the rate
    (shade,) = axes.collections
    low, high = shade.get_paths()[0].get_extents().get_points()[:, 1]
    rate, error = dataset["rate_hz"].values, dataset["rate_error_hz"].values
    np.testing.assert_allclose([low, high], [(rate - 2 * error).min(), (rate + 2 * error).max()], rtol=1e-9)
