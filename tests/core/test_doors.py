"""What must not pass in silence: wrong rows, lost traces, shared arrays, times that no digits are left for."""

import numpy as np
import pytest

import qnet_core as qc
from qnet_channels import BellStation, Fiber, Memory, depolarizing, double_click_link, erasure, rotation, swap
from qnet_core import Channel, DensityMatrix, Heralded
from qnet_core.errors import DimensionError, ParameterError, ParameterTypeError, StateError
from qnet_protocols import equal_link_chain, secret_key_fraction

MIXED = DensityMatrix(np.eye(4) / 400)
ONE = Channel.from_kraus(np.diag([0, 1])[None])
NOTHING = qc.ket("0").apply(ONE, 0)
PERFECT = Memory(np.inf, np.inf)

REFUSED = {
    "rows per block": (lambda: qc.blockwise(lambda x: np.stack([x, x]), np.arange(10.0)), DimensionError, "`function`"),
    "one row": (lambda: qc.blockwise(lambda x: x[:1], np.arange(10.0)), DimensionError, "`function`"),
    "one state": (lambda: qc.blockwise(lambda x: qc.bell_state(), np.arange(9.0)), DimensionError, "`function`"),
    "another dtype": (
        lambda: qc.blockwise(lambda x: x if x[0] > 1 else x.astype(int), np.arange(4.0), block_size=2),
        DimensionError,
        "float64",
    ),
    "no parameter": (lambda: qc.blockwise(lambda: 1), ParameterTypeError, "`function`"),
    "key of a lost trace": (lambda: secret_key_fraction(MIXED), StateError, "`state`.*trace 1"),
    "chain of a lost trace": (
        lambda: equal_link_chain(Heralded(MIXED, np.float64(0.1)), num_links=2, cycle_s=1.0, memory=PERFECT),
        StateError,
        "`link`.*trace 1",
    ),
    "no link": (
        lambda: equal_link_chain(qc.bell_state(), num_links=2, cycle_s=1.0, memory=PERFECT),
        ParameterTypeError,
        "`link`",
    ),
    "no station": (lambda: swap(qc.bell_state(), qc.bell_state(), station=0.1), ParameterTypeError, "`station`"),
    "unitarity": (lambda: qc.unitarity(erasure(transmissivity=0.5)), DimensionError, "`channel`"),
    "too fast": (
        lambda: Channel.from_lindblad([[0, 1e9], [1e9, 0]], [], duration_s=1e9),
        ParameterError,
        "`duration_s`",
    ),
    "memory": (lambda: Memory([1.0, 2.0], [1.0, 2.0], [0.1, 0.1, 0.1]), DimensionError, "`excited_population`"),
    "sample of nothing": (
        lambda: qc.Instrument([Channel.identity(2)]).sample(NOTHING, 0, rng=np.random.default_rng(0)),
        StateError,
        "`rho`",
    ),
    "maps": (lambda: qc.Instrument(Channel.identity(2)), ParameterTypeError, "`maps`"),
    "factory": (
        lambda: qc.verify_channel(lambda t: erasure(transmissivity=np.exp(-t))),
        DimensionError,
        "`channel_or_factory`",
    ),
    "index of one state": (lambda: qc.ket("0")[0], IndexError, "single state"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name):
    call, error, words = REFUSED[name]
    with pytest.raises(error, match=words):
        call()


def test_fractions_of_indices_are_refused_also_after_whole_ones():
    pair = Channel.identity((2, 2))
    qc.ket("000").apply(pair, (1, 2))
    for on in ((1.0, 2.0), (True, 2)):
        with pytest.raises(ParameterTypeError, match="`on`"):
            qc.ket("000").apply(pair, on)


@pytest.mark.parametrize("index", [np.array(0), np.int64(0), 0, slice(None), [0]])
def test_points_that_were_taken_out_are_copies(index):
    states = qc.werner_state(fidelity=[0.9])
    point = states[index]
    point.apply(depolarizing(mixing=1.0), 0, out=point)
    np.testing.assert_allclose(qc.fidelity(states, qc.bell_state()), [0.9], rtol=1e-14)


def test_a_refused_layer_has_not_begun():
    states = qc.bell_state().broadcast_to((2,))
    before = states.bloch.copy()
    with pytest.raises(DimensionError, match="channels"):
        states.apply_each([depolarizing(mixing=0.5), depolarizing(mixing=[0.1, 0.2, 0.3])], out=states)
    np.testing.assert_array_equal(states.bloch, before)


def test_devices_keep_numbers_of_their_own():
    length_km = np.array([1.0, 2.0])
    fiber, memory, station = Fiber(length_km), Memory(length_km, length_km), BellStation(readout_error=length_km / 10)
    before = fiber.transmissivity, memory.t1_s.copy(), station.characters
    length_km[0] = -100
    np.testing.assert_array_equal(fiber.transmissivity, before[0])
    np.testing.assert_array_equal(memory.t1_s, before[1])
    np.testing.assert_array_equal(station.characters, before[2])


def test_the_rarest_links_are_states_as_well():
    link = double_click_link(transmissivity=1e-155, visibility=0.5)
    assert 0 < link.probability < 1e-300
    np.testing.assert_allclose(qc.fidelity(link.state, qc.bell_state()), 0.75, rtol=1e-6)


def test_nothing_overlaps_with_nothing():
    assert qc.fidelity(qc.ket("0"), NOTHING) == qc.fidelity(NOTHING, qc.ket("0")) == 0


def test_a_single_point_is_a_block_too():
    value = qc.blockwise(lambda f: qc.purity(qc.werner_state(fidelity=f)), 1.0)
    assert value.shape == ()
    np.testing.assert_allclose(value, 1.0)


def test_a_layer_may_change_dimensions_into_a_place_that_fits():
    pair, lossy = qc.bell_state(), erasure(transmissivity=0.7)
    expected = pair.apply(lossy, 1)
    out = qc.maximally_mixed_state((2, 3))
    assert pair.apply_each([None, lossy], out=out) is out
    np.testing.assert_array_equal(out.bloch, expected.bloch)
    with pytest.raises(DimensionError, match="`out`"):
        pair.apply_each([None, lossy], out=pair)


def test_the_longest_decay_ends_in_equilibrium():
    decay = Channel.from_lindblad(None, [[[0, 1], [0, 0]]], duration_s=1e8)
    np.testing.assert_allclose(qc.ket("1").apply(decay, 0).expect("Z"), 1, atol=1e-9)


@pytest.mark.parametrize("value", [float("-inf"), float("inf"), float("nan"), np.float64("-inf"), [-np.inf]])
def test_numbers_without_bounds_are_finite(value):
    with pytest.raises(ParameterError, match="finite"):
        rotation("x", angle_rad=value)
