"""Points of the shipped curves against a slow second implementation, and the oracle against enumeration."""

from decimal import Decimal, localcontext
from itertools import product

import chain_oracle
import numpy as np
import pytest
from lab import curve_oracle
from lab.hardware_tables import HARDWARE

from qnet_core import random_state

POINTS = [0, 40, 149]


@pytest.mark.parametrize("index", POINTS)
def test_points_are_those_of_the_second_implementation(shipped, index):
    name, dataset = shipped
    for repeaters in dataset["repeaters"].values:
        here = dataset.sel(repeaters=repeaters).isel(distance_km=index)
        cutoff_s = float(here["cutoff_s"])
        expected = curve_oracle.point(HARDWARE[name], float(here["distance_km"]), int(repeaters), cutoff_s)
        for variable, value in expected.items():
            np.testing.assert_allclose(
                here[variable], value, rtol=1e-9, atol=1e-12 * expected["rate_hz"], err_msg=f"{variable}, {repeaters}"
            )


def test_points_cover_positive_and_vanishing_keys(shipped_curve):
    keys = [shipped_curve(name)["secret_key_rate_bit_per_s"].isel(distance_km=POINTS) for name in HARDWARE]
    assert sum(int((key > 0).sum()) for key in keys) >= 10
    assert sum(int((key == 0).sum()) for key in keys) >= 5


def test_state_and_fidelity_agree(shipped):
    _, dataset = shipped
    bloch = dataset["bloch"]
    xx, yy, zz = (bloch.sel(pauli_left=p, pauli_right=p) for p in "XYZ")
    np.testing.assert_allclose(bloch.sel(pauli_left="I", pauli_right="I"), 1, rtol=1e-12)
    np.testing.assert_allclose(dataset["fidelity"], (1 + xx - yy + zz) / 4, rtol=1e-12)


def test_bound_is_that_of_the_whole_fibre(shipped):
    name, dataset = shipped
    eta = 10 ** (-0.02 * dataset["distance_km"].values)
    expected = -HARDWARE[name]["repetition_rate_hz"] * np.log2(1 - eta)
    np.testing.assert_allclose(dataset["direct_bound_bit_per_s"], expected, rtol=1e-9)


@pytest.mark.parametrize(("num_links", "times"), [(1, (2.0, 1.5, 0.0)), (2, (2.0, 1.5, 0.0)), (3, (np.inf, 1.0, 0.0))])
def test_the_oracle_averages_over_every_waiting_time(num_links, times):
    """The geometric series are those of an explicit sum over all success times."""
    pair = random_state((2, 2), rank=2, rng=np.random.default_rng(num_links)).matrix
    state, cycles = chain_oracle.by_enumeration(pair, 0.5, num_links, 0.2, times)
    expected = chain_oracle.expectations(state).diagonal()[1:]
    with localcontext() as context:
        context.prec = curve_oracle.DIGITS
        half = Decimal("0.5")
        terms = curve_oracle.waiting_terms(chain_oracle.expectations(pair), 0.2 / times[0], 0.2 / times[1])
        averaged = [float(curve_oracle.mean_product(each, half, num_links)) for each in terms]
        mean = float(curve_oracle.mean_cycles(half, num_links))
    signs = np.array([1, -1, 1]) ** (num_links - 1)
    np.testing.assert_allclose(signs * averaged, expected, atol=1e-12)
    np.testing.assert_allclose(mean, cycles, rtol=1e-12)


@pytest.mark.parametrize(("num_links", "window"), [(2, 3), (3, 2), (3, 4)])
def test_the_oracle_counts_every_history_within_a_window(num_links, window):
    """Sums over all times after the first link."""
    success, fail, weight = Decimal("0.3"), Decimal("0.7"), Decimal("0.8")
    met = decayed = waited = Decimal(0)
    for came in product(range(window + 1), repeat=num_links):
        if min(came) == 0:
            chance = success**num_links * fail ** sum(came) / (1 - fail**num_links)
            met, waited = met + chance, waited + chance * max(came)
            decayed += chance * weight ** (num_links * max(came) - sum(came))
    with localcontext() as context:
        context.prec = curve_oracle.DIGITS
        some = 1 - fail**num_links
        found = curve_oracle.mean_product([(Decimal(1), weight)], success, num_links, window) / some
        cycles = curve_oracle.mean_cycles(success, num_links, window)
    np.testing.assert_allclose(float(found), float(decayed), rtol=1e-14)
    np.testing.assert_allclose(float(cycles), float((1 / some + waited + window * (1 - met)) / met), rtol=1e-14)
