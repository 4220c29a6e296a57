"""Hashing is the product by the matrix that its seed stands for, exactly, at any size."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qnet_core.errors import DimensionError, ParameterError, ParameterTypeError
from qnet_protocols.toeplitz import _product, toeplitz_hash

RNG = np.random.default_rng(51)


def random_bits(count):
    return RNG.integers(0, 2, count, dtype=np.uint8)


def by_matrix(x, s, rows):
    """The product with the matrix written out."""
    n = len(x)
    matrix = np.array([[s[i - j + n - 1] for j in range(n)] for i in range(rows)], dtype=int).reshape(rows, n)
    return matrix @ np.asarray(x, int) % 2


@given(st.integers(1, 300), st.integers(1, 300), st.randoms(use_true_random=False))
def test_is_the_product_by_the_matrix(n, rows, random):
    x, s = ([random.getrandbits(1) for _ in range(k)] for k in (n, n + rows - 1))
    np.testing.assert_array_equal(toeplitz_hash(x, seed=s, length=rows), by_matrix(x, s, rows))


@pytest.mark.parametrize(("n", "rows"), [(1, 1), (63, 64), (64, 63), (65, 129), (500, 333), (300, 700), (128, 128)])
def test_blocks_of_64(n, rows):
    x, s = random_bits(n), random_bits(n + rows - 1)
    np.testing.assert_array_equal(_product(s, x, rows, 64), by_matrix(x, s, rows))


def test_row_by_row_and_by_blocks_alike_where_sums_are_largest():
    """All ones: every sum is n, the worst for round-off."""
    n, rows = 300_000, 256
    ones = np.ones(n + rows - 1, np.uint8)
    np.testing.assert_array_equal(_product(ones, ones[:n], rows, 2**18), np.full(rows, n % 2))
    x, s = random_bits(n), random_bits(n + rows - 1)
    np.testing.assert_array_equal(_product(s, x, rows, 2**14), toeplitz_hash(x, seed=s, length=rows))


def test_linear():
    x, y, s = random_bits(5000), random_bits(5000), random_bits(5999)
    each = [toeplitz_hash(key, seed=s, length=1000) for key in (x, y, x ^ y)]
    np.testing.assert_array_equal(each[0] ^ each[1], each[2])


def test_different_keys_collide_as_often_as_by_chance():
    x, y = [1, 0, 1, 1, 0, 1], [1, 0, 0, 1, 1, 1]
    seeds = [[k >> i & 1 for i in range(8)] for k in range(256)]  # all of them
    equal = sum((toeplitz_hash(x, seed=s, length=3) == toeplitz_hash(y, seed=s, length=3)).all() for s in seeds)
    assert equal == 256 / 2**3


def test_nothing_of_nothing():
    assert toeplitz_hash([1, 0], seed=[1], length=0).size == 0
    assert toeplitz_hash([], seed=[1, 0], length=3).tolist() == [0, 0, 0]


def test_refusals():
    with pytest.raises(DimensionError, match=r"`seed` must hold n \+ length - 1 = 4 bits, but holds 3"):
        toeplitz_hash([1, 0], seed=[1, 0, 1], length=3)
    with pytest.raises(ParameterError, match="`key` must hold 0 and 1 only, but holds something else"):
        toeplitz_hash([1, 2], seed=[1, 0, 1], length=2)
    with pytest.raises(ParameterTypeError, match="`key` must hold bits, but holds float64"):
        toeplitz_hash([1.0, 0.0], seed=[1, 0, 1], length=2)
    with pytest.raises(DimensionError, match="`key` must be a sequence of bits"):
        toeplitz_hash([[1, 0]], seed=[1, 0, 1], length=2)
    with pytest.raises(ParameterError, match="`length` must be at least 0"):
        toeplitz_hash([1, 0], seed=[1], length=-1)
