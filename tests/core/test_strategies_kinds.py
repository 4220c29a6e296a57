"""Each kind of drawn state and channel has its defining property, by plain NumPy on its matrices."""

import math

import numpy as np
import oracles
import pytest
from hypothesis import find, given, settings
from hypothesis import strategies as st
from hypothesis.errors import NoSuchExample

from qnet_core import Channel, DensityMatrix, _draws, strategies
from qnet_core.errors import DimensionError, ParameterError, ParameterTypeError

STATES = ("basis", "pure", "mixed", "rank-deficient", "near-singular", "separable", "entangled")
CHANNELS = ("identity", "unitary", "pauli", "unital", "cptp", "near-unitary", "trace-decreasing")
SQUARE = (*CHANNELS[:4], "near-unitary")
SEVERAL = st.lists(st.integers(2, 3), min_size=2, max_size=3).map(tuple)
PAULIS = oracles.product_basis((2, 2))
MANY = settings(max_examples=500, database=None)
SEEDS = st.none() | st.integers(0, 2**32 - 1)


def points(drawn):
    """Return the matrices of all points of a batch of states."""
    return drawn.matrix.reshape(-1, *drawn.matrix.shape[-2:])


def kraus_points(channel):
    """Return the Kraus operators of all points of a batch of channels."""
    kraus = channel.kraus()
    return kraus.reshape(-1, *kraus.shape[-3:])


def kept(kraus):
    """Return sum K†K."""
    return sum(oracles.dagger(operator) @ operator for operator in kraus)


def purity(rho):
    return np.trace(rho @ rho).real


def rank(rho, least=1e-8):
    return int(np.sum(np.linalg.eigvalsh(rho) > least))


def least_of_partial_transposes(rho, dims):
    """Return the lowest eigenvalue of the partial transpose for each cut in two parts."""
    cuts = [[s for s in range(len(dims)) if cut >> s & 1] for cut in range(1, 2 ** (len(dims) - 1))]
    return [np.linalg.eigvalsh(oracles.partial_transpose(rho, dims, cut))[0] for cut in cuts]


def of_kind(kind, dims=None, batch_shape=(2,)):
    return strategies.states(dims, batch_shape, kinds=(kind,))


@pytest.mark.parametrize("kind", STATES)
@pytest.mark.parametrize(("dims", "batch_shape"), [((2, 3), (2, 3)), ((3, 2, 2), ()), ((4, 3), (1,)), (None, (3,))])
def test_every_kind_of_state_on_any_dimensions(kind, dims, batch_shape):
    @given(rho=of_kind(kind, dims, batch_shape))
    def check(rho):
        assert isinstance(rho, DensityMatrix)
        assert rho.batch_shape == batch_shape
        assert dims is None or rho.dims == dims
        for matrix in points(rho):
            np.testing.assert_allclose(np.trace(matrix), 1, rtol=1e-12)
            np.testing.assert_allclose(matrix, matrix.conj().T, atol=1e-15)
            assert np.linalg.eigvalsh(matrix)[0] > -1e-14

    check()


@given(rho=of_kind("basis"))
def test_basis_states(rho):
    for matrix in points(rho):
        level = np.diag(matrix).real.argmax()
        np.testing.assert_allclose(matrix, np.diag(np.eye(len(matrix))[level]), atol=1e-15)


@given(rho=of_kind("basis", (2, 3), (6,)))
def test_basis_states_of_a_batch_differ(rho):
    np.testing.assert_allclose(points(rho).sum(axis=0), np.eye(6), atol=1e-15)


@given(rho=of_kind("pure"))
def test_pure_states(rho):
    for matrix in points(rho):
        assert purity(matrix) == pytest.approx(1, abs=1e-12)


@given(rho=of_kind("mixed"))
def test_mixed_states(rho):
    for matrix in points(rho):
        assert purity(matrix) < 1 - 1e-6
        assert rank(matrix) == len(matrix)


@given(rho=of_kind("rank-deficient"))
def test_rank_deficient_states(rho):
    for matrix in points(rho):
        assert min(2, len(matrix) - 1) <= rank(matrix) < len(matrix)
        assert np.linalg.eigvalsh(matrix)[0] < 1e-14


@given(rho=of_kind("near-singular"))
def test_near_singular_states(rho):
    for matrix in points(rho):
        eigenvalues = np.linalg.eigvalsh(matrix)
        assert -1e-14 < eigenvalues[0] < 1e-6
        assert eigenvalues[-1] > 1 - 2e-6
        assert eigenvalues[:-1].sum() > 1e-15


@given(data=st.data(), dims=SEVERAL)
def test_separable_states(data, dims):
    for matrix in points(data.draw(of_kind("separable", dims))):
        assert min(least_of_partial_transposes(matrix, dims)) > -1e-13


@given(dims=SEVERAL, seed=st.integers(0, 99))
def test_one_term_of_a_separable_state_is_a_product(dims, seed):
    matrix = _draws.separable(dims, (), 1, seed).matrix
    parts = [oracles.partial_trace(matrix, dims, [k]) for k in range(len(dims))]
    np.testing.assert_allclose(oracles.kron(*parts), matrix, atol=1e-13)


@given(data=st.data(), dims=SEVERAL)
def test_entangled_states(data, dims):
    for matrix in points(data.draw(of_kind("entangled", dims))):
        assert max(least_of_partial_transposes(matrix, dims)) < -0.01


@given(dims=SEVERAL, noise=st.floats(0, 0.6), seed=SEEDS)
def test_entangled_states_have_the_stated_eigenvalue(dims, noise, seed):
    expected = noise / math.prod(dims) - (1 - noise) / min(dims)
    for matrix in points(_draws.entangled(dims, (2,), noise, seed)):
        np.testing.assert_allclose(least_of_partial_transposes(matrix, dims), expected, atol=1e-13)


@given(rho=of_kind("entangled"))
def test_entangled_states_have_two_subsystems(rho):
    assert len(rho.dims) == 2


@given(rho=strategies.states(dims=3))
def test_an_integer_is_one_subsystem(rho):
    assert rho.dims == (3,)


def channel_of_kind(kind, dims=None, batch_shape=(2,)):
    return strategies.channels(dims, kinds=(kind,), batch_shape=batch_shape)


PLACES = [((2,), (2, 3)), ((2, 2), ()), (None, (2,)), ((3,), (1,)), ((3, 2), ())]  # the last two without qubits alone


@pytest.mark.parametrize(
    ("kind", "dims", "batch_shape"),
    [(kind, *place) for kind in CHANNELS for place in (PLACES[:3] if kind == "pauli" else PLACES)],
)
def test_every_kind_of_channel_on_any_dimensions(kind, dims, batch_shape):
    @given(channel=channel_of_kind(kind, dims, batch_shape))
    def check(channel):
        assert isinstance(channel, Channel)
        assert channel.batch_shape == batch_shape
        assert channel.dims_in == channel.dims_out
        assert dims is None or channel.dims_in == dims
        for kraus in kraus_points(channel):
            eigenvalues = np.linalg.eigvalsh(kept(kraus))
            assert eigenvalues[-1] < 1 + 1e-12
            assert kind == "trace-decreasing" or eigenvalues[0] > 1 - 1e-12

    check()


@pytest.mark.parametrize("kind", ["cptp", "trace-decreasing"])
@pytest.mark.parametrize(
    ("dims_in", "dims_out"), [((2, 2), (3,)), ((2,), (3, 2)), ((4,), ()), ((), (2,)), (None, (3,))]
)
def test_channels_between_dimensions(kind, dims_in, dims_out):
    @given(channel=strategies.channels(dims_in, dims_out, kinds=(kind,), batch_shape=(2,)))
    def check(channel):
        assert dims_in is None or channel.dims_in == dims_in
        assert channel.dims_out == dims_out
        assert channel.batch_shape == (2,)

    check()


@given(channel=channel_of_kind("identity"))
def test_identity(channel):
    size = math.prod(channel.dims_in)
    for kraus in kraus_points(channel):
        np.testing.assert_allclose(oracles.superoperator(kraus), np.eye(size**2), atol=1e-14)


@given(channel=channel_of_kind("unitary"))
def test_unitary_channels(channel):
    for kraus in kraus_points(channel):
        choi = oracles.choi_matrix(kraus)
        assert rank(choi, 1e-12) == 1


@given(channel=channel_of_kind("pauli", (2, 2)))
def test_pauli_channels_multiply_pauli_strings(channel):
    for kraus in kraus_points(channel):
        transfer = oracles.transfer_matrix(kraus, (2, 2), (2, 2))
        np.testing.assert_allclose(transfer, np.diag(np.diag(transfer)), atol=1e-13)
        signs = [[1 if np.allclose(p @ q, q @ p) else -1 for q in PAULIS] for p in PAULIS]
        probabilities = np.array(signs) @ np.diag(transfer) / 16
        assert probabilities.min() > -1e-13


@given(channel=channel_of_kind("unital"))
def test_unital_channels(channel):
    for kraus in kraus_points(channel):
        one = np.eye(kraus.shape[-1])
        np.testing.assert_allclose(oracles.act(kraus, one), one, atol=1e-12)


@given(channel=channel_of_kind("near-unitary"))
def test_near_unitary_channels(channel):
    size = math.prod(channel.dims_in)
    for kraus in kraus_points(channel):
        weights = np.linalg.eigvalsh(oracles.choi_matrix(kraus)) / size
        assert 1 - 1e-3 - 1e-12 <= weights[-1] <= 1 + 1e-12
        assert weights[:-1].sum() > 1e-11


@given(weight=st.sampled_from([1e-3, 1e-6]), seed=SEEDS)
def test_noise_of_near_unitary_channels_has_its_weight(weight, seed):
    """What is left of the weight of the unitary is 1 - weight, and what the noise has along it."""
    kraus = _draws.near_unitary((2,), (), weight, seed=seed).kraus()
    weights = np.linalg.eigvalsh(oracles.choi_matrix(kraus)) / 2
    assert 0 < 1 - weights[-1] <= weight * (1 + 1e-6)


@given(channel=channel_of_kind("trace-decreasing"))
def test_trace_decreasing_channels(channel):
    for kraus in kraus_points(channel):
        eigenvalues = np.linalg.eigvalsh(kept(kraus))
        assert eigenvalues[0] < 1 - 1e-6
        assert eigenvalues[-1] > 1e-6


@given(channel=strategies.channels(dims_in=(2, 2)))
def test_trace_is_kept_unless_asked_otherwise(channel):
    np.testing.assert_allclose(kept(channel.kraus()), np.eye(4), atol=1e-12)


def is_random(numbers):
    """Say whether there are too many different magnitudes for an exact example."""
    return len(np.unique(np.abs(numbers).round(6))) > 6


@pytest.mark.parametrize("kind", STATES[1:])
def test_random_states_come_up(kind):
    found = find(strategies.states((2, 3), kinds=(kind,)), lambda rho: is_random(rho.matrix), settings=MANY)
    assert found.dims == (2, 3)


@pytest.mark.parametrize("kind", CHANNELS[1:])
def test_random_channels_come_up(kind):
    found = find(strategies.channels((2, 2), kinds=(kind,)), lambda c: is_random(c.transfer), settings=MANY)
    assert found.dims_in == (2, 2)


@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_maps_of_every_number_of_operators_come_up(count):
    found = find(strategies.channels(2, kinds=("cptp",)), lambda c: len(c.kraus()) == count, settings=MANY)
    assert found.is_trace_preserving()


def test_no_strong_noise_hides_the_entanglement():
    entangled = strategies.states((2, 2), kinds=("entangled",))
    with pytest.raises(NoSuchExample):
        find(entangled, lambda r: least_of_partial_transposes(r.matrix, (2, 2))[0] > -0.04, settings=MANY)


@pytest.mark.parametrize("kind", STATES[1:])
def test_random_states_of_a_batch_differ(kind):
    details = {"rank-deficient": {"rank": 2}, "near-singular": {"weight": 1e-9}, "separable": {"terms": 1}}
    details["entangled"] = {"noise": 0.1}
    make = strategies._STATES[kind][0]
    first, second = make((2, 2), (2,), **details.get(kind, {}), seed=3).matrix
    assert np.abs(first - second).max() > 0.01


@pytest.mark.parametrize("kind", CHANNELS[1:])
def test_random_channels_of_a_batch_differ(kind):
    details = {"pauli": {"strings": ["X", "Y"]}, "unital": {"count": 1}, "near-unitary": {"weight": 1e-3}}
    details |= {"cptp": {"dims_out": (2,), "num_kraus": 3}, "trace-decreasing": {"dims_out": (2,), "num_kraus": 3}}
    arguments = {"dims_in" if kind not in SQUARE else "dims": (2,), "batch_shape": (2,)} | details.get(kind, {})
    first, second = strategies._CHANNELS[kind][0](**arguments, seed=3).transfer
    assert np.abs(first - second).max() > 0.01


@pytest.mark.parametrize(
    ("name", "letters"), [("identity", "I"), ("shift", "X"), ("clock", "Z"), ("shift-clock", "XZ")]
)
def test_gates_of_a_qubit_are_exact(name, letters):
    expected = np.linalg.multi_dot([np.eye(2), np.eye(2), *(oracles.PAULI[letter] for letter in letters)])
    np.testing.assert_array_equal(_draws.gate(name, 2), expected)


@pytest.mark.parametrize("dim", [2, 3, 4, 5])
def test_gates_of_more_levels(dim):
    """The clock lags behind the shift by a phase, the Fourier matrix turns shift into clock."""
    shift, clock, fourier = (_draws.gate(name, dim) for name in ("shift", "clock", "fourier"))
    assert shift[1, 0] == shift[0, dim - 1] == 1
    np.testing.assert_allclose(clock @ shift, np.exp(2j * np.pi / dim) * shift @ clock, atol=1e-14)
    np.testing.assert_allclose(_draws.gate("shift-clock", dim), shift @ clock, atol=1e-14)
    np.testing.assert_allclose(fourier @ shift @ oracles.dagger(fourier), clock, atol=1e-14)
    np.testing.assert_array_equal(np.diag(_draws.gate("phase", dim))[:2], [1, 1j])


def test_random_unitaries_have_random_phases(rng):
    """Of Haar-random unitaries the mean of every entry, and of the trace squared, vanishes; |Tr U|² has mean 1."""
    unitaries = _draws.unitaries(2, (4000,), seed=int(rng.integers(2**32)))
    traces = np.trace(unitaries, axis1=-2, axis2=-1)
    assert np.abs(unitaries.mean(axis=0)).max() < 5 / math.sqrt(4000)
    assert abs((traces**2).mean()) < 5 * math.sqrt(2 / 4000)
    assert abs((np.abs(traces) ** 2).mean() - 1) < 5 / math.sqrt(4000)


@pytest.mark.parametrize("make", [strategies.states, strategies.channels])
@pytest.mark.parametrize("kinds", [("striped",), ["basis", "identity"], ()])
def test_unknown_kinds_are_refused(make, kinds):
    allowed = "basis, pure, mixed" if make is strategies.states else "identity, unitary, pauli"
    with pytest.raises(ParameterError, match=f"`kinds` must be among {allowed}, .*, but is"):
        make(kinds=kinds)


@pytest.mark.parametrize("make", [strategies.states, strategies.channels])
@pytest.mark.parametrize("kinds", ["pure", 3])
def test_kinds_must_be_a_sequence(make, kinds):
    with pytest.raises(ParameterTypeError, match="`kinds` must be a sequence of names, but is"):
        make(kinds=kinds)


def test_entangled_states_of_one_subsystem_are_refused():
    with pytest.raises(ParameterError, match=r"`kinds` must be among basis, .*, separable for the dimensions \(4,\)"):
        strategies.states(4, kinds=("pure", "entangled"))


@pytest.mark.parametrize(("dims_in", "dims_out"), [((3,), None), ((2, 3), None), (None, (3,))])
def test_pauli_channels_of_qutrits_are_refused(dims_in, dims_out):
    with pytest.raises(ParameterError, match=r"`kinds` must be among identity, unitary, unital, .* for dims_.*'pauli'"):
        strategies.channels(dims_in, dims_out, kinds=("pauli",))


@pytest.mark.parametrize("kind", SQUARE)
def test_kinds_that_keep_the_dimensions_are_refused_between_others(kind):
    allowed = r"`kinds` must be among cptp, trace-decreasing for dims_in \(2,\) and dims_out \(2, 2\), but is"
    with pytest.raises(ParameterError, match=allowed):
        strategies.channels((2,), (2, 2), kinds=(kind,))
    with pytest.raises(ParameterError, match=r"`kinds` must be among cptp, trace-decreasing for dims_out \(\), but is"):
        strategies.channels(dims_out=(), kinds=(kind,))


def test_other_arguments_are_checked_at_once():
    with pytest.raises(DimensionError, match="`dims` must hold at least one dimension"):
        strategies.states(())
    with pytest.raises(DimensionError, match="`dims` must hold dimensions of at least 2"):
        strategies.states((2, 1))
    with pytest.raises(DimensionError, match="`dims_out` must hold dimensions of at least 2"):
        strategies.channels((2,), (1,))
    with pytest.raises(ParameterError, match="`batch_shape` must be at least 1"):
        strategies.channels(batch_shape=(0,))
    with pytest.raises(ParameterError, match="`dim` must be at least 1"):
        strategies.unitaries(0)
