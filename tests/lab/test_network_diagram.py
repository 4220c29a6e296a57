"""Diagrams of networks: links join their nodes, say their numbers, and routes go along them."""

import networkx as nx
import numpy as np
import pytest
from lab.figure_texts import outside, overlapping, shown_texts
from matplotlib.figure import Figure

from qnet_core import bell_state, werner_state
from qnet_core.errors import ParameterError, ParameterTypeError
from qnet_lab import plot_network
from qnet_protocols import NetworkLink, disjoint_routes, routes

LINKS = {
    ("A", "B"): NetworkLink(werner_state(fidelity=0.98), 20.0),
    ("B", "C"): NetworkLink(werner_state(fidelity=0.97), [5.0, 7.5]),
    ("A", "C"): NetworkLink(werner_state(fidelity=[0.9, 0.8]), 30.0),
}
PLACES = {"A": (0, 0), "B": (2, 1), "C": (4, 0)}


def flat():
    return Figure(layout="constrained").subplots()


def mapped():
    graph = nx.Graph()
    for node, place in PLACES.items():
        graph.add_node(node, position=place, kind="repeater" if node == "B" else "end node")
    graph.add_edges_from([("A", "B"), ("C", "B")], length_km=12.5)
    graph.add_edge("A", "C", length_km=30)
    return graph


def at(axes):
    """Where each node's name stands."""
    return {text.get_text(): text.xy for text in axes.texts if hasattr(text, "xy")}


def labels(axes):
    return {text.get_position(): text.get_text() for text in axes.texts if not hasattr(text, "xy")}


def test_nodes_stand_where_the_map_says():
    axes = flat()
    assert plot_network(mapped(), label="length_km", ax=axes) is axes
    assert at(axes) == PLACES
    assert labels(axes) == {(1.0, 0.5): "12.5 km", (3.0, 0.5): "12.5 km", (2.0, 0.0): "30 km"}
    kinds = {line.get_label(): sorted(zip(*line.get_data(), strict=True)) for line in axes.get_lines()[3:]}
    assert kinds == {"end node": [(0, 0), (4, 0)], "repeater": [(2, 1)]}
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["end node", "repeater"]
    assert axes.get_aspect() == 1


def test_links_join_their_nodes():
    axes = plot_network(LINKS, ax=flat())
    places = at(axes)
    for ends, line in zip(LINKS, axes.get_lines(), strict=False):
        np.testing.assert_allclose(np.transpose(line.get_data()), [places[node] for node in ends])
    assert axes.get_legend() is None


@pytest.mark.parametrize(
    ("label", "said"),
    [("fidelity", {"0.98", "0.97", "0.8 to 0.9"}), ("rate_hz", {"20 1/s", "5 to 7.5 1/s", "30 1/s"})],
)
def test_links_say_what_they_give(label, said):
    assert set(labels(plot_network(LINKS, label=label, ax=flat())).values()) == said


def test_a_graph_says_the_fidelity_of_its_pairs_and_words_as_they_are():
    graph = nx.Graph()
    graph.add_edge(1, 2, pair=bell_state(), rate_hz=1.0, owner="city")
    assert list(labels(plot_network(graph, label="fidelity", ax=flat())).values()) == ["1"]
    assert list(labels(plot_network(graph, label="owner", ax=flat())).values()) == ["city"]


@pytest.mark.parametrize("of", [routes(LINKS, "A", "C"), disjoint_routes(mapped(), "A", "C"), [("A", "C"), ["C", "B"]]])
def test_routes_go_through_their_nodes(of):
    axes = plot_network(mapped(), routes=of, ax=flat())
    lines = [line for line in axes.get_lines() if line.get_zorder() == 2]
    for way, line in zip(of, lines, strict=True):
        nodes = getattr(way, "nodes", way)
        assert [tuple(point) for point in np.transpose(line.get_data())] == [PLACES[node] for node in nodes]
        assert line.get_label() == " – ".join(nodes)
    widths = [line.get_linewidth() for line in lines]
    assert widths == sorted(widths, reverse=True)
    assert len(set(widths)) == len(widths)


@pytest.mark.parametrize(
    "graph", [nx.path_graph(5), nx.Graph([(1, 2), (3, 4)]), nx.DiGraph([("A", "B"), ("B", "C")]), nx.empty_graph(1)]
)
def test_nodes_without_places_are_laid_out_apart_and_the_same_every_time(graph):
    first, second = (at(plot_network(graph, ax=flat())) for _ in range(2))
    assert len(first) == len(graph)
    assert first == second
    places = np.array(list(first.values()))
    assert all(np.linalg.norm(one - other) > 0.1 for k, one in enumerate(places) for other in places[:k])


def test_long_names_stand_below():
    named = nx.relabel_nodes(mapped(), {"A": "Amsterdam", "B": "Brussels", "C": "Cologne"})
    axes = plot_network(named, label="length_km", ax=flat())
    assert {text.xyann for text in axes.texts if hasattr(text, "xy")} == {(0, -13)}
    shown = shown_texts(axes.figure)
    assert outside(axes.figure, shown) == []
    assert overlapping(shown) == []


@pytest.mark.parametrize(
    ("network", "options", "error", "text"),
    [
        ("ABC", {}, ParameterTypeError, "must be a networkx.Graph or map pairs of nodes to NetworkLinks"),
        ({("A", "B"): 0.9}, {}, ParameterTypeError, "map pairs of nodes to NetworkLinks"),
        (nx.Graph(), {}, ParameterError, "must have nodes"),
        (nx.MultiGraph([(1, 2), (1, 2)]), {}, ParameterError, "`network` must be a graph with one edge"),
        (LINKS, {"label": "length_km"}, ParameterError, r"\('A', 'B'\) has no 'length_km'"),
        (LINKS, {"routes": ["AD"]}, ParameterError, r"must go along links, but \('A', 'D'\) is none"),
        (LINKS, {"routes": [["A"]]}, ParameterError, "at least two nodes"),
        (LINKS, {"routes": "AB"}, ParameterTypeError, "a sequence of routes, but is str"),
        (LINKS, {"routes": routes(LINKS, "A", "C")[0]}, ParameterTypeError, "a sequence of routes, but is Route"),
        (LINKS, {"routes": [["A", "B"]] * 6}, ParameterError, "at most 5 routes, but holds 6"),
    ],
)
def test_what_can_not_be_drawn_is_refused(network, options, error, text):
    with pytest.raises(error, match=text):
        plot_network(network, **options)


def test_places_must_be_two_numbers():
    graph = mapped()
    graph.nodes["A"]["position"] = (1, 2, 3)
    with pytest.raises(ParameterError, match="positions of two numbers, but 'A' has"):
        plot_network(graph)
