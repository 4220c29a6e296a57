"""Every map that is none is refused, in words that name the parameter, range and value."""

import numpy as np
import oracles
import pytest

import qnet_core as qc
from qnet_core import Channel, Instrument, errors
from qnet_core.errors import (
    ChannelError,
    DimensionError,
    KrausError,
    ParameterError,
    ParameterTypeError,
)

EYE = np.eye(2)
LOWER = np.array([[0, 1], [0, 0]])
SWAP = np.eye(4)[[0, 2, 1, 3]]
OMEGA = 2 * oracles.projector(oracles.BELL_VECTORS["phi+"]).real
TRANSPOSE = np.diag([1, 1, -1, 1])
NOT_FINITE = (ChannelError, ParameterError)
QUTRIT = Channel.identity(3)
QUBIT = Channel.identity(2)
UP, DOWN = (Channel.from_kraus(np.array([np.diag(d)])) for d in ([1, 0], [0, 1]))


def kraus(operators, *dims, **options):
    return lambda: Channel.from_kraus(operators, *dims, **options)


def lindblad(hamiltonian=EYE, jumps=(LOWER,), duration_s=1.0, dims=None):
    return lambda: Channel.from_lindblad(hamiltonian, jumps, duration_s=duration_s, dims=dims)


CASES = {
    "kraus above identity": (kraus([2 * EYE]), KrausError, ["`kraus`", "4"]),
    "kraus a bit above": (kraus([1.001 * EYE]), KrausError, ["`kraus`", "1.002"]),
    "kraus sum above": (kraus([EYE, 0.5 * LOWER]), KrausError, ["`kraus`", "1.25"]),
    "kraus one bad point": (
        kraus([[EYE], [1.5 * EYE]]),
        KrausError,
        ["`kraus`", "2.25"],
    ),
    "kraus below identity": (
        kraus([0.5 * EYE], trace_preserving=True),
        KrausError,
        ["`kraus`", "0.25"],
    ),
    "kraus one matrix": (kraus(EYE), DimensionError, ["`kraus`", "(2, 2)"]),
    "kraus no operator": (kraus(np.zeros((0, 2, 2))), DimensionError, ["`kraus`", "(0, 2, 2)"]),
    "kraus empty batch": (kraus(np.zeros((0, 1, 2, 2))), DimensionError, ["`kraus`"]),
    "kraus qutrit": (kraus([np.eye(3)]), DimensionError, ["3"]),
    "kraus dims_in": (kraus([EYE], 3, 2), DimensionError, ["`dims_in`", "3"]),
    "kraus dims_out": (kraus([EYE], 2, 3), DimensionError, ["`dims_out`", "3"]),
    "kraus NaN": (kraus([np.full((2, 2), np.nan)]), NOT_FINITE, ["`kraus`", "finite"]),
    "kraus infinite": (kraus([np.full((2, 2), np.inf)]), NOT_FINITE, ["`kraus`"]),
    "kraus text": (kraus("XYZ"), ParameterTypeError, ["`kraus`", "XYZ"]),
    "kraus ragged": (
        kraus([EYE, np.eye(3)]),
        (ParameterTypeError, DimensionError),
        ["`kraus`"],
    ),
    "kraus to nothing": (
        kraus([[[1, 0]], [[0, 1]]], 2, 2),
        DimensionError,
        ["`dims_out`", "1"],
    ),
    "unitary not": (lambda: Channel.from_unitary(np.diag([1, 2])), ChannelError, ["`u`"]),
    "unitary half": (lambda: Channel.from_unitary(EYE / 2), ChannelError, ["`u`", "0.25"]),
    "unitary shape": (lambda: Channel.from_unitary(np.eye(2, 3)), DimensionError, ["(2, 3)"]),
    "unitary NaN": (lambda: Channel.from_unitary(np.full((2, 2), np.nan)), NOT_FINITE, ["`u`", "finite"]),
    "choi of transpose": (
        lambda: Channel.from_choi(SWAP, 2, 2),
        ChannelError,
        ["`choi`", "completely positive", "-1"],
    ),
    "choi not Hermitian": (
        lambda: Channel.from_choi(np.eye(4) / 2 + np.eye(4, k=1) / 8, 2, 2),
        ChannelError,
        ["`choi`", "Hermitian"],
    ),
    "choi increases trace": (
        lambda: Channel.from_choi(1.5 * OMEGA, 2, 2),
        ChannelError,
        ["`choi`", "1.5"],
    ),
    "choi shape": (lambda: Channel.from_choi(np.eye(3), 2, 2), DimensionError, ["(3, 3)"]),
    "choi NaN": (lambda: Channel.from_choi(np.full((4, 4), np.nan), 2, 2), NOT_FINITE, ["`choi`", "finite"]),
    "superop of transpose": (
        lambda: Channel.from_superop(SWAP, 2, 2),
        ChannelError,
        ["completely positive", "-1"],
    ),
    "superop increases trace": (
        lambda: Channel.from_superop(1.25 * np.eye(4), 2, 2),
        ChannelError,
        ["1.25"],
    ),
    "superop shape": (lambda: Channel.from_superop(np.eye(3), 2, 2), DimensionError, ["(3, 3)"]),
    "transfer of transpose": (
        lambda: Channel.from_transfer(TRANSPOSE, 2),
        ChannelError,
        ["`matrix`", "completely positive", "-1"],
    ),
    "transfer increases trace": (
        lambda: Channel.from_transfer(1.5 * np.eye(4), 2),
        ChannelError,
        ["`matrix`", "1.5"],
    ),
    "transfer of one bad point": (
        lambda: Channel.from_transfer([np.eye(4), TRANSPOSE], 2),
        ChannelError,
        ["`matrix`", "-1"],
    ),
    "transfer shape": (lambda: Channel.from_transfer(EYE, 2), DimensionError, ["(2, 2)"]),
    "transfer NaN": (lambda: Channel.from_transfer(np.full((4, 4), np.nan), 2), NOT_FINITE, ["nan"]),
    "transfer complex": (
        lambda: Channel.from_transfer(1j * np.eye(4), 2),
        ParameterTypeError,
        ["`matrix`"],
    ),
    "lindblad Hermitian": (lindblad(LOWER), ValueError, ["`hamiltonian`", "Hermitian"]),
    "lindblad shape": (lindblad(np.eye(2, 3)), DimensionError, ["`hamiltonian`", "(2, 3)"]),
    "lindblad jumps": (lindblad(jumps=[np.eye(3)]), DimensionError, ["`jumps`", "3"]),
    "lindblad jump NaN": (lindblad(jumps=[np.full((2, 2), np.nan)]), ValueError, ["`jumps`", "finite"]),
    "lindblad past": (lindblad(duration_s=-0.5), ParameterError, ["`duration_s`", "-0.5"]),
    "lindblad NaN": (lindblad(duration_s=np.nan), ParameterError, ["`duration_s`", "nan"]),
    "lindblad forever": (lindblad(duration_s=np.inf), ParameterError, ["`duration_s`", "inf"]),
    "lindblad text": (lindblad(duration_s="1 s"), ParameterTypeError, ["`duration_s`", "1 s"]),
    "lindblad no list": (lindblad(jumps=None), ParameterTypeError, ["`jumps`", "None"]),
    "lindblad dims": (lindblad(dims=3), DimensionError, ["`dims`", "3"]),
    "then": (lambda: QUBIT.then(QUTRIT), DimensionError, ["`other`", "3"]),
    "then a matrix": (lambda: QUBIT.then(EYE), ParameterTypeError, ["`other`"]),
    "tensor a matrix": (lambda: QUBIT.tensor(EYE), ParameterTypeError, ["`other`"]),
    "power below zero": (lambda: QUBIT.power(-1), ParameterError, ["`n`", "-1"]),
    "power fraction": (lambda: QUBIT.power(0.5), ParameterTypeError, ["`n`", "0.5"]),
    "identity": (lambda: Channel.identity(0), DimensionError, ["`dims`", "0"]),
    "instrument empty": (lambda: Instrument([]), (ValueError, ParameterTypeError), ["`maps`"]),
    "instrument lossy": (lambda: Instrument([UP]), ChannelError, ["`maps`"]),
    "instrument above": (lambda: Instrument([QUBIT, DOWN]), ChannelError, ["`maps`", "1.5"]),
    "instrument unlike": (lambda: Instrument([QUBIT, QUTRIT]), DimensionError, ["`maps`"]),
    "instrument a matrix": (lambda: Instrument([EYE]), ParameterTypeError, ["`maps`"]),
    "instrument outcomes": (
        lambda: Instrument([UP, DOWN], outcomes=["only one"]),
        DimensionError,
        ["`outcomes`", "1"],
    ),
    "instrument one outcome": (lambda: Instrument([UP, DOWN], outcomes=5), ParameterTypeError, ["`outcomes`", "5"]),
    "instrument on a number": (lambda: Instrument([QUBIT]).branches(3, 0), ParameterTypeError, ["`rho`", "int"]),
    "random channel": (
        lambda: qc.random_channel(2, num_kraus=0, rng=np.random.default_rng(1)),
        ParameterError,
        ["`num_kraus`", "0"],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_refusals(name):
    call, error, pieces = CASES[name]
    with pytest.raises(error) as caught:
        call()
    for piece in ["must", *pieces]:
        assert piece in str(caught.value)


def test_only_a_map_to_itself_can_be_repeated():
    with pytest.raises(DimensionError, match=r"\(2,\).*\(3,\)"):
        Channel.from_kraus(np.eye(3, 2)[None], 2, 3).power(2)


def test_errors_are_built_in_ones_too():
    assert issubclass(errors.KrausError, errors.ChannelError)
    assert issubclass(errors.CapacityError, MemoryError)
    assert issubclass(errors.ParameterTypeError, TypeError)
    for name in ("DimensionError", "StateError", "ChannelError", "ParameterError"):
        assert issubclass(getattr(errors, name), ValueError)


def test_trace_decreasing_maps_are_channels():
    half = Channel.from_kraus([EYE / 2])
    np.testing.assert_allclose(half.transfer, np.eye(4) / 4, atol=1e-16)
    np.testing.assert_allclose(Channel.from_transfer(np.eye(4) / 4, 2).transfer, np.eye(4) / 4)


def test_rounding_noise_is_no_reason_to_refuse(rng):
    noisy = oracles.random_unitary(rng, 4) * (1 + 1e-15)
    assert np.all(Channel.from_unitary(noisy).is_trace_preserving())
    kraus_operators = oracles.random_kraus(rng, 4) * (1 + 1e-15)
    choi = oracles.choi_matrix(kraus_operators) - 1e-15 * np.eye(16)
    assert np.all(Channel.from_choi(choi, 4, 4).is_completely_positive())
