"""Keys over trusted nodes: the bits themselves, every pattern of corrupt relays, and all sets of routes of small networks."""

from itertools import combinations, pairwise, product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qnet_core.errors import DimensionError, ParameterError, ParameterTypeError
from qnet_protocols.disjoint_routes import disjoint_routes
from qnet_protocols.trusted_nodes import TrustedRoute, combined_routes, relay_key, trusted_route


@given(st.integers(1, 6), st.integers(0, 40), st.integers(0, 2**32 - 1))
def test_both_ends_get_the_key_of_the_first_link(links, count, seed):
    keys = np.random.default_rng(seed).integers(0, 2, (links, count), dtype=np.uint8)
    found = relay_key(list(keys))
    np.testing.assert_array_equal(found.sender_key, keys[0])
    np.testing.assert_array_equal(found.receiver_key, keys[0])
    assert len(found.announcements) == links - 1


def test_announcements_fit_every_key():
    """One bit, three links: whatever is announced, both values of the key are equally likely."""
    seen = {}
    for keys in product((0, 1), repeat=3):
        found = relay_key([[bit] for bit in keys])
        told = tuple(one.item() for one in found.announcements)
        seen.setdefault(told, []).append(found.sender_key.item())
    assert len(seen) == 4
    assert all(sorted(values) == [0, 1] for values in seen.values())


def test_no_key_is_shown():
    assert repr(relay_key([[1, 0, 1], [1, 1, 1]])) == "RelayedKey(num_bits=3, num_relays=1)"


@pytest.mark.parametrize("links", [1, 2, 4])
@pytest.mark.parametrize("corrupt", [0.0, 0.2, 1.0])
def test_compromise_by_counting_patterns(links, corrupt):
    lost = sum(
        np.prod([corrupt if bad else 1 - corrupt for bad in pattern])
        for pattern in product((False, True), repeat=links - 1)
        if any(pattern)
    )
    route = trusted_route([1.0] * links, corrupt_probability=corrupt)
    np.testing.assert_allclose(route.compromise_probability, lost, atol=1e-15)


def test_security_parameters_compose():
    chain = trusted_route([2.0, 3.0, 1.0], epsilon_secrecy=1e-10, epsilon_correctness=[1e-15, 0.5])
    np.testing.assert_allclose(chain.epsilon_secrecy, 3e-10)
    np.testing.assert_allclose(chain.epsilon_correctness, [3e-15, 1.0])
    other = trusted_route([4.0], epsilon_secrecy=1e-9, epsilon_correctness=1e-15)
    both = combined_routes([chain, other])
    np.testing.assert_allclose(both.key_rate_hz, [1.0, 1.0])
    np.testing.assert_allclose(both.epsilon_secrecy, 3e-10)
    np.testing.assert_allclose(both.epsilon_correctness, [4e-15, 1.0])
    assert all(field.shape == (2,) for field in both)


def test_batches_broadcast():
    route = trusted_route([[1.0, 2.0], 3.0], corrupt_probability=[[0.1], [0.2], [0.3]])
    assert all(field.shape == (3, 2) for field in route)


def all_routes(links, at, target, seen=()):
    if at == target:
        yield (*seen, at)
        return
    for a, b in links:
        for here, there in ((a, b), (b, a)):
            if here == at and there not in (*seen, at):
                yield from all_routes(links, there, target, (*seen, at))


def best_by_trial(links, source, target):
    """The most disjoint routes, and the fewest links that they have in all."""
    routes = set(all_routes(links, source, target))
    for count in range(len(routes), 0, -1):
        totals = [
            sum(len(one) - 1 for one in some)
            for some in combinations(routes, count)
            if all(not set(a[1:-1]) & set(b[1:-1]) and (len(a) > 2 or a != b) for a, b in combinations(some, 2))
        ]
        if totals:
            return count, min(totals)
    return 0, 0


@given(st.sets(st.sampled_from(list(combinations(range(6), 2))), min_size=1, max_size=8))
def test_as_many_routes_as_there_can_be(links):
    links = sorted(links | {(0, 1), (4, 5)})
    found = disjoint_routes(links, 0, 5)
    usable = {frozenset(link) for link in links}
    inner = [node for route in found for node in route[1:-1]]
    assert len(inner) == len(set(inner))
    assert all(route[0] == 0 and route[-1] == 5 for route in found)
    assert all(frozenset(hop) in usable for route in found for hop in pairwise(route))
    assert (len(found), sum(len(route) - 1 for route in found)) == best_by_trial(links, 0, 5)


def test_a_route_in_the_way_is_given_up():
    """The shortest route alone would block both others."""
    links = [("s", "a"), ("a", "b"), ("b", "t"), ("s", "c"), ("c", "d"), ("d", "b"), ("a", "e"), ("e", "f"), ("f", "t")]
    assert sorted(disjoint_routes(links, "s", "t")) == [["s", "a", "e", "f", "t"], ["s", "c", "d", "b", "t"]]


def test_no_route():
    assert disjoint_routes([(0, 1), (2, 3)], 0, 3) == []


def test_refusals():
    with pytest.raises(DimensionError, match=r"`link_keys\[0\]`, `link_keys\[1\]` must hold as many bits"):
        relay_key([[1, 0], [1]])
    with pytest.raises(DimensionError, match="`link_keys` must hold at least one key"):
        relay_key([])
    with pytest.raises(DimensionError, match="`link_rates_hz` must hold the rate of at least one link"):
        trusted_route([])
    with pytest.raises(ParameterError, match=r"`link_rates_hz\[1\]` must be at least 0 and finite, but is -1"):
        trusted_route([1.0, -1.0])
    with pytest.raises(ParameterTypeError, match="`routes` must hold at least one TrustedRoute"):
        combined_routes([])
    with pytest.raises(ParameterError, match="`source` must be a node of the links, but is 'x'"):
        disjoint_routes([("a", "b")], "x", "b")
    with pytest.raises(ParameterError, match="must be different nodes"):
        disjoint_routes([("a", "b")], "a", "a")
    with pytest.raises(DimensionError, match="`links` must hold pairs of different nodes"):
        disjoint_routes([("a", "a")], "a", "b")
    assert isinstance(trusted_route([1.0]), TrustedRoute)
