"""Readout of qubits and detection of photons, against events counted one by one and operators written by hand."""

import tomllib
from itertools import product
from math import comb, exp, factorial

import numpy as np
import pytest
from channels.case_tables import DATA
from hypothesis import given
from hypothesis import strategies as st
from oracles import TILTED_QUBIT, random_density

from qnet_channels import Detector, Readout, photon_loss
from qnet_core import DensityMatrix, bell_state, ket, pure_state
from qnet_core.errors import DimensionError, ParameterError, ParameterTypeError

PLATFORMS = tomllib.loads((DATA / "platforms.toml").read_text(encoding="utf-8"))
ERRORS = [(0.0, 0.0), (0.02, 0.05), (0.3, 0.0), (0.5, 0.5), (1.0, 1.0)]
PARTS = st.floats(0, 1)
each_error = pytest.mark.parametrize(("error_0", "error_1"), ERRORS)
each_model = pytest.mark.parametrize("model", ["projective", "lueders"])


def effects(error_0, error_1):
    """POVM elements of the outcomes 0 and 1."""
    return np.diag([1 - error_0, error_1]), np.diag([error_0, 1 - error_1])


def after_projection(rho, error_0, error_1, outcome):
    """Unnormalized state where the record says ``outcome``: over what the level was, and whether the record flipped."""
    total = np.zeros((2, 2), complex)
    for level, flips in product((0, 1), repeat=2):
        if (level ^ flips) == outcome:
            error = (error_0, error_1)[level]
            projector = np.diag(np.eye(2)[level])
            total += (error if flips else 1 - error) * projector @ rho @ projector
    return total


@each_model
@each_error
def test_outcomes_have_the_probabilities_of_the_errors(error_0, error_1, model, rng):
    rho = random_density(rng, 2)
    instrument = Readout(error_0, error_1).instrument(model)
    expected = [np.trace(effect @ rho).real for effect in effects(error_0, error_1)]
    np.testing.assert_allclose(instrument.probabilities(DensityMatrix(rho), 0), expected, atol=1e-15)
    assert instrument.outcomes == (0, 1)
    assert instrument.total().is_trace_preserving(1e-14)


@each_error
def test_projective_readout_is_exact_with_a_flipped_record(error_0, error_1, rng):
    rho = random_density(rng, 2)
    branches = Readout(error_0, error_1).instrument().branches(DensityMatrix(rho), 0)
    for outcome, branch in enumerate(branches):
        expected = after_projection(rho, error_0, error_1, outcome)
        if np.trace(expected) > 0:
            np.testing.assert_allclose(branch.probability * branch.state.matrix, expected, atol=1e-15)


@each_error
def test_lueders_readout_applies_the_root_of_the_effect(error_0, error_1, rng):
    rho = random_density(rng, 2)
    branches = Readout(error_0, error_1).instrument("lueders").branches(DensityMatrix(rho), 0)
    for branch, effect in zip(branches, effects(error_0, error_1), strict=True):
        root = np.sqrt(effect)
        if np.any(effect):
            np.testing.assert_allclose(branch.probability * branch.state.matrix, root @ rho @ root, atol=1e-15)


def test_the_models_differ_in_the_coherence_only():
    projective, lueders = (Readout(0.1, 0.2).instrument(model).total() for model in ("projective", "lueders"))
    rho = DensityMatrix(TILTED_QUBIT)
    np.testing.assert_allclose(rho.apply(projective, 0).matrix, np.diag([0.75, 0.25]), atol=1e-15)
    kept = np.sqrt(0.9 * 0.2) + np.sqrt(0.1 * 0.8)
    np.testing.assert_allclose(rho.apply(lueders, 0).matrix, TILTED_QUBIT * [[1, kept], [kept, 1]], atol=1e-15)


@each_model
def test_exact_readout_is_a_projection(model, rng):
    rho = random_density(rng, 2)
    for level, branch in enumerate(Readout().instrument(model).branches(DensityMatrix(rho), 0)):
        np.testing.assert_allclose(branch.probability, rho[level, level].real, rtol=1e-14)
        np.testing.assert_allclose(branch.state.matrix, np.diag(np.eye(2)[level]), atol=1e-15)


@each_model
@each_error
def test_destructive_readout_leaves_the_others_alone(error_0, error_1, model, rng):
    """Nothing is left of the qubit, and of the rest what the effect says."""
    rho = random_density(rng, 6)
    instrument = Readout(error_0, error_1).instrument(model, destructive=True)
    state = DensityMatrix(rho, (3, 2))
    assert instrument.total().dims_out == ()
    assert state.apply(instrument.total(), 1).dims == (3,)
    np.testing.assert_allclose(state.apply(instrument.total(), 1).matrix, state.ptrace(0).matrix, atol=1e-15)
    for branch, effect in zip(instrument.branches(state, 1), effects(error_0, error_1), strict=True):
        expected = np.einsum("aibj,ji->ab", rho.reshape(3, 2, 3, 2), effect)
        if np.any(effect):
            np.testing.assert_allclose(branch.probability * branch.state.matrix, expected, atol=1e-15)


def test_readout_of_half_a_pair_says_what_the_other_is():
    zero, one = Readout(0.02, 0.05).instrument(destructive=True).branches(bell_state("phi+"), 0)
    np.testing.assert_allclose(zero.state.matrix, np.diag([0.98, 0.05]) / 1.03, atol=1e-15)
    np.testing.assert_allclose(one.state.matrix, np.diag([0.02, 0.95]) / 0.97, atol=1e-15)


@given(error_0=PARTS, error_1=PARTS, z=st.floats(-1, 1))
def test_correction_undoes_the_errors(error_0, error_1, z):
    readout, rho = Readout(error_0, error_1), DensityMatrix(np.diag([(1 + z) / 2, (1 - z) / 2]))
    if abs(1 - error_0 - error_1) < 1e-3:
        return
    zero, one = readout.instrument().probabilities(rho, 0)
    np.testing.assert_allclose(readout.corrected(zero - one), z, atol=1e-12)


@pytest.mark.parametrize(("error_0", "error_1"), [(0.5, 0.5), (0.3, 0.7), (0.0, 1.0)])
def test_a_reading_that_tells_nothing_cannot_be_corrected(error_0, error_1):
    with pytest.raises(ParameterError, match="add up to 1"):
        Readout(error_0, error_1).corrected(0.1)


@each_error
def test_assignment_fidelity_is_that_of_both_states(error_0, error_1):
    readout = Readout(error_0, error_1)
    right = [readout.instrument().probabilities(ket(str(bit)), 0)[bit] for bit in (0, 1)]
    np.testing.assert_allclose(readout.assignment_fidelity, np.mean(right), rtol=1e-15)


@each_model
@pytest.mark.parametrize("destructive", [False, True])
def test_readout_errors_broadcast(model, destructive):
    error_0, error_1, rho = np.array([[0.0], [0.3]]), np.array([0.1, 0.2, 1.0]), DensityMatrix(TILTED_QUBIT)
    batch = Readout(error_0, error_1).instrument(model, destructive=destructive)
    assert batch.total().batch_shape == (2, 3)
    for i, j in np.ndindex(2, 3):
        one = Readout(error_0[i, 0], error_1[j]).instrument(model, destructive=destructive)
        np.testing.assert_allclose(batch.total().transfer[i, j], one.total().transfer, atol=1e-16)
        np.testing.assert_allclose(batch.probabilities(rho, 0)[:, i, j], one.probabilities(rho, 0), atol=1e-16)


READ_OUT = sorted(name for name, sheet in PLATFORMS.items() if "readout_error_0" in sheet["parameters"])


@pytest.mark.parametrize("name", READ_OUT)
def test_readout_of_a_platform_is_the_published_one(name):
    known, readout = PLATFORMS[name]["parameters"], Readout.preset(name)
    assert (readout.error_0, readout.error_1) == tuple(known[f"readout_error_{bit}"]["value"] for bit in (0, 1))


@pytest.mark.parametrize("name", sorted(set(PLATFORMS) - set(READ_OUT)))
def test_platforms_without_readout_have_none(name):
    with pytest.raises(ParameterError, match="readout_error_0"):
        Readout.preset(name)


def test_unknown_model_of_a_readout_is_refused():
    with pytest.raises(ParameterError, match=r"`model`.*projective, lueders.*gentle"):
        Readout().instrument("gentle")


DETECTORS = [(1.0, 0.0), (0.6, 0.0), (0.8, 0.01), (0.35, 0.4), (0.0, 0.1)]
each_detector = pytest.mark.parametrize(("efficiency", "dark"), DETECTORS)


def detector(efficiency, dark, **options):
    """With this probability of a dark count."""
    return Detector(efficiency, dark_count_rate_hz=-np.log1p(-np.asarray(dark)), window_s=1.0, **options)


def counts(efficiency, dark, photons):
    """Probability of each number of counts: every photon is seen or not, and a dark count happens or not."""
    probabilities = np.zeros(photons + 2)
    for events in product((0, 1), repeat=photons + 1):
        *seen, extra = events
        weight = np.prod([efficiency if one else 1 - efficiency for one in seen]) * (dark if extra else 1 - dark)
        probabilities[sum(events)] += weight
    return probabilities


@each_detector
@pytest.mark.parametrize("max_photons", [1, 4])
def test_number_resolving_detector_counts_photons(max_photons, efficiency, dark):
    table = detector(efficiency, dark, number_resolving=True).outcome_probabilities(max_photons)
    assert table.shape == (max_photons + 2, max_photons + 1)
    for photons in range(max_photons + 1):
        expected = np.zeros(max_photons + 2)
        expected[: photons + 2] = counts(efficiency, dark, photons)
        np.testing.assert_allclose(table[:, photons], expected, atol=1e-15)


@each_detector
@pytest.mark.parametrize("max_photons", [1, 4])
def test_threshold_detector_clicks_or_not(max_photons, efficiency, dark):
    table = detector(efficiency, dark).outcome_probabilities(max_photons)
    assert table.shape == (2, max_photons + 1)
    for photons in range(max_photons + 1):
        quiet = counts(efficiency, dark, photons)[0]
        np.testing.assert_allclose(table[:, photons], [quiet, 1 - quiet], atol=1e-15)


def test_counts_of_a_bright_pulse_are_binomial():
    table = detector(0.7, 0.0, number_resolving=True).outcome_probabilities(12)
    expected = [comb(12, k) * 0.7**k * 0.3 ** (12 - k) for k in range(13)] + [0.0]
    np.testing.assert_allclose(table[:, 12], expected, rtol=1e-13)


@given(efficiency=PARTS, dark=st.floats(0, 0.99), number_resolving=st.booleans())
def test_outcomes_are_exhaustive(efficiency, dark, number_resolving):
    table = detector(efficiency, dark, number_resolving=number_resolving).outcome_probabilities(5)
    assert (table >= 0).all()
    np.testing.assert_allclose(table.sum(axis=0), 1.0, atol=1e-14)


@pytest.mark.parametrize("number_resolving", [False, True])
@each_detector
def test_instrument_on_number_states(efficiency, dark, number_resolving):
    measured = detector(efficiency, dark, number_resolving=number_resolving)
    instrument = measured.instrument(3)
    for photons in range(4):
        fock = pure_state(np.eye(4)[photons], 4)
        expected = counts(efficiency, dark, photons)
        if not number_resolving:
            expected = np.array([expected[0], expected[1:].sum()])
        found = instrument.probabilities(fock, 0)
        np.testing.assert_allclose(found[: len(expected)], expected, atol=1e-14)
        np.testing.assert_allclose(found[len(expected) :], 0, atol=1e-16)
    assert instrument.total().dims_out == ()


def test_coherence_between_photon_numbers_is_not_seen(rng):
    rho = random_density(rng, 5)
    instrument = detector(0.6, 0.1, number_resolving=True).instrument(4)
    together = instrument.probabilities(DensityMatrix(rho, 5), 0)
    apart = instrument.probabilities(DensityMatrix(np.diag(np.diagonal(rho)), 5), 0)
    np.testing.assert_allclose(together, apart, atol=1e-15)


def test_efficiency_is_loss_in_front_of_a_perfect_detector(rng):
    rho = DensityMatrix(random_density(rng, 5), 5)
    behind = rho.apply(photon_loss(transmissivity=0.35, max_photons=4), 0)
    own = detector(0.35, 0.02, number_resolving=True).instrument(4).probabilities(rho, 0)
    perfect = detector(1.0, 0.02, number_resolving=True).instrument(4).probabilities(behind, 0)
    np.testing.assert_allclose(own, perfect, atol=1e-14)


def test_a_click_heralds_the_other_mode():
    """Of a vacuum squeezed by lambda**2 = 1/2 one arm is measured: given a click or none, the other has these numbers."""
    size, quiet = 6, 0.9 * 0.4 ** np.arange(6)
    weights = 0.5 ** np.arange(size)
    weights /= weights.sum()
    pairs = pure_state(np.diag(np.sqrt(weights)).reshape(-1), (size, size))
    no_click, click = detector(0.6, 0.1).instrument(5).branches(pairs, 1)
    assert click.state.dims == (size,)
    np.testing.assert_allclose(no_click.probability, weights @ quiet, rtol=1e-13)
    np.testing.assert_allclose(no_click.probability * no_click.state.matrix, np.diag(weights * quiet), atol=1e-14)
    np.testing.assert_allclose(click.probability * click.state.matrix, np.diag(weights * (1 - quiet)), atol=1e-14)


def photon_numbers(statistics, mean_photons):
    """Probabilities of 0, 1, 2, ... photons."""
    if statistics == "fock":
        return np.eye(60)[mean_photons]
    if statistics == "coherent":
        return np.array([exp(-mean_photons) * mean_photons**n / factorial(n) for n in range(60)])
    return np.array([(mean_photons / (1 + mean_photons)) ** n / (1 + mean_photons) for n in range(600)])


@pytest.mark.parametrize(
    ("statistics", "mean_photons"),
    [("fock", 0), ("fock", 1), ("fock", 7), *product(("coherent", "thermal"), (0.0, 0.1, 1.0, 4.0))],
)
@each_detector
def test_clicks_of_light_are_sums_over_photon_numbers(efficiency, dark, statistics, mean_photons):
    numbers = photon_numbers(statistics, mean_photons)
    quiet = sum(weight * (1 - efficiency) ** n for n, weight in enumerate(numbers)) * (1 - dark)
    found = detector(efficiency, dark).click_probability(mean_photons, statistics)
    np.testing.assert_allclose(found, 1 - quiet, atol=1e-13)


@pytest.mark.parametrize("statistics", ["coherent", "thermal"])
@pytest.mark.parametrize("mean_photons", [1e-6, 1e-12, 1e-18])
def test_clicks_of_weak_light_are_not_lost_to_rounding(mean_photons, statistics):
    """Of light from far away: to first order, a click for each photon that is seen."""
    second_order = {"coherent": mean_photons / 4, "thermal": mean_photons / 2}[statistics]
    expected = mean_photons / 2 * (1 - second_order)
    np.testing.assert_allclose(Detector(0.5).click_probability(mean_photons, statistics), expected, rtol=1e-11)


def test_rare_dark_counts_are_not_lost_to_rounding():
    """In the window and in the clicks of darkness alone: a rate of 1 per hour in a window of a picosecond."""
    dark = Detector(0.9, dark_count_rate_hz=1 / 3600, window_s=1e-12)
    np.testing.assert_allclose(dark.dark_count_probability, 1e-12 / 3600, rtol=1e-14)
    np.testing.assert_allclose(dark.outcome_probabilities(1)[1, 0], 1e-12 / 3600, rtol=1e-14)
    np.testing.assert_allclose(dark.click_probability(0.0), 1e-12 / 3600, rtol=1e-14)


def test_number_states_have_whole_numbers():
    with pytest.raises(ParameterError, match=r"`mean_photons`.*whole"):
        Detector().click_probability([1.0, 0.5], "fock")


def test_unknown_statistics_are_refused():
    with pytest.raises(ParameterError, match=r"`statistics`.*fock, coherent, thermal.*laser"):
        Detector().click_probability(0.1, "laser")


@pytest.mark.parametrize("paralyzable", [False, True])
def test_dead_time_against_events_in_a_row(paralyzable, rng):
    """Poisson events, of which one counts where it doesn't fall into a dead time; within five standard deviations."""
    rate_hz, dead_s, events = 2.0, 0.3, 400_000
    gaps = rng.exponential(1 / rate_hz, events)
    if paralyzable:
        clicks = int((gaps > dead_s).sum())
    else:
        clicks, free_at, now = 0, 0.0, 0.0
        for gap in gaps.tolist():
            now += gap
            if now >= free_at:
                clicks, free_at = clicks + 1, now + dead_s
    measured = Detector(dead_time_s=dead_s).measured_rate_hz(rate_hz, paralyzable=paralyzable)
    np.testing.assert_allclose(clicks / gaps.sum(), measured, rtol=5 / np.sqrt(clicks))


def test_without_dead_time_every_event_counts():
    assert Detector().measured_rate_hz(1e7) == 1e7
    assert Detector().measured_rate_hz(1e7, paralyzable=True) == 1e7


def test_detector_numbers_broadcast():
    efficiency, dark = np.array([[0.2], [0.9]]), np.array([0.0, 0.1, 0.5])
    for number_resolving in (False, True):
        batch = detector(efficiency, dark, number_resolving=number_resolving)
        table = batch.outcome_probabilities(2)
        maps = batch.instrument(2)
        fock = pure_state(np.eye(3), 3)
        for i, j in np.ndindex(2, 3):
            one = detector(efficiency[i, 0], dark[j], number_resolving=number_resolving)
            np.testing.assert_allclose(table[:, :, i, j], one.outcome_probabilities(2), atol=1e-15)
            np.testing.assert_allclose(
                maps.probabilities(fock[2], 0)[:, i, j], one.instrument(2).probabilities(fock[2], 0), atol=1e-15
            )
            np.testing.assert_allclose(batch.click_probability(0.3)[i, j], one.click_probability(0.3), rtol=1e-15)


@pytest.mark.parametrize(
    ("make", "name", "bad"),
    [
        *[(Readout, name, bad) for name in ("error_0", "error_1") for bad in (-0.1, 1.1, np.nan, [0.1, 2.0])],
        *[(Detector, "efficiency", bad) for bad in (-0.1, 1.1, np.nan)],
        *[
            (Detector, name, bad)
            for name in ("dark_count_rate_hz", "window_s", "dead_time_s")
            for bad in (-1.0, np.inf)
        ],
    ],
)
def test_numbers_out_of_range_are_refused_by_name(make, name, bad):
    with pytest.raises(ParameterError, match=f"`{name}`"):
        make(**{name: bad})
    with pytest.raises(ParameterTypeError, match=f"`{name}`"):
        make(**{name: "some"})


MISFITS = {
    "Readout": lambda: Readout(np.full(2, 0.1), np.full(3, 0.1)),
    "Detector": lambda: Detector(np.full(2, 0.1), np.full(3, 0.1)),
    "corrected": lambda: Readout(np.full(2, 0.1)).corrected(np.full(3, 0.1)),
    "efficiency": lambda: Detector(np.full(2, 0.1)).click_probability(np.full(3, 0.1)),
    "dark counts": lambda: Detector(dark_count_rate_hz=np.full(2, 0.1)).click_probability(np.full(3, 0.1)),
    "dead time": lambda: Detector(dead_time_s=np.full(2, 0.1)).measured_rate_hz(np.full(3, 0.1)),
}


@pytest.mark.parametrize("name", MISFITS)
def test_numbers_that_do_not_broadcast_are_refused_as_elsewhere(name):
    with pytest.raises(DimensionError, match="must broadcast, but are `"):
        MISFITS[name]()


@pytest.mark.parametrize("device", [Readout([0.1, 0.2]), Detector([0.1, 0.2])])
def test_devices_are_values(device):
    name = next(iter(device.__dataclass_fields__))
    with pytest.raises(AttributeError):
        setattr(device, name, 0.5)
    with pytest.raises(ValueError, match="read-only"):
        getattr(device, name)[0] = 0.5


@pytest.mark.parametrize("max_photons", [0, -1, 1.5])
def test_detectors_have_a_cutoff(max_photons):
    with pytest.raises((ParameterError, ParameterTypeError), match="`max_photons`"):
        Detector().instrument(max_photons)
