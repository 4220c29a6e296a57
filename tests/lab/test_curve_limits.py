"""Each number of a scenario does what it says, seen where nothing else disturbs."""

from fractions import Fraction
from math import comb

import numpy as np
import pytest
from lab.scenario_files import IDEAL, curve, numbers_of

LIGHT_KM_PER_S = 299792.458
MANY = {"sweep.repeaters": "[0, 1, 3, 7]"}


def ideal(folder, **changes):
    """Curve of perfect devices but for the changes; in their names __ stands for the dot."""
    return curve(folder, {key.replace("__", "."): value for key, value in changes.items()}, base=IDEAL | MANY)


def largest_of_geometric(success, count):
    fail = 1 - success
    return sum((-1) ** (k + 1) * comb(count, k) / (1 - fail**k) for k in range(1, count + 1))


def test_perfect_devices_give_perfect_pairs(tmp_path):
    dataset = ideal(tmp_path)
    np.testing.assert_allclose(dataset["fidelity"], 1, rtol=1e-12)
    np.testing.assert_allclose(dataset["secret_key_fraction"], 1, rtol=1e-9)
    np.testing.assert_allclose(dataset["link_probability"], 0.5, rtol=1e-12)
    assert np.isinf(dataset["direct_bound_bit_per_s"]).all()


def test_one_link_succeeds_once_in_so_many_cycles(tmp_path):
    """Two photons of 0.3 through 50 km: 0.3**2 * 0.1 / 2 per cycle of preparation and light time."""
    given = {"link__photon_detection_probability": "0.3", "link__preparation_s": "1e-4"}
    dataset = ideal(tmp_path, fiber__attenuation_db_per_km="0.2", sweep__distances_km="[50]", **given)
    one = dataset.sel(repeaters=0).isel(distance_km=0)
    cycle_s = 1e-4 + 1.468 * 50 / LIGHT_KM_PER_S
    np.testing.assert_allclose(one["link_probability"], 0.0045, rtol=1e-12)
    np.testing.assert_allclose(one["rate_hz"], 0.0045 / cycle_s, rtol=1e-12)
    np.testing.assert_allclose(one["waiting_time_s"] * one["rate_hz"], 1, rtol=1e-12)


@pytest.mark.parametrize(
    ("changes", "success"),
    [
        ({}, Fraction(1, 2)),
        ({"link__photon_detection_probability": "0.2"}, Fraction(1, 50)),
        ({"link__photon_detection_probability": "0.2", "link__multiplexing": "3"}, 1 - Fraction(49, 50) ** 3),
        ({"link__frequency_conversion_efficiency": "0.2"}, Fraction(1, 50)),
        ({"fiber__insertion_loss_db": "10"}, Fraction(1, 200)),
    ],
)
def test_chains_wait_for_the_slowest_link(tmp_path, changes, success):
    dataset = ideal(tmp_path, station__success_probability="0.5", sweep__distances_km="[80]", **changes)
    for repeaters in (0, 1, 3, 7):
        cycle_s = 1.468 * 80 / (repeaters + 1) / LIGHT_KM_PER_S
        waiting_s = cycle_s * float(largest_of_geometric(success, repeaters + 1))
        point = dataset.sel(repeaters=repeaters).isel(distance_km=0)
        np.testing.assert_allclose(point["waiting_time_s"], waiting_s, rtol=1e-11)
        np.testing.assert_allclose(point["rate_hz"], 0.5**repeaters / waiting_s, rtol=1e-11)


def test_light_is_as_slow_as_the_group_index_says(tmp_path):
    slow, fast = (ideal(tmp_path, fiber__group_index=index) for index in ("3.0", "1.5"))
    np.testing.assert_allclose(slow["waiting_time_s"], 2 * fast["waiting_time_s"], rtol=1e-12)


def test_retrieval_costs_a_photon_at_every_memory(tmp_path):
    """A chain of N links has 2 N memories, each of which gives its photon back with probability 1/2."""
    full, half = ideal(tmp_path), ideal(tmp_path, memory__retrieval_efficiency="0.5")
    factors = [[0.5**2], [0.5**4], [0.5**8], [0.5**16]]
    np.testing.assert_allclose(numbers_of(half, "rate_hz"), factors * numbers_of(full, "rate_hz"), rtol=1e-12)
    for variable in ("fidelity", "waiting_time_s", "link_probability"):
        np.testing.assert_allclose(half[variable], full[variable], rtol=1e-12)


def test_gate_fidelity_is_an_average_over_input_states(tmp_path):
    """A depolarized gate of average fidelity F leaves a swapped pair with fidelity F; noise shrinks as powers."""
    dataset = ideal(tmp_path, station__gate_fidelity="0.97")
    shrink = 1 - 4 / 3 * 0.03
    expected = [(1 + 3 * shrink**n) / 4 for n in (0, 1, 3, 7)]
    np.testing.assert_allclose(expected[1], 0.97, rtol=1e-12)
    np.testing.assert_allclose(numbers_of(dataset, "fidelity")[:, 0], expected, rtol=1e-11)


def test_swap_in_fidelity_is_an_average_over_input_states(tmp_path):
    """Average fidelity F of a depolarized qubit leaves 2 F - 1 of its Bloch vector; both halves are moved."""
    dataset = ideal(tmp_path, memory__swap_in_fidelity="0.98")
    expected = [(1 + 3 * 0.96 ** (2 * links)) / 4 for links in (1, 2, 4, 8)]
    np.testing.assert_allclose(numbers_of(dataset, "fidelity")[:, 0], expected, rtol=1e-11)


def test_readout_errors_flip_one_or_both_bits(tmp_path):
    dataset = ideal(tmp_path, station__readout_error="0.1")
    bloch = dataset["bloch"].sel(repeaters=1).isel(distance_km=0)
    np.testing.assert_allclose([bloch.sel(pauli_left=p, pauli_right=p) for p in "XYZ"], [0.8, -0.64, 0.8], rtol=1e-11)


def test_memories_wait_for_the_herald(tmp_path):
    """One pair dephases on both sides for the light time of its link, not for the preparation."""
    light_s = 1.468 * 200 / LIGHT_KM_PER_S
    changes = {"memory__t2_s": repr(4 * light_s), "link__preparation_s": "3.0", "sweep__distances_km": "[200]"}
    one = ideal(tmp_path, **changes).sel(repeaters=0).isel(distance_km=0)
    np.testing.assert_allclose(one["fidelity"], (1 + np.exp(-0.5)) / 2, rtol=1e-11)


def test_hot_memories_relax_to_their_equilibrium(tmp_path):
    changes = {"memory__t1_s": "1e-9", "memory__t2_s": "1e-9", "memory__excited_population": "0.2"}
    bloch = ideal(tmp_path, **changes)["bloch"]
    np.testing.assert_allclose(bloch.sel(repeaters=0, pauli_left="Z", pauli_right="I"), 0.6, rtol=1e-9)
    np.testing.assert_allclose(bloch.sel(repeaters=0, pauli_left="Z", pauli_right="Z"), 0.36, rtol=1e-9)


@pytest.mark.parametrize(("visibility", "fidelity"), [("0.9", 0.95), ("0.5", 0.75), ("0.0", 0.5)])
def test_visibility_of_a_double_click(tmp_path, visibility, fidelity):
    """F = (1 + V) / 2, and without interference what is left is a classical correlation."""
    dataset = ideal(tmp_path, link__visibility=visibility)
    np.testing.assert_allclose(dataset["fidelity"].sel(repeaters=0), fidelity, rtol=1e-11)


@pytest.mark.parametrize("resolving", ["false", "true"])
def test_single_clicks_with_and_without_counting(tmp_path, resolving):
    """Weak light: p = 2 a eta (1 - a/2 or - a), F = 1 - a; counting tells two photons in one detector."""
    changes = {
        "link__scheme": '"single-click"', "link__bright_population": "0.1", "link__number_resolving": resolving,
        "link__photon_detection_probability": "1",
    }  # fmt: skip
    one = ideal(tmp_path, **changes).sel(repeaters=0)
    bright_pairs = 0.01 if resolving == "false" else 0.0
    np.testing.assert_allclose(one["link_probability"], 0.18 + bright_pairs, rtol=1e-12)
    np.testing.assert_allclose(one["fidelity"], 0.18 / (0.18 + bright_pairs), rtol=1e-11)


@pytest.mark.parametrize(
    ("error", "fraction"),
    [(0.0, 1.0), (0.05, 0.42720608641808846), (0.11, 0.00016808378), (0.12, 0.0)],
)
def test_key_fraction_of_pairs_with_equal_errors(tmp_path, error, fraction):
    """1 - 2 h(e) bits of Werner pairs, which have e = 2/3 (1 - F); h(0.05) = 0.28639..., h(0.11) = 0.49991..."""
    dataset = ideal(tmp_path, station__gate_fidelity=repr(1 - 1.5 * error)).sel(repeaters=1)
    np.testing.assert_allclose(dataset["fidelity"], 1 - 1.5 * error, rtol=1e-11)
    np.testing.assert_allclose(dataset["secret_key_fraction"], fraction, atol=1e-10)
    np.testing.assert_allclose(dataset["secret_key_rate_bit_per_s"], fraction * dataset["rate_hz"], rtol=1e-5)


def test_bound_of_direct_transmission(tmp_path):
    """-log2(1 - 0.1) and -log2(1 - 0.01) bits per signal, a million signals per second."""
    dataset = ideal(tmp_path, fiber__attenuation_db_per_km="0.2", sweep__distances_km="[50, 100]")
    expected = [152003.09344504997, 14499.569695115089]
    np.testing.assert_allclose(dataset["direct_bound_bit_per_s"], expected, rtol=1e-12)


def test_no_pairs_no_key(tmp_path):
    """Detectors that see nothing, and no dark counts: nothing ever comes, and that is no key, not an undefined one."""
    dataset = curve(tmp_path, {"link.photon_detection_probability": "0", "link.dark_count_probability": "0"})
    np.testing.assert_array_equal(dataset["rate_hz"], 0)
    np.testing.assert_array_equal(dataset["secret_key_rate_bit_per_s"], 0)
    assert np.isnan(dataset["fidelity"]).all()
