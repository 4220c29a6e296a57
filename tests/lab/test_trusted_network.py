"""A network of trusted nodes: hops by themselves, routes that share no node, satellites, the store of the two ends."""

import numpy as np
import pytest
from lab.figure_texts import outside, overlapping, shown_texts
from lab.scenario_files import changed

from qnet_lab import ScenarioError, plot_overview
from qnet_lab.evaluation import summarize
from qnet_protocols import decoy_bb84, finite_decoy_bb84, repeaterless_bound

NAME, FAR = "beijing_shanghai_backbone", "backbone_with_satellite"
LEVELS, SHARES = (0.6, 0.2, 0.0), (0.8, 0.12, 0.08)
HARDWARE = {"background_yield": 4e-6, "misalignment_error": 0.01, "reconciliation_efficiency": 1.16}
# a second line of fibre, south of the first, with nodes of its own
DETOUR = {"between": ["Shanghai", "Beijing"], "length_km": 2000.0, "num_hops": 25, "parallel_links": 2}


@pytest.fixture(scope="module")
def backbone(tmp_path_factory):
    return changed(tmp_path_factory.mktemp("backbone"), NAME, {})


@pytest.fixture(scope="module")
def ring(tmp_path_factory):
    return changed(tmp_path_factory.mktemp("ring"), NAME, {"spans.south": DETOUR})


@pytest.fixture(scope="module")
def far(tmp_path_factory):
    return changed(tmp_path_factory.mktemp("far"), FAR, {})


def arrived(length_km):
    return 0.1 * 10 ** (-0.02 * length_km)


def test_the_backbone_has_the_nodes_and_fibre_that_are_reported(backbone):
    """2032 km, 32 trusted nodes (Chen et al., Nature 589, 214 (2021))."""
    assert backbone.sizes["hop"] == 31
    assert len({*backbone["hop_start"].values, *backbone["hop_end"].values}) == 32
    assert float(backbone["hop_length_km"].sum()) == pytest.approx(2032)
    assert (backbone["hop_start"].values[1:] == backbone["hop_end"].values[:-1]).all()
    assert (backbone["hop_start"].values[0], backbone["hop_end"].values[-1]) == ("Beijing", "Shanghai")


def test_hops_by_the_finite_key_of_a_block(backbone):
    for hop in (0, 8, 30):
        point = backbone.isel(hop=hop)
        block = finite_decoy_bb84(
            num_pulses=4e7 * 600, transmissivity=arrived(float(point["hop_length_km"])), intensities=LEVELS,
            intensity_probabilities=SHARES, key_basis_probability=0.9, epsilon_secrecy=1e-10, **HARDWARE,
        )  # fmt: skip
        assert float(point["hop_key_rate_bit_per_s"]) == pytest.approx(4 * float(block.key_length) / 600, rel=1e-12)
        assert float(point["hop_loss_db"]) == pytest.approx(0.2 * float(point["hop_length_km"]))
        assert 0.01 < float(point["hop_error_rate"]) < 0.012


def test_long_keys_without_blocks(tmp_path, backbone):
    endless = changed(tmp_path, NAME, {"blocks": {}, "sources": {}})
    for hop in (0, 20):
        key = decoy_bb84(
            transmissivity=arrived(float(endless["hop_length_km"][hop])), intensities=LEVELS, sifting_efficiency=0.8 * 0.81,
            repetition_rate_hz=4e7, **HARDWARE,
        )  # fmt: skip
        assert float(endless["hop_key_rate_bit_per_s"][hop]) == pytest.approx(4 * float(key.rate_hz), rel=1e-12)
    assert float(endless["epsilon_secrecy"]) == float(endless["epsilon_correctness"]) == 0.0
    short, long = (
        changed(tmp_path, NAME, {"blocks.duration_s": s})["key_rate_bit_per_s"] for s in (60.0, 6e6)
    )  # fmt: skip
    assert 0 <= short < backbone["key_rate_bit_per_s"] < long


def test_keys_are_below_the_bound_without_repeater(backbone):
    bound = 4 * 4e7 * repeaterless_bound(10 ** (-backbone["hop_loss_db"].values / 10))
    assert (backbone["hop_key_rate_bit_per_s"].values < bound).all()


def test_the_slowest_hop_sets_the_rate_and_parameters_add_up(backbone):
    """Four links on each of 31 hops, and 30 relays between the ends."""
    assert float(backbone["key_rate_bit_per_s"]) == float(backbone["hop_key_rate_bit_per_s"].min())
    assert float(backbone["epsilon_secrecy"]) == pytest.approx(4 * 31 * 1e-10)
    assert float(backbone["epsilon_correctness"]) == pytest.approx(4 * 31 * 1e-15)
    assert int(backbone["route_relays"][0]) == 30
    assert float(backbone["compromise_probability"]) == pytest.approx(1 - 0.999**30)


def test_the_way_back_is_the_same(tmp_path, backbone):
    back = changed(tmp_path, NAME, {"route.ends": ["Shanghai", "Beijing"]})
    np.testing.assert_array_equal(back["hop_key_rate_bit_per_s"], backbone["hop_key_rate_bit_per_s"][::-1])
    assert back["hop_start"].values[0] == "Shanghai"
    part = changed(tmp_path, NAME, {"route.ends": ["Hefei", "Jinan"]})
    assert part.sizes["hop"] == 13


def test_a_disjoint_route_is_slower_and_safer(backbone, ring):
    """Both must be corrupt; the slower one sets the rate; the safer one's secrecy counts, and both must be correct."""
    assert ring.sizes["route"] == 2
    by_route = {int(r): ring.isel(hop=ring["hop_route"].values == r) for r in ring["route"].values}
    assert [one.sizes["hop"] for one in by_route.values()] == [25, 31]
    slow = float(by_route[0]["hop_key_rate_bit_per_s"].min())
    np.testing.assert_allclose(ring["route_key_rate_bit_per_s"], [slow, float(backbone["key_rate_bit_per_s"])])
    assert float(ring["key_rate_bit_per_s"]) == slow < float(backbone["key_rate_bit_per_s"])
    assert float(ring["compromise_probability"]) == pytest.approx((1 - 0.999**24) * (1 - 0.999**30))
    assert float(ring["epsilon_secrecy"]) == pytest.approx(2 * 25 * 1e-10)
    assert float(ring["epsilon_correctness"]) == pytest.approx((4 * 31 + 2 * 25) * 1e-15)
    inner = [set(one["hop_start"].values[1:]) for one in by_route.values()]
    assert not inner[0] & inner[1]


def test_links_beside_one_another_add_up(tmp_path, backbone):
    wide = changed(
        tmp_path, NAME, {f"spans.{s}.parallel_links": 8 for s in ("beijing_jinan", "jinan_hefei", "hefei_shanghai")}
    )
    np.testing.assert_allclose(wide["hop_key_rate_bit_per_s"], 2 * backbone["hop_key_rate_bit_per_s"], rtol=1e-12)
    assert float(wide["epsilon_secrecy"]) == pytest.approx(2 * float(backbone["epsilon_secrecy"]))


def test_the_satellite_is_a_relay_like_any_other(far):
    assert list(far["hop_end"].values[-3:]) == ["Xinglong", "Micius", "Nanshan"]
    assert int(far["route_relays"][0]) == 35
    assert np.isnan(far["hop_length_km"][-2:]).all()
    assert float(far["key_rate_bit_per_s"]) == float(far["hop_key_rate_bit_per_s"][-2])


def test_the_pass_over_nanshan_brings_what_was_reported(far):
    """47.8 kbit/s on average (Chen et al., Nature 589, 214 (2021)): this is what one number is set by."""
    assert float(far["hop_pass_key_rate_bit_per_s"][-1]) == pytest.approx(47.8e3, rel=0.01)
    assert np.isnan(far["hop_pass_key_rate_bit_per_s"][:-2]).all()


def test_a_satellites_key_is_that_of_a_relay_pass(tmp_path):
    """The same passes as a scenario of their own, in the limit of which day and rate are all that is added."""
    relay = changed(tmp_path, "jinan_relay_12900km", {})
    tables = {
        "transmitter": {
            "repetition_rate_hz": 6.25e8, "signal_intensity": 0.5, "decoy_intensity": 0.1, "signal_probability": 0.8,
            "decoy_probability": 0.15,
        },
        "satellite": {
            "altitude_km": 500.0, "wavelength_nm": 850.0, "half_divergence_urad": 5.0, "pointing_jitter_urad": 1.0,
            "zenith_transmissivity": 0.8, "optics_transmissivity": 0.105, "min_elevation_deg": 15.0,
        },
        "station_a": {
            "name": "a", "receiver_radius_m": 0.14, "max_elevation_deg": 75.0, "misalignment": 0.01,
            "background_rate_hz": 100.0,
        },
    }  # fmt: skip
    tables["station_b"] = tables["station_a"] | {"name": "b", "max_elevation_deg": 45.0}
    network = changed(
        tmp_path,
        FAR,
        {"relays.Micius": tables | {"between": ["Xinglong", "Nanshan"], "passes_per_day": 3.0}, "sources": {}},
    )
    expected = relay["key_bit"].values * 3 / 86400
    np.testing.assert_allclose(network["hop_key_rate_bit_per_s"][-2:], expected, rtol=1e-12)


def test_a_satellite_beside_the_fibre_is_a_disjoint_route(tmp_path, far):
    """Between Beijing and Shanghai, from stations there."""
    both = changed(
        tmp_path, FAR, {"route.ends": ["Beijing", "Shanghai"], "relays.Micius.between": ["Beijing", "Shanghai"]}
    )
    assert both.sizes["route"] == 2
    assert list(both["route_relays"].values) == [1, 30]
    assert float(both["compromise_probability"]) == pytest.approx(0.001 * (1 - 0.999**30))
    assert float(both["key_rate_bit_per_s"]) == pytest.approx(float(far["key_rate_bit_per_s"]))


def test_the_store_fills_to_the_brim(backbone):
    rate, time_s = float(backbone["key_rate_bit_per_s"]), backbone["time_s"].values
    np.testing.assert_allclose(backbone["stored_key_bit"], np.minimum(1e9, (rate - 2e4) * time_s), rtol=1e-12)
    assert (backbone["unmet_key_bit"] == 0).all()


def test_the_store_runs_dry(far):
    """More is asked for than the satellite brings."""
    rate, time_s = float(far["key_rate_bit_per_s"]), far["time_s"].values
    level = 1e7 + (rate - 200) * time_s
    np.testing.assert_allclose(far["stored_key_bit"], np.maximum(0, level), atol=1e-6)
    np.testing.assert_allclose(far["unmet_key_bit"], np.maximum(0, -level), atol=1e-6)
    assert float(far["unmet_key_bit"][-1]) > 0


@pytest.mark.parametrize(
    "changes", [{"spans.jinan_hefei.num_hops": 2}, {"receiver.misalignment": 0.2}, {"blocks.duration_s": 0.01}]
)
def test_no_key_is_no_exception(tmp_path, changes):
    """A hop that is too long or too noisy, a block too short: 0, and the figure and the summary say so."""
    dataset = changed(tmp_path, NAME, changes)
    assert float(dataset["key_rate_bit_per_s"]) == 0.0
    assert (dataset["hop_key_rate_bit_per_s"] >= 0).all()
    assert float(dataset["unmet_key_bit"][-1]) == pytest.approx(2e4 * 86400)
    figure = plot_overview(dataset)
    shown = shown_texts(figure)
    assert outside(figure, shown) == []
    assert "Beijing to Shanghai: 0 bit/s over one route" in summarize(dataset)


def test_the_figure_of_two_routes_is_readable(ring):
    figure = plot_overview(ring)
    shown = shown_texts(figure)
    assert outside(figure, shown) == []
    assert overlapping(shown) == []
    assert "over 2 routes combined" in summarize(ring)


REFUSED = [
    (
        {"route.ends": ["Beijing", "Atlantis"]},
        r"key `route.ends`: expected two of Beijing, Jinan, Hefei, Shanghai, but",
    ),
    ({"route.ends": ["Beijing", "Beijing"]}, "key `route.ends`: expected two nodes that links join"),
    ({"route.ends": ["Beijing"]}, "key `route.ends`"),
    ({"route.ends": ["Beijing", 3]}, "key `route.ends"),
    ({"spans.island": DETOUR | {"between": ["A", "B"]}, "route.ends": ["A", "Jinan"]}, "two nodes that links join"),
    (
        {"spans.jinan_hefei.between": ["Jinan", "Jinan"]},
        "key `spans.jinan_hefei.between`: expected two different nodes",
    ),
    (
        {"spans.a": DETOUR | {"num_hops": 1}, "spans.b": DETOUR | {"num_hops": 1}},
        "key `spans.b.between`: expected nodes that spans.a does not join already",
    ),
    ({"spans.jinan_hefei.num_hops": 0}, "key `spans.jinan_hefei.num_hops`"),
    ({"spans.jinan_hefei.length_km": -3.0}, "key `spans.jinan_hefei.length_km`"),
    ({"spans": {}}, "key `spans`"),
    ({"transmitter.decoy_intensity": 0.7}, "key `transmitter.signal_intensity`: expected more than both"),
    ({"receiver.efficiency": 1.5}, "key `receiver.efficiency`"),
    ({"route.corrupt_probability": 1.5}, "key `route.corrupt_probability`"),
    ({"store.initial_bit": 2e9}, "key `store.initial_bit`: expected at most capacity_bit = 1e+09"),
    ({"blocks.duration_s": 0.0}, "key `blocks.duration_s`"),
]


@pytest.mark.parametrize(("changes", "text"), REFUSED)
def test_wrong_networks_are_refused(tmp_path, changes, text):
    with pytest.raises(ScenarioError, match=text.replace("1e+09", r"1e\+09")):
        changed(tmp_path, NAME, changes)


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        (
            {"relays.Micius.between": ["Nanshan", "Nanshan"]},
            "key `relays.Micius.between`: expected two different nodes",
        ),
        (
            {"relays.Micius.station_b.max_elevation_deg": 12.0},
            r"key `relays.Micius.station_b.max_elevation_deg`: expected more",
        ),
        (
            {"relays.Micius.transmitter.decoy_probability": 0.4},
            "key `relays.Micius.transmitter.decoy_probability`: expected less",
        ),
        (
            {"relays.Micius.between": ["Nanshan", "Micius"]},
            "key `relays.Micius`: expected a name that no node on the ground has",
        ),
        ({"relays.Micius.passes_per_day": -1.0}, "key `relays.Micius.passes_per_day`"),
    ],
)
def test_wrong_satellites_are_refused(tmp_path, changes, text):
    with pytest.raises(ScenarioError, match=text):
        changed(tmp_path, FAR, changes)
