"""Routes: all of them, each as its own chain of swaps, and the best by each measure."""

from itertools import pairwise, permutations

import numpy as np
import pytest

from qnet_channels import BellStation, LinearOpticsStation, swap_chain
from qnet_core import DensityMatrix, bell_state, fidelity, ket, random_state, werner_state
from qnet_core.errors import DimensionError, ParameterError, ParameterTypeError, StateError
from qnet_protocols import NetworkLink, best_route, routes, secret_key_fraction


def network(rng, names="AB AC AD BC BD CD", **batch):
    """A link for each word, with near-Bell pairs of any form."""
    links = {}
    for name in names.split():
        noise = random_state((2, 2), rng=rng, **batch).matrix
        pair = DensityMatrix(0.93 * bell_state().matrix + 0.07 * noise)
        links[tuple(name)] = NetworkLink(pair, rng.uniform(1, 10))
    return links


def by_hand(links, nodes, station):
    """The chain of the pairs on a route, all swapped in turn."""
    pairs, rates = [], []
    for a, b in pairwise(nodes):
        turned = (a, b) not in links
        link = links[(b, a) if turned else (a, b)]
        pairs.append(link.pair.permute((1, 0)) if turned else link.pair)
        rates.append(link.rate_hz)
    state, probability = swap_chain(pairs, stations=station, order="sequential") if len(pairs) > 1 else (pairs[0], 1.0)
    return state, np.min(rates) * probability


def simple_paths(nodes, source, target, links):
    inner = [node for node in nodes if node not in (source, target)]
    joined = set(links) | {(b, a) for a, b in links}
    for count in range(len(inner) + 1):
        for middle in permutations(inner, count):
            way = (source, *middle, target)
            if all(step in joined for step in pairwise(way)):
                yield way


@pytest.mark.parametrize("names", ["AB AC AD BC BD CD", "BA DB CA DC", "AB BC CD DE AE BE BD"])
@pytest.mark.parametrize("station", [None, BellStation(0.02, 0.01), LinearOpticsStation(transmissivity=0.8)])
def test_each_route_is_its_chain(rng, names, station):
    links = network(rng, names)
    nodes = sorted({node for name in links for node in name})
    found = routes(links, "A", "D", station=station)
    assert {route.nodes for route in found} == set(simple_paths(nodes, "A", "D", links))
    assert [len(route.nodes) for route in found] == sorted(len(route.nodes) for route in found)
    for route in found:
        state, rate = by_hand(links, route.nodes, station)
        np.testing.assert_allclose(route.state.matrix, state.matrix, atol=1e-12)
        assert route.rate_hz == pytest.approx(rate, rel=1e-12)
        assert route.fidelity == pytest.approx(fidelity(state, bell_state()), abs=1e-12)
        assert route.key_rate_hz == pytest.approx(rate * secret_key_fraction(state), abs=1e-12)


def test_way_back_is_the_same_way(rng):
    links = network(rng)
    there, back = routes(links, "A", "D"), routes(links, "D", "A")
    for route in there:
        again = next(one for one in back if one.nodes == route.nodes[::-1])
        assert again.fidelity == pytest.approx(route.fidelity, abs=1e-12)
        assert again.rate_hz == pytest.approx(route.rate_hz, rel=1e-12)


def test_fewer_links_on_request(rng):
    found = routes(network(rng), "A", "D", max_links=2)
    assert {route.nodes for route in found} == {tuple("AD"), tuple("ABD"), tuple("ACD")}
    assert [route.nodes for route in routes(network(rng), "A", "D", max_links=1)] == [tuple("AD")]


def test_unjoined_nodes_have_no_route(rng):
    assert routes(network(rng, "AB CD"), "A", "D") == ()


def test_each_point_of_a_batch_has_its_own_best():
    links = {
        ("a", "b"): NetworkLink(werner_state(fidelity=0.99), 5.0),
        ("b", "c"): NetworkLink(werner_state(fidelity=0.99), [5.0, 5.0, 0.0]),
        ("a", "c"): NetworkLink(werner_state(fidelity=[0.9, 0.999, 0.8]), 4.5),
    }
    found = routes(links, "a", "c")
    assert [route.nodes for route in found] == [("a", "c"), ("a", "b", "c")]
    assert best_route(found, "fidelity").tolist() == [1, 0, 1]
    assert best_route(found, "rate_hz").tolist() == [1, 1, 0]
    assert best_route(found).tolist() == [1, 0, 0]  # at last no key on either: the first of equals
    for k, fidelity_of_link in enumerate([0.9, 0.999, 0.8]):
        links_at = links | {("a", "c"): NetworkLink(werner_state(fidelity=fidelity_of_link), 4.5)}
        links_at["b", "c"] = NetworkLink(werner_state(fidelity=0.99), [5.0, 5.0, 0.0][k])
        for whole, single in zip(found, routes(links_at, "a", "c"), strict=True):
            assert np.broadcast_to(whole.key_rate_hz, 3)[k] == pytest.approx(single.key_rate_hz, abs=1e-12)


def test_batches_of_links_and_stations_broadcast(rng):
    links = network(rng, "AB BC", batch_shape=(2, 1))
    found = routes(links, "A", "C", station=BellStation(gate_mixing=[0.0, 0.1, 0.2]))
    assert found[0].fidelity.shape == found[0].key_rate_hz.shape == (2, 3)


def test_no_pair_is_never_best():
    pairs = werner_state(fidelity=[0.9, 0.9])
    pairs._stack[:, 1] = np.nan
    links = {
        ("a", "b"): NetworkLink(pairs, 9.0),
        ("b", "c"): NetworkLink(bell_state(), 9.0),
        ("a", "c"): NetworkLink(werner_state(fidelity=0.8), 1.0),
    }
    found = routes(links, "a", "c")
    assert best_route(found, "fidelity").tolist() == [1, 0]
    assert found[1].key_rate_hz[1] == 0


GOOD = NetworkLink(bell_state(), 1.0)


@pytest.mark.parametrize(
    ("given", "error", "text"),
    [
        ({"links": {}}, ParameterTypeError, "Parameter `links` must map pairs of nodes to links"),
        ({"links": [GOOD]}, ParameterTypeError, "Parameter `links` must map pairs of nodes to links"),
        ({"links": {"AB": GOOD}}, ParameterError, "Parameter `links` must be named by two nodes each, but one is 'AB'"),
        ({"links": {("A", "A"): GOOD}}, ParameterError, "Parameter `links` must be named by two nodes each"),
        ({"links": {("A", "B"): GOOD, ("B", "A"): GOOD}}, ParameterError, "Parameter `links` must hold each link once"),
        (
            {"links": {("A", "B"): bell_state()}},
            ParameterTypeError,
            "Parameter `links[('A', 'B')]` must be a NetworkLink",
        ),
        (
            {"links": {("A", "B"): NetworkLink(ket("0"), 1.0)}},
            DimensionError,
            "Parameter `links[('A', 'B')].pair` must be a state",
        ),
        (
            {"links": {("A", "B"): NetworkLink(DensityMatrix(np.eye(4) / 8), 1.0)}},
            StateError,
            "Parameter `links[('A', 'B')].pair` must have trace 1",
        ),
        (
            {"links": {("A", "B"): NetworkLink(bell_state(), -1.0)}},
            ParameterError,
            "Parameter `links[('A', 'B')].rate_hz` must be at",
        ),
        ({"source": "C"}, ParameterError, "Parameter `source` must be a node of a link, but is 'C'"),
        ({"target": "C"}, ParameterError, "Parameter `target` must be a node of a link, but is 'C'"),
        ({"target": "A"}, ParameterError, "Parameters `source` and `target` must be different nodes, but both are 'A'"),
        ({"max_links": 0}, ParameterError, "Parameter `max_links` must be at least 1, but is 0"),
        ({"station": 1}, ParameterTypeError, "Parameter `station` must be a station, but is int"),
    ],
)
def test_refusals(given, error, text):
    whole = {"links": {("A", "B"): GOOD}, "source": "A", "target": "B"}
    with pytest.raises(error) as raised:
        routes(**whole | given)
    assert text in str(raised.value)


def test_too_many_routes(monkeypatch, rng):
    monkeypatch.setattr("qnet_protocols.networks._MOST", 3)
    with pytest.raises(ParameterError, match="Parameter `max_links` must be smaller: there are more than 3 routes"):
        routes(network(rng), "A", "D")


@pytest.mark.parametrize(
    ("found", "by", "text"), [((), "fidelity", "`found` must hold"), ((GOOD,), "hops", "`by` must be one of")]
)
def test_refused_choice(found, by, text):
    with pytest.raises(ParameterError, match=text):
        best_route(found, by)
