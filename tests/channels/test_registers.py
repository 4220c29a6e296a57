"""Ensembles, frequency combs and nodes with two kinds of qubits, against their limits and channels made by hand."""

import tomllib
from decimal import Decimal

import numpy as np
import pytest
from channels.case_tables import DATA
from oracles import TILTED_QUBIT, random_density
from scipy.optimize import minimize_scalar

from qnet_channels import EnsembleMemory, Memory, MemoryNode, afc_efficiency, afc_modes
from qnet_core import DensityMatrix, average_gate_fidelity, ket, process_fidelity
from qnet_core.errors import DimensionError, ParameterError, ParameterTypeError

PLATFORMS = tomllib.loads((DATA / "platforms.toml").read_text(encoding="utf-8"))
ENSEMBLES = sorted(name for name, sheet in PLATFORMS.items() if "ensemble" in sheet)
PERFECT = Memory(t1_s=np.inf, t2_s=np.inf)


@pytest.mark.parametrize("exponent", [0.7, 1.0, 2.0])
def test_efficiency_is_down_to_1_over_e_after_the_lifetime(exponent):
    ensemble = EnsembleMemory(0.85, lifetime_s=3e-3, decay_exponent=exponent)
    found = ensemble.retrieval_efficiency(duration_s=[0.0, 3e-3])
    np.testing.assert_allclose(found, [0.85, 0.85 / np.e], rtol=1e-14)


def test_exponential_ensembles_forget_when_they_were_filled():
    ensemble = EnsembleMemory(1.0, lifetime_s=0.7)
    once, twice, both = ensemble.retrieval_efficiency(duration_s=[0.2, 0.5, 0.7])
    np.testing.assert_allclose(once * twice, both, rtol=1e-14)


def test_motional_dephasing_starts_flat():
    """A Gaussian loses to second order only, and beats an exponential until the lifetime."""
    gaussian, exponential = (EnsembleMemory(1.0, lifetime_s=1.0, decay_exponent=n) for n in (2, 1))
    np.testing.assert_allclose(1 - gaussian.retrieval_efficiency(duration_s=1e-3), 1e-6, rtol=1e-5)
    times = np.array([0.1, 0.9, 1.1, 3.0])
    better = gaussian.retrieval_efficiency(duration_s=times) > exponential.retrieval_efficiency(duration_s=times)
    assert better.tolist() == [True, True, False, False]


def test_an_ensemble_without_lifetime_keeps_its_efficiency():
    assert EnsembleMemory(0.3).retrieval_efficiency(duration_s=1e6) == 0.3


def test_a_stored_photon_comes_back_as_it_was_or_not_at_all(rng):
    rho = random_density(rng, 2)
    after = DensityMatrix(rho).apply(EnsembleMemory(0.6, lifetime_s=2.0).decay(duration_s=1.0), 0).matrix
    kept = 0.6 * np.exp(-0.5)
    np.testing.assert_allclose(after[:2, :2], kept * rho, atol=1e-15)
    np.testing.assert_allclose(after[2], [0, 0, 1 - kept], atol=1e-15)


def test_ensembles_broadcast():
    efficiency, lifetime, duration = (
        np.array([[[0.2]], [[0.9]]]),
        np.array([[1.0], [2.0], [np.inf]]),
        np.array([0.0, 0.4]),
    )
    ensemble = EnsembleMemory(efficiency, lifetime_s=lifetime)
    found = ensemble.retrieval_efficiency(duration_s=duration)
    assert found.shape == ensemble.decay(duration_s=duration).batch_shape == (2, 3, 2)
    for i, j, k in np.ndindex(2, 3, 2):
        one = EnsembleMemory(efficiency[i, 0, 0], lifetime_s=lifetime[j, 0])
        np.testing.assert_allclose(found[i, j, k], one.retrieval_efficiency(duration_s=duration[k]), rtol=1e-15)


@pytest.mark.parametrize("name", ENSEMBLES)
def test_ensemble_of_a_platform_is_the_published_one(name):
    known, ensemble = PLATFORMS[name]["ensemble"], EnsembleMemory.preset(name)
    assert ensemble.num_modes == known["modes"]
    found = (ensemble.efficiency, ensemble.lifetime_s, ensemble.decay_exponent)
    assert found == (known["efficiency"], known["lifetime_s"], known["exponent"])


@pytest.mark.parametrize("name", sorted(set(PLATFORMS) - set(ENSEMBLES)))
def test_platforms_without_an_ensemble_have_none(name):
    with pytest.raises(ParameterError, match=f"ensemble.*{name}"):
        EnsembleMemory.preset(name)


@pytest.mark.parametrize(
    ("name", "bad"),
    [("efficiency", 1.1), ("efficiency", np.nan), ("lifetime_s", 0.0), ("decay_exponent", 0.0), ("num_modes", 0)],
)
def test_impossible_ensembles_are_refused_by_name(name, bad):
    with pytest.raises(ParameterError, match=f"`{name}`"):
        EnsembleMemory(**{"efficiency": 0.5, name: bad})


def test_forward_comb_peaks_at_4_over_e_squared_for_twice_its_finesse():
    """Deeper absorbs the echo again; the factor of the finesse is 1 for teeth that are infinitely thin."""
    found = minimize_scalar(
        lambda ratio: -afc_efficiency(optical_depth=1e6 * ratio, finesse=1e6), bounds=(0.5, 6), method="bounded"
    )
    np.testing.assert_allclose(found.x, 2.0, atol=1e-4)
    np.testing.assert_allclose(afc_efficiency(optical_depth=2e6, finesse=1e6), 4 * np.exp(-2.0), rtol=1e-10)
    np.testing.assert_allclose(-found.fun, 0.541, atol=5e-4)


def test_backward_comb_comes_to_perfection():
    depths = np.array([1.0, 2.0, 5.0, 40.0]) * 1e6
    found = afc_efficiency(optical_depth=depths, finesse=1e6, retrieval="backward")
    assert (np.diff(found) > 0).all()
    np.testing.assert_allclose(found[-1], 1.0, rtol=1e-10)
    thin = afc_efficiency(optical_depth=1e-3, finesse=10.0, retrieval="backward")
    np.testing.assert_allclose(thin / afc_efficiency(optical_depth=1e-3, finesse=10.0), 1.0, rtol=1e-6)


@pytest.mark.parametrize("retrieval", ["forward", "backward"])
def test_wide_teeth_and_a_background_cost_their_factors(retrieval):
    """Teeth of finesse F dephase the echo by exp(-7/F**2), and a background of depth d0 takes exp(-d0)."""
    narrow, wide = (afc_efficiency(optical_depth=2.0 * f, finesse=f, retrieval=retrieval) for f in (1e7, 3.0))
    np.testing.assert_allclose(wide / narrow, np.exp(-7 / 9), rtol=1e-10)
    dirty = afc_efficiency(optical_depth=6.0, finesse=3.0, background_depth=0.4, retrieval=retrieval)
    np.testing.assert_allclose(dirty / wide, np.exp(-0.4), rtol=1e-14)


def test_an_empty_comb_stores_nothing():
    for retrieval in ("forward", "backward"):
        assert afc_efficiency(optical_depth=0.0, finesse=5.0, retrieval=retrieval) == 0


def test_unknown_retrieval_is_refused():
    with pytest.raises(ParameterError, match=r"`retrieval`.*forward, backward.*sideways"):
        afc_efficiency(optical_depth=1.0, finesse=2.0, retrieval="sideways")


@pytest.mark.parametrize(
    ("storage", "mode"),
    [
        ("25e-6", "1e-7"),
        ("7e-6", "7e-8"),
        ("7e-6", "1.4e-7"),
        ("1.3e-5", "1.3e-7"),
        ("1e-6", "4e-7"),
        ("0.99e-6", "4e-7"),
    ],
)
def test_modes_of_a_comb_are_those_that_fit(storage, mode):
    """Counted in decimal fractions: a mode that fits exactly does fit."""
    expected = int(Decimal(storage) / (Decimal("2.5") * Decimal(mode)))
    assert afc_modes(storage_time_s=float(storage), mode_duration_s=float(mode)) == expected


@pytest.mark.parametrize("fidelity", [0.5, 0.9, 0.977, 1.0])
def test_moving_a_qubit_into_storage_has_its_average_fidelity(fidelity):
    node = MemoryNode(PERFECT, PERFECT, swap_in_fidelity=fidelity)
    np.testing.assert_allclose(average_gate_fidelity(node.swap_in()), fidelity, rtol=1e-14)
    poles = [ket(symbol).apply(node.swap_in(), 0) for symbol in "01+-rl"]
    overlaps = [np.trace(ket(symbol).matrix @ rho.matrix).real for symbol, rho in zip("01+-rl", poles, strict=True)]
    np.testing.assert_allclose(overlaps, fidelity, rtol=1e-14)


def test_a_qubit_decays_in_the_communication_qubit_while_it_is_moved():
    node = MemoryNode(Memory(t1_s=2.0, t2_s=1.0), PERFECT, swap_in_fidelity=0.95, swap_in_duration_s=0.3)
    after = DensityMatrix(TILTED_QUBIT).apply(node.swap_in(), 0)
    decayed = np.array([0.3 * np.exp(-0.3), -0.4 * np.exp(-0.3), 1 - 0.5 * np.exp(-0.15)])
    np.testing.assert_allclose([after.expect(pauli) for pauli in "XYZ"], 0.9 * decayed, rtol=1e-14)


@pytest.mark.parametrize("attempts", [0, 1, 250, 2000])
def test_attempts_dephase_what_is_stored(attempts):
    """To 1/e after so many attempts, one by one or all at once, and no populations move."""
    node = MemoryNode(PERFECT, PERFECT, attempts_to_dephase=500.0)
    channel = node.disturbed(attempts=attempts, attempt_duration_s=1e-5)
    expected = np.exp(-attempts / 500)
    np.testing.assert_allclose(channel.transfer, np.diag([1, expected, expected, 1]), atol=1e-15)
    one = node.disturbed(attempts=1, attempt_duration_s=1e-5)
    np.testing.assert_allclose(one.power(attempts).transfer, channel.transfer, atol=1e-12)


def test_what_is_stored_decays_by_itself_too():
    storage = Memory(t1_s=4.0, t2_s=2.0, excited_population=0.1)
    node = MemoryNode(PERFECT, storage, attempts_to_dephase=1000.0)
    transfer = node.disturbed(attempts=300, attempt_duration_s=2e-3).transfer
    coherence = np.exp(-0.3 - 0.6 / 2)
    expected = [1, coherence, coherence, np.exp(-0.6 / 4)]
    np.testing.assert_allclose(np.diagonal(transfer), expected, rtol=1e-13)
    np.testing.assert_allclose(transfer[3, 0], 0.8 * (1 - np.exp(-0.15)), rtol=1e-13)


def test_a_node_that_is_not_disturbed_is_its_storage():
    storage = Memory(t1_s=4.0, t2_s=2.0)
    channel = MemoryNode(PERFECT, storage).disturbed(attempts=1e3, attempt_duration_s=1e-3)
    np.testing.assert_allclose(channel.transfer, storage.decay(duration_s=1.0).transfer, rtol=1e-14)


def test_nodes_broadcast():
    node = MemoryNode(PERFECT, PERFECT, np.array([[0.9], [1.0]]), attempts_to_dephase=np.array([10.0, 50.0, np.inf]))
    assert node.swap_in().batch_shape == (2, 1)
    channel = node.disturbed(attempts=np.array([[0.0], [20.0]]), attempt_duration_s=1e-3)
    np.testing.assert_allclose(channel.transfer[..., 1, 1], [[1, 1, 1], np.exp([-2.0, -0.4, 0.0])], rtol=1e-14)


def test_nodes_of_platforms_are_the_published_ones():
    ion, nv = MemoryNode.preset("ion_sr88_ca43"), MemoryNode.preset("nv_delft")
    known = {name: sheet["parameters"] for name, sheet in PLATFORMS.items()}
    assert ion.swap_in_fidelity == known["ion_sr88_ca43"]["swap_to_memory_fidelity"]["value"]
    assert nv.attempts_to_dephase == known["nv_delft"]["carbon_link_attempts"]["value"]
    assert process_fidelity(nv.disturbed(attempts=0, attempt_duration_s=1e-5)) == 1.0


@pytest.mark.parametrize(
    ("name", "bad"),
    [
        *[("swap_in_fidelity", bad) for bad in (0.49, 1.1, np.nan)],
        *[("swap_in_duration_s", bad) for bad in (-1.0, np.inf)],
        *[("attempts_to_dephase", bad) for bad in (0.0, -1.0, np.nan)],
        ("num_storage", 0),
    ],
)
def test_impossible_nodes_are_refused_by_name(name, bad):
    with pytest.raises(ParameterError, match=f"`{name}`"):
        MemoryNode(PERFECT, PERFECT, **{name: bad})


@pytest.mark.parametrize("name", ["communication", "storage"])
def test_a_node_is_made_of_memories(name):
    with pytest.raises(ParameterTypeError, match=f"`{name}`"):
        MemoryNode(**{"communication": PERFECT, "storage": PERFECT, name: 1.0})


SEVERAL = MemoryNode(PERFECT, PERFECT, attempts_to_dephase=np.ones(2))
MISFITS = {
    "EnsembleMemory": lambda: EnsembleMemory(np.full(2, 0.5), lifetime_s=np.ones(3)),
    "efficiency": lambda: EnsembleMemory(np.full(2, 0.5)).retrieval_efficiency(duration_s=np.ones(3)),
    "lifetime": lambda: EnsembleMemory(0.5, lifetime_s=np.ones(2)).retrieval_efficiency(duration_s=np.ones(3)),
    "exponent": lambda: EnsembleMemory(0.5, decay_exponent=np.ones(2)).decay(duration_s=np.ones(3)),
    "afc_efficiency": lambda: afc_efficiency(optical_depth=np.ones(2), finesse=np.full(3, 2.0)),
    "afc_modes": lambda: afc_modes(storage_time_s=np.ones(2), mode_duration_s=np.ones(3)),
    "MemoryNode": lambda: MemoryNode(PERFECT, PERFECT, np.ones(2), np.ones(3)),
    "attempts": lambda: MemoryNode(PERFECT, PERFECT).disturbed(attempts=np.ones(2), attempt_duration_s=np.ones(3)),
    "attempts_to_dephase": lambda: SEVERAL.disturbed(attempts=np.ones(3), attempt_duration_s=1.0),
}


@pytest.mark.parametrize("name", MISFITS)
def test_numbers_that_do_not_broadcast_are_refused_as_elsewhere(name):
    with pytest.raises(DimensionError, match="must broadcast, but are `"):
        MISFITS[name]()
