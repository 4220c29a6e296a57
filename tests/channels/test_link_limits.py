"""Every heralded link where its transmissivity, its dark counts or its imperfections go to nothing."""

import numpy as np
import pytest

from qnet_channels.cavity import cavity_reflection_link
from qnet_channels.dlcz import dlcz_link
from qnet_channels.emissive import emissive_link
from qnet_channels.links import double_click_link, single_click_link
from qnet_channels.midpoint import midpoint_source_link
from qnet_channels.spdc import spdc_link

DLCZ = {"mean_photons": 0.02, "max_photons": 3, "max_tail": 1e-3}
CAVITY = {"reflectivity_bright": 0.9, "reflectivity_dark": 0.2}
LINKS = {
    "single click": (single_click_link, {"bright_population": 0.1}),
    "double click": (double_click_link, {}),
    "emissive": (emissive_link, {"lifetime_s": (1.0, 2.0), "g2": (0.0, 0.02)}),
    "spdc": (spdc_link, {"mean_photons": 0.02}),
    "dlcz": (dlcz_link, DLCZ),
    "midpoint": (midpoint_source_link, {}),
    "cavity": (cavity_reflection_link, CAVITY),
}
PHOTONS = {"single click": 1, "double click": 2, "emissive": 2, "spdc": 2, "dlcz": 1, "midpoint": 2, "cavity": 1}
WITH_VISIBILITY = ["single click", "double click", "dlcz"]
RESOLVING = [name for name in LINKS if name != "midpoint"]
STEPS = 10.0 ** -np.arange(3, 10)


def noise(name, probability):
    """Dark counts, or what stands for them."""
    return {"false_herald_probability" if name == "midpoint" else "dark_count_probability": probability}


def made(name, **changed):
    link, given = LINKS[name]
    return link(**given, **{"transmissivity": 0.3} | changed)


def distances(found, limit):
    return np.abs(found.state.bloch - limit.state.bloch).reshape(len(STEPS), -1).max(axis=1)


@pytest.mark.parametrize("name", LINKS)
def test_long_arms_need_as_many_photons_as_the_scheme_has(name):
    """The probability goes with a power of the transmissivity, and the state tends to that of the weakest link."""
    found, weakest = made(name, transmissivity=STEPS), made(name, transmissivity=1e-13)
    powers = np.log10(found.probability[:-1] / found.probability[1:])
    np.testing.assert_allclose(powers, PHOTONS[name], atol=0.01)
    assert (distances(found, weakest) <= 3 * STEPS).all()


@pytest.mark.parametrize("name", RESOLVING)
def test_weak_links_do_not_care_how_photons_are_counted(name):
    """Two photons at one detector are rarer than one by the transmissivity."""
    both = [made(name, transmissivity=STEPS, number_resolving=counting) for counting in (False, True)]
    assert (distances(*both) <= 3 * STEPS).all()
    np.testing.assert_allclose(both[0].probability / both[1].probability, 1, atol=3e-3)


@pytest.mark.parametrize("name", LINKS)
def test_few_dark_counts_are_none(name):
    found, none = made(name, **noise(name, STEPS)), made(name)
    few = 10 * STEPS / none.probability
    assert (distances(found, none) <= few).all()
    assert (np.abs(found.probability / none.probability - 1) <= few).all()
    np.testing.assert_array_equal(made(name, **noise(name, 0.0)).state.bloch, none.state.bloch)


@pytest.mark.parametrize("name", [name for name in LINKS if name != "cavity"])
def test_links_of_dark_counts_only_have_no_coherence(name):
    dark = made(name, transmissivity=0.0, **noise(name, 0.01))
    rho = dark.state.matrix
    np.testing.assert_allclose(rho - np.diag(np.diagonal(rho)), 0, atol=1e-16)
    assert dark.probability > 0


@pytest.mark.parametrize("name", WITH_VISIBILITY)
def test_nearly_equal_photons_are_equal(name):
    """The coherence of one photon lacks half of 1 - V, that of two all of it."""
    found, equal = made(name, visibility=1 - STEPS), made(name)
    assert (distances(found, equal) <= 1.001 * STEPS).all()
    assert (distances(found, equal) >= STEPS / 4).all()


@pytest.mark.parametrize("name", [name for name in LINKS if name not in ("cavity", "emissive")])
def test_light_of_no_brightness_makes_perfect_pairs(name):
    dim = {"single click": {"bright_population": 1e-9}, "spdc": {"mean_photons": 1e-9}}
    dim["dlcz"] = DLCZ | {"mean_photons": 1e-9}
    link, given = LINKS[name]
    state = link(**given | dim.get(name, {}), transmissivity=0.3).state
    np.testing.assert_allclose(np.trace(state.matrix @ state.matrix), 1, atol=1e-7)
