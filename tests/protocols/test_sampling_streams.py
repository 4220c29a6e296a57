"""The random streams of sampling: the published generator, uniform and geometric numbers, moments. Also without the compiler."""

import numpy as np
import pytest

from qnet_protocols import _kernels

# Random123, kat_vectors: counter and key, then what 10 rounds of philox4x32 make of them
ANSWERS = {
    "zeros": ([0] * 4, [0] * 2, [0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8]),
    "ones": ([0xFFFFFFFF] * 4, [0xFFFFFFFF] * 2, [0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD]),
    "pi": (
        [0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344], [0xA4093822, 0x299F31D0],
        [0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1],
    ),
}  # fmt: skip


def stream(counter=(0, 0, 0, 0), key=(1, 2)):
    return np.array([*key, *counter, 0, 0], np.uint64)


@pytest.mark.parametrize("name", ANSWERS)
def test_known_answers(name):
    counter, key, words = ANSWERS[name]
    rng = stream(counter, key)
    assert [int(word) for word in _kernels.sampling.philox(rng)] == words
    assert int(rng[2]) == counter[0] + 1


def test_uniform_numbers_are_the_words_in_order():
    rng, numbers = stream(), stream()
    for _ in range(3):
        words = [int(word) for word in _kernels.sampling.philox(rng)]
        for high, low in (words[:2], words[2:]):
            expected = (((high << 32 | low) >> 11) + 1) / 2**53
            assert _kernels.sampling.uniform(numbers) == expected


def test_uniform_numbers_fill_the_interval():
    rng = stream(key=(3, 4))
    values = np.array([_kernels.sampling.uniform(rng) for _ in range(4000)])
    counts = np.histogram(values, 20, (0, 1))[0]
    assert ((counts - 200) ** 2 / 200).sum() < 50  # of 19 degrees of freedom
    assert abs(np.corrcoef(values[:-1], values[1:])[0, 1]) < 5 / np.sqrt(4000)


def test_link_times_are_geometric():
    links, nodes = np.zeros((1, 18)), np.zeros((2, 12))
    links[0, :2] = 1 / np.log1p(-0.3), 2.0  # cycles of two steps
    x, rng = np.zeros((1, 24)), stream(key=(5, 6))
    times = []
    for _ in range(3000):
        _kernels.sampling.draw_link(x, 0, 0, links, nodes, rng)
        times.append(x[0, _kernels.sampling.TIME] / 2)
    for cycle in range(1, 6):
        expected = 0.3 * 0.7 ** (cycle - 1)
        assert abs(np.mean(np.array(times) == cycle) - expected) < 5 * np.sqrt(expected / 3000)


def test_moments_of_chunks_are_those_of_all():
    values = np.random.default_rng(7).normal([1e6, 2.0], [1.0, 0.0], (150, 2))
    rows, totals = np.zeros((4, 5)), np.zeros((1, 5))
    _kernels.moments.chunk_moments(rows, values, 70, 64)  # samples 70 to 219
    np.testing.assert_array_equal(rows[:, 0], [58, 64, 28, 0])
    assert _kernels.moments.merge_chunks(totals, rows[:3, None], 0.0, 0.0) == 3
    np.testing.assert_allclose(totals[0, 1:3], values.mean(axis=0), rtol=1e-15)
    np.testing.assert_allclose(totals[0, 3:], values.var(axis=0) * 150, rtol=1e-9)


@pytest.mark.parametrize("wanted", [(0.3, 0.0), (0.0, 0.1), (0.3, 0.1)])
def test_merging_stops_at_the_first_chunk_that_is_enough(wanted):
    values = np.random.default_rng(8).normal([3.0, 1.0], [2.0, 1.5], (640, 2))
    rows, totals = np.zeros((10, 5)), np.zeros((1, 5))
    _kernels.moments.chunk_moments(rows, values, 0, 64)
    used = -_kernels.moments.merge_chunks(totals, rows[:, None], *wanted)
    errors = [values[:n].std(axis=0, ddof=1) / np.sqrt(n) for n in range(64, 641, 64)]
    means = [values[:n, 0].mean() for n in range(64, 641, 64)]
    good = [
        (not wanted[0] or e[1] <= wanted[0]) and (not wanted[1] or e[0] <= wanted[1] * m)
        for e, m in zip(errors, means, strict=True)
    ]
    assert used == good.index(True) + 1
    assert totals[0, 0] == 64 * used
