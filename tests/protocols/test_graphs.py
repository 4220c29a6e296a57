"""Networks from graphs of networkx: the same routes as from the links by hand, and what is refused."""

import networkx as nx
import numpy as np
import pytest

from qnet_core import DensityMatrix, bell_state, random_state, werner_state
from qnet_core.errors import ParameterError, ParameterTypeError
from qnet_protocols import NetworkLink, disjoint_routes, routes

NAMES = "AB AC AD BC BD CD"


def werner_links(rng):
    return {
        tuple(name): NetworkLink(werner_state(fidelity=rng.uniform(0.8, 1)), rng.uniform(1, 9))
        for name in NAMES.split()
    }


def uneven_links(rng):
    """Pairs that change where their halves are exchanged."""
    noisy = (0.9 * bell_state().matrix + 0.1 * random_state((2, 2), rng=rng).matrix for _ in NAMES.split())
    return {
        tuple(name): NetworkLink(DensityMatrix(matrix), 2.0) for name, matrix in zip(NAMES.split(), noisy, strict=True)
    }


def graph_of(links, kind=nx.Graph):
    graph = kind()
    for (here, there), link in links.items():
        graph.add_edge(here, there, **link._asdict(), length_km=10.0)
    return graph


def same(found, expected):
    assert [route.nodes for route in found] == [route.nodes for route in expected]
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_array_equal(one.state.matrix, other.state.matrix)
        assert (one.rate_hz, one.key_rate_hz) == (other.rate_hz, other.key_rate_hz)


def test_routes_of_a_graph_are_those_of_its_links(rng):
    links = werner_links(rng)
    same(routes(graph_of(links), "A", "D"), routes(links, "A", "D"))


def test_directed_edges_go_from_first_halves_to_second(rng):
    links = uneven_links(rng)
    same(routes(graph_of(links, nx.DiGraph), "D", "A"), routes(links, "D", "A"))
    turned = {(there, here): link._replace(pair=link.pair.permute((1, 0))) for (here, there), link in links.items()}
    for one, other in zip(routes(graph_of(turned, nx.DiGraph), "A", "D"), routes(links, "A", "D"), strict=True):
        np.testing.assert_allclose(one.state.matrix, other.state.matrix, atol=1e-12)


def test_a_graph_without_directions_refuses_pairs_that_need_them(rng):
    """The same edge is (A, B) or (B, A) for networkx, as it likes."""
    with pytest.raises(ParameterError, match=r"must be a DiGraph, from first halves to second.* at \('A', 'B'\)"):
        routes(graph_of(uneven_links(rng)), "A", "D")


def test_graphs_that_say_too_little_or_too_much_are_refused(rng):
    graph = graph_of(werner_links(rng))
    del graph.edges["B", "C"]["rate_hz"]
    with pytest.raises(ParameterError, match=r"edges with `rate_hz`, but \('B', 'C'\) has none"):
        routes(graph, "A", "D")
    graph.edges["B", "C"].update(pair=0.9, rate_hz=1.0)
    with pytest.raises(ParameterTypeError, match="must be a DensityMatrix"):
        routes(graph, "A", "D")
    for function in (routes, disjoint_routes):
        with pytest.raises(ParameterError, match="is a multigraph"):
            function(nx.MultiGraph([("A", "B"), ("A", "B")]), "A", "B")
    both = graph_of(werner_links(rng), nx.DiGraph)
    both.add_edge("B", "A", pair=werner_state(fidelity=0.9), rate_hz=1.0)
    with pytest.raises(ParameterError, match="both ways"):
        routes(both, "A", "D")
    with pytest.raises(ParameterTypeError, match="must map pairs of nodes to links"):
        routes("AB", "A", "B")
    with pytest.raises(ParameterTypeError, match="at least one"):
        routes(nx.Graph(), "A", "B")


@pytest.mark.parametrize("kind", [nx.Graph, nx.DiGraph])
def test_disjoint_routes_of_graphs_are_as_many_as_networkx_says(rng, kind):
    """Menger's theorem: as many as the fewest nodes that cut the two apart."""
    for seed in range(8):
        graph = nx.gnp_random_graph(9, 0.4, seed=seed)
        graph.remove_edges_from([(0, 8)])
        if not (graph[0] and graph[8]):
            continue
        found = disjoint_routes(kind(graph.edges) if kind is nx.DiGraph else graph, 0, 8)
        assert len(found) == nx.node_connectivity(graph, 0, 8)
        inner = [node for route in found for node in route[1:-1]]
        assert len(inner) == len(set(inner))
        assert all(nx.is_path(graph, route) for route in found)
