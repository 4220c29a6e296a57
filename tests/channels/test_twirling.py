"""Twirls as means over rotations and Paulis, what simulators of twirled states say, and hashing."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles import BELL_VECTORS, PAULI, entropy_of, projector, random_unitary

from qnet_channels import (
    TwirlComparison,
    amplitude_damping,
    dejmps,
    epl,
    hashing_yield,
    twirl_comparison,
    twirl_to_bell_diagonal,
    twirl_to_werner,
)
from qnet_core import (
    DensityMatrix,
    bell_diagonal_state,
    bell_state,
    bell_weights,
    concurrence,
    fidelity,
    ket,
    maximally_mixed_state,
    negativity,
    random_state,
    werner_state,
)
from qnet_core.errors import DimensionError, ParameterError, ParameterTypeError

SEEDS = st.integers(0, 2**32 - 1)
LABELS = ("phi+", "phi-", "psi+", "psi-")


def random_pair(seed, rank=None):
    return random_state((2, 2), rank=rank, rng=np.random.default_rng(seed))


@given(seed=SEEDS)
def test_bell_diagonal_is_the_mean_over_equal_paulis(seed):
    rho = random_pair(seed)
    mean = sum(np.kron(p, p.conj()) @ rho.matrix @ np.kron(p, p.conj()).conj().T for p in PAULI.values()) / 4
    np.testing.assert_allclose(twirl_to_bell_diagonal(rho).matrix, mean, atol=1e-14)


@given(seed=SEEDS)
@pytest.mark.parametrize("label", LABELS)
def test_werner_is_the_mean_over_rotations_that_leave_the_bell_state_alone(seed, label):
    """A state that all rotations leave alone is its own twirl, and the fidelity stays: these two say it all."""
    rho = random_pair(seed)
    twirled = twirl_to_werner(rho, label=label)
    bell = projector(BELL_VECTORS[label])
    share = np.trace(bell @ rho.matrix).real
    np.testing.assert_allclose(twirled.matrix, share * bell + (1 - share) * (np.eye(4) - bell) / 3, atol=1e-14)
    turn = random_unitary(np.random.default_rng(seed), 2)
    to_label = {"phi+": "I", "phi-": "Z", "psi+": "X", "psi-": "Y"}[label]
    both = np.kron(turn, PAULI[to_label] @ turn.conj() @ PAULI[to_label])
    np.testing.assert_allclose(both @ twirled.matrix @ both.conj().T, twirled.matrix, atol=1e-14)


@given(seed=SEEDS)
def test_twirls_repeat_to_nothing_and_do_not_add_entanglement(seed):
    rho = random_pair(seed, rank=2)
    diagonal, werner = twirl_to_bell_diagonal(rho), twirl_to_werner(rho)
    np.testing.assert_allclose(twirl_to_bell_diagonal(diagonal).bloch, diagonal.bloch, atol=1e-15)
    np.testing.assert_allclose(twirl_to_werner(werner).bloch, werner.bloch, atol=1e-15)
    np.testing.assert_allclose(twirl_to_werner(diagonal).bloch, werner.bloch, atol=1e-15)
    np.testing.assert_allclose(bell_weights(diagonal), bell_weights(rho), atol=1e-15)
    assert negativity(werner) <= negativity(diagonal) + 1e-12 <= negativity(rho) + 2e-12
    assert concurrence(werner) <= concurrence(rho) + 1e-12


def test_twirls_keep_the_trace_and_the_batch():
    pairs = DensityMatrix(0.25 * random_state((2, 2), batch_shape=(2, 3), rng=np.random.default_rng(1)).matrix)
    for twirled in (twirl_to_werner(pairs), twirl_to_bell_diagonal(pairs)):
        assert twirled.batch_shape == (2, 3)
        np.testing.assert_allclose(twirled.trace(), 0.25, rtol=1e-14)
    np.testing.assert_allclose(twirl_to_werner(pairs)[1, 2].bloch, twirl_to_werner(pairs[1, 2]).bloch, atol=1e-16)


def test_twirls_do_not_change_their_input_and_keep_what_is_lost():
    lost = ket("00").apply(amplitude_damping(damping=0.5), 0)
    nothing = DensityMatrix._wrap(np.full(16, np.nan), (2, 2), ())
    before = lost.bloch.copy()
    for twirl in (twirl_to_werner, twirl_to_bell_diagonal):
        twirl(lost)
        assert np.isnan(twirl(nothing).bloch).all()
    np.testing.assert_array_equal(lost.bloch, before)


def after_a_round(first, second):
    return fidelity(dejmps(first, second).state, bell_state())


def after_epl(first, second):
    return bell_weights(epl(first, second).state)[..., 2]


@pytest.mark.parametrize(
    ("to", "twirl", "after", "bell"),
    [
        ("werner", twirl_to_werner, after_a_round, "phi+"),
        ("bell-diagonal", twirl_to_bell_diagonal, after_epl, "psi+"),
    ],
)
def test_comparison_of_a_round(to, twirl, after, bell):
    damping = np.array([0.0, 0.1, 0.3])
    pair = bell_state(bell).apply(amplitude_damping(damping=damping), 0)
    result = twirl_comparison(after, pair, pair, to=to)
    assert isinstance(result, TwirlComparison)
    np.testing.assert_allclose(result.ours, after(pair, pair), rtol=1e-15)
    np.testing.assert_allclose(result.twirled, after(twirl(pair), twirl(pair)), rtol=1e-15)
    np.testing.assert_allclose(result.difference, result.twirled - result.ours, atol=1e-16)
    assert result.difference[0] == pytest.approx(0, abs=1e-15)
    assert np.all(np.abs(result.difference[1:]) > 1e-3)


@given(seeds=st.tuples(SEEDS, SEEDS), mixing=st.floats(0, 1), flip=st.floats(0, 1))
def test_bell_diagonal_simulators_are_right_about_fidelities_of_rounds_that_compare_bits(seeds, mixing, flip):
    """Both sides do the same, so that XX, YY and ZZ of the kept pair come from XX, YY and ZZ alone."""
    pairs = [random_pair(seed) for seed in seeds]

    def after(*given):
        state, probability = dejmps(*given, gate_mixing=mixing, readout_error=flip)
        return np.array([probability, *bell_weights(state)])

    np.testing.assert_allclose(twirl_comparison(after, *pairs, to="bell-diagonal").difference, 0, atol=1e-13)


def test_twirled_pairs_have_nothing_to_compare():
    pair = werner_state(fidelity=0.8)
    assert twirl_comparison(after_a_round, pair, pair).difference == pytest.approx(0, abs=1e-15)
    weighted = bell_diagonal_state([0.7, 0.2, 0.06, 0.04])
    assert twirl_comparison(after_a_round, weighted, weighted, to="bell-diagonal").difference == pytest.approx(
        0, abs=1e-15
    )


@given(seed=SEEDS)
def test_hashing_is_the_better_coherent_information(seed):
    rho = random_pair(seed, rank=1 + seed % 2)
    parts = [entropy_of(np.abs(np.linalg.eigvalsh(rho.ptrace(k).matrix))) for k in (0, 1)]
    expected = max(0.0, max(parts) - entropy_of(np.abs(np.linalg.eigvalsh(rho.matrix))))
    np.testing.assert_allclose(hashing_yield(rho), expected, atol=1e-9)
    swapped = rho.permute([1, 0])
    np.testing.assert_allclose(hashing_yield(swapped), hashing_yield(rho), atol=1e-12)


def test_hashing_of_known_states():
    assert hashing_yield(bell_state()) == pytest.approx(1, abs=1e-12)
    assert hashing_yield(maximally_mixed_state((2, 2))) == 0
    assert hashing_yield(ket("01")) == pytest.approx(0, abs=1e-12)
    assert hashing_yield(werner_state(fidelity=0.8)) == 0 < hashing_yield(werner_state(fidelity=0.82))
    assert hashing_yield(werner_state(fidelity=np.array([[0.7], [0.9]]))).shape == (2, 1)


def test_one_direction_of_hashing_may_be_better_than_the_other():
    """A half that is damped to 0 with probability 3/4 tells nothing from that side; from the other it could help."""
    pair = bell_state().apply(amplitude_damping(damping=0.4), 1)
    forward = entropy_of(np.linalg.eigvalsh(pair.ptrace(1).matrix)) - entropy_of([0.8, 0.2])
    backward = entropy_of([0.5, 0.5]) - entropy_of([0.8, 0.2])
    assert backward > forward > 0
    np.testing.assert_allclose(hashing_yield(pair), backward, rtol=1e-12)


WITH_A_STATE = {
    "twirl_to_werner": twirl_to_werner,
    "twirl_to_bell_diagonal": twirl_to_bell_diagonal,
    "hashing_yield": hashing_yield,
}


@pytest.mark.parametrize("name", WITH_A_STATE)
def test_other_things_than_pairs_are_refused(name):
    with pytest.raises(DimensionError, match=r"`state` must be a state of two qubits, but has dims \(2,\)"):
        WITH_A_STATE[name](ket("0"))
    with pytest.raises(ParameterTypeError, match="`state` must be a DensityMatrix, but is ndarray"):
        WITH_A_STATE[name](np.eye(4) / 4)


def test_comparison_refuses_what_it_cannot_compare():
    pair = bell_state()
    with pytest.raises(ParameterTypeError, match="`function` must be callable, but is str"):
        twirl_comparison("dejmps", pair, pair)
    with pytest.raises(ParameterTypeError, match="`function` must return real numbers, but returned Heralded"):
        twirl_comparison(dejmps, pair, pair)
    with pytest.raises(ParameterError, match="`to` must be one of werner, bell-diagonal, but is 'isotropic'"):
        twirl_comparison(after_a_round, pair, pair, to="isotropic")
    with pytest.raises(DimensionError, match=r"`pairs\[1\]` must be a state of two qubits"):
        twirl_comparison(after_a_round, pair, ket("0"))
    with pytest.raises(ParameterError, match="`label` must be one of"):
        twirl_to_werner(pair, label="phi")
