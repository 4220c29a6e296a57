"""Cascade corrects every error, tells what a slow version with two parties tells, and little more than it must."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qnet_core.errors import DimensionError, ParameterError, ParameterTypeError
from qnet_protocols.cascade import cascade


def keys(count, error_rate, seed):
    rng = np.random.default_rng(seed)
    sent = rng.integers(0, 2, count, dtype=np.uint8)
    return sent, sent ^ (rng.random(count) < error_rate)


class TwoParties:
    """Cascade with sets: the receiver knows parities of sets of positions that he has asked for, and nothing else."""

    def __init__(self, sent, received, orders, sizes):
        self.sent, self.key, self.orders, self.sizes = sent, received.copy(), orders, sizes
        self.told = []
        self.known = [[] for _ in sizes]  # of each pass: intervals (start, stop), with the sender's parity

    def ask(self, positions):
        self.told.append(int(self.sent[positions].sum()) % 2)
        return self.told[-1]

    def own(self, p, interval):
        return int(self.key[self.orders[p][slice(*interval)]].sum()) % 2

    def odd(self, p, known):
        return self.own(p, known[0]) != known[1]

    def run(self):
        n = len(self.sent)
        for p, size in enumerate(self.sizes):
            starts = list(range(0, n, size))
            parities = [self.ask(self.orders[p][s : s + size]) for s in (starts[:-1] if p else starts)]
            if p:  # the parity of the whole is known
                parities.append((self.whole - sum(parities)) % 2)
            self.whole = sum(parities) % 2
            self.known[p] = [((s, min(s + size, n)), q, size) for s, q in zip(starts, parities, strict=True)]
            while self.search_one(p):
                pass
        return self

    def search_one(self, last):
        """Search one odd interval, and say whether there was any."""
        for p in range(last + 1):
            for k, known in enumerate(self.known[p]):
                if self.odd(p, known):
                    self.halve(p, k)
                    return True
        return False

    def halve(self, p, k):
        while True:
            (start, stop), parity, size = self.known[p].pop(k)
            if size == 1:
                self.key[self.orders[p][start]] ^= 1
                self.known[p].append(((start, stop), parity, 1))
                return
            middle = start + size // 2
            if middle >= stop:
                halves = [((start, stop), parity, size // 2)]
            else:
                left = self.ask(self.orders[p][start:middle])
                halves = [((start, middle), left, size // 2), ((middle, stop), (parity - left) % 2, size // 2)]
            self.known[p] += halves
            k = next(i for i, one in enumerate(self.known[p]) if one in halves and self.odd(p, one))


@pytest.mark.parametrize(
    ("count", "largest", "rate"), [(37, 16, 0.1), (200, 128, 0.05), (333, 128, 0.02), (128, 64, 0.2)]
)
def test_tells_as_much_as_two_parties_with_sets(count, largest, rate):
    """Which odd block comes first is free, so that numbers may differ by a few; with one pass they must not."""
    sent, received = keys(count, rate, count)
    exponents = [int(np.ceil(-np.log2(rate))), int(np.ceil((-np.log2(rate) + 12) / 2))]
    sizes = [min(2**k, largest) for k in exponents] + [largest] * 6
    for passes in (1, 8):
        rng = np.random.default_rng(5)
        orders = [np.arange(count), *(rng.permutation(count) for _ in range(passes - 1))]
        slow = TwoParties(sent, received, orders, sizes[:passes]).run()
        found = cascade(sent, received, error_rate=rate, num_passes=passes, rng=np.random.default_rng(5))
        if passes == 1:
            assert found.leaked_bits == len(slow.told)
            np.testing.assert_array_equal(found.key, slow.key)
            assert sorted(found.parities.tolist()) == sorted(slow.told)
        else:
            assert abs(found.leaked_bits - len(slow.told)) <= 0.1 * len(slow.told)
            np.testing.assert_array_equal(found.key, sent)
            np.testing.assert_array_equal(slow.key, sent)


@given(st.integers(1, 400), st.floats(0.0, 0.3), st.integers(0, 2**32 - 1))
def test_corrects_all(count, rate, seed):
    sent, received = keys(count, rate, seed)
    found = cascade(sent, received, error_rate=rate, num_passes=40, rng=np.random.default_rng(seed))
    np.testing.assert_array_equal(found.key, sent)
    assert found.corrected_bits == (sent != received).sum()
    assert found.leaked_bits == found.parities.size <= count


@pytest.mark.parametrize(("rate", "most"), [(0.005, 1.08), (0.02, 1.05), (0.05, 1.06), (0.1, 1.08)])
def test_tells_little_more_than_shannon_asks_for(rate, most):
    count = 500_000  # eight frames, of which the last is filled up
    sent, received = keys(count, rate, 3)
    found = cascade(sent, received, error_rate=rate, rng=np.random.default_rng(4))
    np.testing.assert_array_equal(found.key, sent)
    share = found.corrected_bits / count
    entropy = -share * np.log2(share) - (1 - share) * np.log2(1 - share)
    assert 1.0 < found.leaked_bits / (count * entropy) < most


@pytest.mark.parametrize("count", [129, 193, 191, 250])
def test_no_block_is_so_large_that_it_hides_two_errors(count):
    """Two errors, 300 times: a pass misses them with probability 0.56 at most, ten passes nearly never."""
    missed = 0
    for seed in range(300):
        rng = np.random.default_rng([seed, count])
        sent = rng.integers(0, 2, count, dtype=np.uint8)
        received = sent.copy()
        received[rng.choice(count, 2, replace=False)] ^= 1
        missed += (cascade(sent, received, error_rate=0.01, num_passes=10, rng=rng).key != sent).any()
    assert missed <= 8


def test_frames_of_unequal_filling():
    sent, received = keys(2**17 + 1, 0.03, 8)
    found = cascade(sent, received, error_rate=0.03, rng=np.random.default_rng(9))
    np.testing.assert_array_equal(found.key, sent)
    assert found.key.size == 2**17 + 1


def test_wrong_error_rate_costs_parities_and_no_key():
    sent, received = keys(20_000, 0.05, 1)
    told = {rate: cascade(sent, received, error_rate=rate, rng=np.random.default_rng(2)) for rate in (0.001, 0.05, 0.5)}
    assert all((found.key == sent).all() for found in told.values())
    assert told[0.05].leaked_bits < told[0.001].leaked_bits
    assert told[0.05].leaked_bits < told[0.5].leaked_bits


def test_tells_all_where_half_of_the_bits_are_wrong():
    sent, received = keys(1000, 0.5, 1)
    found = cascade(sent, received, error_rate=0.01)
    np.testing.assert_array_equal(found.key, sent)
    assert found.leaked_bits == 1000


def test_equal_keys():
    sent, _ = keys(3000, 0.0, 1)
    found = cascade(sent, sent, error_rate=0.0)
    assert found.corrected_bits == 0
    assert found.leaked_bits == 3 + 23 * 2  # three blocks in each pass, of which the last follows from the others


def test_no_bits():
    found = cascade([], [], error_rate=0.1)
    assert (found.key.size, found.leaked_bits) == (0, 0)


def test_shows_no_key():
    assert repr(cascade([1, 0, 1], [1, 0, 0], error_rate=0.1)).startswith("ReconciledKey(leaked_bits=")
    assert "array" not in repr(cascade([1, 0, 1], [1, 0, 0], error_rate=0.1))


def test_refusals():
    with pytest.raises(DimensionError, match="`sent`, `received` must hold as many bits, but hold 3 and 2"):
        cascade([1, 0, 1], [1, 0], error_rate=0.1)
    with pytest.raises(ParameterError, match=r"`error_rate` must be between 0 and 0.5, but is 0.6"):
        cascade([1], [1], error_rate=0.6)
    with pytest.raises(ParameterError, match="`error_rate`"):
        cascade([1], [1], error_rate=float("nan"))
    with pytest.raises(DimensionError, match="`error_rate` must be one number"):
        cascade([1], [1], error_rate=[0.1, 0.2])
    with pytest.raises(ParameterError, match="`num_passes` must be between 1 and 64"):
        cascade([1], [1], error_rate=0.1, num_passes=0)
    with pytest.raises(ParameterTypeError, match=r"`rng` must be a numpy\.random\.Generator"):
        cascade([1], [1], error_rate=0.1, rng=1)
