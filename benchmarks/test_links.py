"""Each scheme's links per second, beside photons followed one by one and, for one scheme, QuTiP."""

import emitter_oracle
import fock_oracle
import numpy as np
import optics_oracle
import pytest
import qutip
from workloads import size

from qnet_channels import (
    cavity_reflection_patterns,
    dlcz_patterns,
    double_click_link,
    emissive_patterns,
    midpoint_source_link,
    optimal_bright_population,
    optimal_dlcz_brightness,
    optimal_spdc_brightness,
    single_click_link,
    spdc_link,
)
from qnet_core import bell_state

RNG = np.random.default_rng(4)
LINKS, SLOW = size(100_000, 200), size(5, 2)
ETA_L, ETA_R, VISIBILITY = RNG.uniform(0.05, 0.95, (3, LINKS))
DARK = 10 ** RNG.uniform(-8, -3, LINKS)
BRIGHT_L, BRIGHT_R = RNG.uniform(0.02, 0.5, (2, LINKS))
MEAN = 10 ** RNG.uniform(-4, -2, LINKS)
LIFE_L, LIFE_R = RNG.uniform(0.5, 2.0, (2, LINKS)) * 1e-9
FAST = 1e8
REFLECTED = RNG.uniform(0.7, 1.0, LINKS), RNG.uniform(0.0, 0.3, LINKS)


def unnormalized(state_and_probability):
    state, probability = state_and_probability
    return probability * state


def single_click(eta_l, eta_r, dark, visibility, bright_l, bright_r):
    given = {"transmissivity": (eta_l, eta_r), "dark_count_probability": dark, "visibility": visibility}
    return given | {"bright_population": (bright_l, bright_r)}


def double_click(eta_l, eta_r, dark, visibility):
    return {"transmissivity": (eta_l, eta_r), "dark_count_probability": dark, "visibility": visibility}


def emissive(eta_l, eta_r, dark, life_l, life_r):
    return {
        "transmissivity": (eta_l, eta_r), "dark_count_probability": dark, "lifetime_s": (life_l, life_r),
        "dephasing_rate_per_s": (0.0, FAST), "detuning_rad_per_s": FAST,
    }  # fmt: skip


def source(eta_l, eta_r, dark, mean):
    return {"transmissivity": (eta_l, eta_r), "dark_count_probability": dark, "mean_photons": mean}


def two_sources(eta_l, eta_r, dark, visibility, mean):
    return source(eta_l, eta_r, dark, (mean, mean)) | {"visibility": visibility}


def absorbed(eta_l, eta_r, dark):
    return {"transmissivity": (eta_l, eta_r), "false_herald_probability": (dark, dark)}


def reflected(eta, link_eta, dark, bright, dim):
    return {
        "transmissivity": eta, "link_transmissivity": link_eta, "dark_count_probability": dark,
        "reflectivity_bright": (bright, bright), "reflectivity_dark": (dim, dim),
    }  # fmt: skip


def werner(bloch_and_probabilities):
    """Return the matrix that a Bloch tensor stands for, times its probability."""
    bloch, probabilities = bloch_and_probabilities
    paulis = [np.eye(2), *optics_oracle.PAULI.values()]
    terms = (bloch[i, j] * np.kron(paulis[i], paulis[j]) for i in range(4) for j in range(4))
    return probabilities["ZZ"] * sum(terms) / 4


SOURCE_STATE = bell_state().matrix
SCHEMES = {  # what is measured, its parameters, the slow code
    "single click": (
        single_click_link, single_click, (ETA_L, ETA_R, DARK, VISIBILITY, BRIGHT_L, BRIGHT_R),
        lambda **given: unnormalized(fock_oracle.single_click(**given)),
    ),
    "double click": (
        double_click_link, double_click, (ETA_L, ETA_R, DARK, VISIBILITY),
        lambda **given: unnormalized(fock_oracle.double_click(**given)),
    ),
    "emissive memory and quantum dot": (
        lambda **given: emissive_patterns(**given).plus_minus, emissive, (ETA_L, ETA_R, DARK, LIFE_L, LIFE_R),
        lambda **given: emitter_oracle.time_bins(detectors=("plus", "minus"), **given),
    ),
    "polarization pairs": (
        spdc_link, source, (ETA_L, ETA_R, DARK, MEAN), lambda **given: werner(optics_oracle.spdc(**given)),
    ),
    "dlcz": (
        lambda **given: dlcz_patterns(**given, max_photons=1, max_tail=1.0).minus, two_sources,
        (ETA_L, ETA_R, DARK, VISIBILITY, MEAN),
        lambda **given: unnormalized(optics_oracle.dlcz(**given, kept=1, clicked="minus")),
    ),
    "midpoint source": (
        midpoint_source_link, absorbed, (ETA_L, ETA_R, DARK),
        lambda **given: optics_oracle.absorbed(source=SOURCE_STATE, **given),
    ),
    "cavity reflection": (
        lambda **given: cavity_reflection_patterns(**given).plus, reflected, (ETA_L, ETA_R, DARK, *REFLECTED),
        lambda **given: optics_oracle.reflection(**given),
    ),
}  # fmt: skip
each_scheme = pytest.mark.parametrize(
    "scheme", [pytest.param(s, id=n, marks=pytest.mark.benchmark(group=f"links, {n}")) for n, s in SCHEMES.items()]
)


@each_scheme
def test_batched_links(measure, scheme):
    link, named, arrays, _ = scheme
    assert (link(**named(*arrays)).probability > 0).all()
    measure("ours", lambda: link(**named(*arrays)), units=LINKS)


@each_scheme
def test_slow_links(measure, scheme):
    link, named, arrays, slow = scheme
    few = [values[:SLOW] for values in arrays]

    def run():
        return [slow(**named(*point)) for point in zip(*few, strict=True)]

    found = link(**named(*few))
    np.testing.assert_allclose(found.probability[:, None, None] * found.state.matrix, run(), atol=1e-10)
    measure("photon by photon in Python", run, units=SLOW, once=True)


# The single-click link of equal photons in QuTiP, point by point

CUTOFF = 3  # number states of a mode: up to two photons
DESTROY, NUMBER = qutip.destroy(CUTOFF), qutip.num(CUTOFF)
ONE, MODE = qutip.qeye(2), qutip.qeye(CUTOFF)


def qutip_beam_splitter():
    """Return the beam splitter on left memory, left mode, right memory, right mode; within two photons it is exact."""
    left, right = (qutip.tensor(ONE, DESTROY, ONE, MODE), qutip.tensor(ONE, MODE, ONE, DESTROY))
    return (np.pi / 4 * (left.dag() @ right - left @ right.dag())).expm()


def qutip_loss(transmissivity):
    """Return Kraus operators of loss of a mode."""
    kept = qutip.Qobj(np.diag(np.sqrt(transmissivity) ** np.arange(CUTOFF)))
    lost = np.sqrt(1 - transmissivity)
    return [kept, lost * (kept @ DESTROY), lost**2 / np.sqrt(2) * (kept @ DESTROY @ DESTROY)]


def qutip_single_click(eta_l, eta_r, dark, bright_l, bright_r):
    """Return the unnormalized memories after either threshold detector clicked alone, near psi+."""
    nodes = []
    for bright, eta in ((bright_l, eta_l), (bright_r, eta_r)):
        dim = np.sqrt(1 - bright) * qutip.tensor(qutip.basis(2, 0), qutip.basis(CUTOFF, 0))
        node = qutip.ket2dm(dim + np.sqrt(bright) * qutip.tensor(qutip.basis(2, 1), qutip.basis(CUTOFF, 1)))
        kraus = [qutip.tensor(ONE, k) for k in qutip_loss(eta)]
        nodes.append(sum(k @ node @ k.dag() for k in kraus))
    mixed = BEAM_SPLITTER @ qutip.tensor(nodes) @ BEAM_SPLITTER.dag()
    silent = qutip.fock_dm(CUTOFF, 0) * (1 - dark)
    clicked, result = MODE - silent, 0
    for first, second, flip in ((clicked, silent, ONE), (silent, clicked, qutip.sigmaz())):
        seen = (qutip.tensor(ONE, first, ONE, second) @ mixed).ptrace([0, 2])
        pauli = qutip.tensor(ONE, flip)
        result = result + pauli @ seen @ pauli.dag()
    return result.full()


BEAM_SPLITTER = qutip_beam_splitter()


@pytest.mark.benchmark(group="links, single click of equal photons")
@pytest.mark.parametrize("engine", ["ours", "QuTiP, three number states of each mode"])
def test_single_click_beside_qutip(measure, engine):
    arrays = ETA_L, ETA_R, DARK, BRIGHT_L, BRIGHT_R
    few = [values[:SLOW] for values in arrays]

    def ours(eta_l, eta_r, dark, bright_l, bright_r):
        given = single_click(eta_l, eta_r, dark, 1.0, bright_l, bright_r)
        return single_click_link(**given, target="psi+")

    def in_qutip():
        return [qutip_single_click(*point) for point in zip(*few, strict=True)]

    found = ours(*few)
    np.testing.assert_allclose(found.probability[:, None, None] * found.state.matrix, in_qutip(), atol=1e-12)
    if engine == "ours":
        measure(engine, lambda: ours(*arrays), units=LINKS)
    else:
        measure(engine, in_qutip, units=SLOW, once=True)


# The best brightness

POINTS = size(5_000, 50)
OPTIMA = {
    "single click": optimal_bright_population,
    "polarization pairs": optimal_spdc_brightness,
    "dlcz": optimal_dlcz_brightness,
}


@pytest.mark.parametrize("objective", ["fidelity", "rate", "key"])
@pytest.mark.parametrize(
    "name", [pytest.param(n, marks=pytest.mark.benchmark(group=f"best brightness, {n}")) for n in OPTIMA]
)
def test_best_brightness(measure, name, objective):
    least = {"min_fidelity": 0.8} if objective == "rate" else {}
    eta = ETA_L[:POINTS], ETA_R[:POINTS]

    def run():
        return OPTIMA[name](
            transmissivity=eta, dark_count_probability=1e-2 * DARK[:POINTS], objective=objective, **least
        )

    assert np.isfinite(run().fidelity).mean() > 0.9
    measure(f"ours, {objective}", run, units=POINTS, once=True)
