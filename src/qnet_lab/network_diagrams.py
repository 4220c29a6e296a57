"""A network as a diagram: nodes by their kind, links with what they give, routes on top."""

from collections.abc import Hashable, Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from qnet_core import bell_weights
from qnet_core.errors import ParameterError, ParameterTypeError
from qnet_protocols import NetworkLink, Route
from qnet_protocols.graphs import edges_of

from .chain_facts import number_text
from .provenance import unit_of
from .style import axes_or_new, line_style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from networkx import Graph

__all__ = ["plot_network"]

Node = Hashable
Ends = tuple[Node, Node]
Way = Route | Sequence[Node]
_MARKERS = "osD^vph*"  # of kinds of nodes, for those who print without colours
_FILLS = ("white", "#F5D491", "#B5DDF4", "#C9E8DE", "#EFD3E2", "#E0E0E0", "#F2C3A0", "#FFFFBF")
_MOST_ROUTES = 5
_INSIDE = 3  # characters that a node has room for


class _Drawing(NamedTuple):
    """Nodes with where they stand and of what kind they are, and links with what they say."""

    places: Mapping[Node, tuple[float, float]]
    kinds: Mapping[Node, str]
    links: Mapping[Ends, Mapping[str, Any]]


def plot_network(
    network: "Graph | Mapping[Ends, NetworkLink]", *, label: str | None = None, routes: Sequence[Way] = (),
    ax: "Axes | None" = None,
) -> "Axes":  # fmt: skip
    """Draw a network with its links labelled and some routes highlighted; return the axes.

    Nodes of a graph may have the attributes ``kind``, a text that gives them a shape, and ``position``, two numbers:
    those of a map if all nodes have them. Otherwise nodes are placed so that distances are about numbers of links.

    Parameters
    ----------
    network : networkx.Graph or mapping
        Such as ``routes`` takes, or any graph without parallel edges.
    label : str, optional
        An attribute of the edges such as "length_km" or "rate_hz", or "fidelity", which is that of ``pair`` with phi+ where it
        is no attribute. Its ending is its unit. Arrays are given as ranges.
    routes : sequence
        At most five: routes that ``routes`` found, or sequences of nodes such as those of ``disjoint_routes``.

    Examples
    --------
    >>> from qnet_core import werner_state
    >>> links = {("A", "B"): NetworkLink(werner_state(fidelity=0.98), 0.2),
    ...          ("B", "C"): NetworkLink(werner_state(fidelity=0.97), 0.2)}
    >>> axes = plot_network(links, label="fidelity", routes=[["A", "B", "C"]])
    >>> [text.get_text() for text in axes.get_legend().get_texts()]
    ['A – B – C']
    """
    drawing = _drawing(network)
    ways = _ways(routes, drawing)
    axes = axes_or_new(ax)
    _draw_links(axes, drawing, label)
    _draw_routes(axes, drawing, ways)
    _draw_nodes(axes, drawing)
    if axes.get_legend_handles_labels()[1]:
        axes.legend(loc="upper left", bbox_to_anchor=(0, 0), frameon=False, fontsize="small", ncols=2, markerscale=0.45)
    axes.margins(0.12)
    axes.set_aspect("equal", adjustable="datalim")
    axes.set(xticks=[], yticks=[])
    axes.set_axis_off()
    return axes


def _drawing(network: "Graph | Mapping[Ends, NetworkLink]") -> _Drawing:
    """Return what is to be drawn of a graph or of links."""
    import networkx

    links = edges_of(network, "network")
    if links is not None:
        graph: Any = network
    elif isinstance(network, Mapping) and network and all(isinstance(link, NetworkLink) for link in network.values()):
        links = {ends: link._asdict() for ends, link in network.items()}
        graph = networkx.Graph(list(links))
    else:
        raise ParameterTypeError(
            f"Parameter `network` must be a networkx.Graph or map pairs of nodes to NetworkLinks, but is {network!r:.80}."
        )
    if not len(graph):
        raise ParameterError("Parameter `network` must have nodes, but has none.")
    kinds = {node: str(said.get("kind", "")) for node, said in graph.nodes(data=True)}
    return _Drawing(_places(graph), kinds, links)


def _places(graph: Any) -> dict[Node, tuple[float, float]]:
    """Return where the nodes stand: the same for the same graph every time."""
    import networkx

    given = {node: said["position"] for node, said in graph.nodes(data=True) if "position" in said}
    if len(given) < len(graph):
        plain = networkx.Graph(graph.to_undirected())
        connected = networkx.is_connected(plain)
        given = (networkx.kamada_kawai_layout if connected else networkx.circular_layout)(plain)
    places = {}
    for node, position in given.items():
        place = np.asarray(position, float)
        if place.shape != (2,) or not np.isfinite(place).all():
            raise ParameterError(
                f"Parameter `network` must have positions of two numbers, but {node!r} has {position!r}."
            )
        places[node] = float(place[0]), float(place[1])
    return places


def _ways(routes: Sequence[Way], drawing: _Drawing) -> list[tuple[Node, ...]]:
    """Return the nodes of each route, all of whose steps are links."""
    if not isinstance(routes, Sequence) or isinstance(routes, str | Route):
        raise ParameterTypeError(f"Parameter `routes` must be a sequence of routes, but is {type(routes).__name__}.")
    if len(routes) > _MOST_ROUTES:
        raise ParameterError(f"Parameter `routes` must hold at most {_MOST_ROUTES} routes, but holds {len(routes)}.")
    ways = [way.nodes if isinstance(way, Route) else tuple(way) for way in routes]
    joined = set(drawing.links) | {(there, here) for here, there in drawing.links}
    for way in ways:
        if len(way) < 2:
            raise ParameterError(f"Parameter `routes` must hold routes of at least two nodes, but holds {way!r}.")
        for step in pairwise(way):
            if step not in joined:
                raise ParameterError(f"Parameter `routes` must go along links, but {step!r} is none.")
    return ways


def _said(link: Mapping[str, Any], label: str, ends: Ends) -> str:
    """Return what a link is labelled with."""
    if label in link:
        value = link[label]
    elif label == "fidelity" and "pair" in link:
        value = np.asarray(bell_weights(link["pair"]))[..., 0]
    else:
        raise ParameterError(f"Parameter `label` must be an attribute of every edge, but {ends!r} has no {label!r}.")
    if isinstance(value, str):
        return value
    unit = unit_of(label)
    return number_text(value) + ("" if unit == "1" else f" {unit}")


def _draw_links(axes: "Axes", drawing: _Drawing, label: str | None) -> None:
    for ends, link in drawing.links.items():
        (x, y), (u, v) = (drawing.places[node] for node in ends)
        axes.plot([x, u], [y, v], color="0.55", linewidth=1.2, zorder=1)
        if label is not None:
            axes.text(
                (x + u) / 2, (y + v) / 2, _said(link, label, ends), ha="center", va="center", fontsize=8, zorder=3,
                bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.0, "alpha": 0.9},
            )  # fmt: skip


def _draw_routes(axes: "Axes", drawing: _Drawing, ways: list[tuple[Node, ...]]) -> None:
    """Draw routes as broad lines, the first ones broadest, so that those on top of them leave them seen."""
    for k, way in enumerate(ways):
        x, y = zip(*(drawing.places[node] for node in way), strict=True)
        name = " – ".join(map(str, way))
        axes.plot(x, y, linewidth=4 + 3 * (len(ways) - 1 - k), zorder=2, label=name, **line_style(k))


def _draw_nodes(axes: "Axes", drawing: _Drawing) -> None:
    kinds = list(dict.fromkeys(drawing.kinds.values()))
    long = max(len(str(node)) for node in drawing.places) > _INSIDE
    for number, kind in enumerate(kinds):
        nodes = [node for node, own in drawing.kinds.items() if own == kind]
        x, y = zip(*(drawing.places[node] for node in nodes), strict=True)
        axes.plot(
            x, y, _MARKERS[number % len(_MARKERS)], markersize=11 if long else 19, markerfacecolor=_FILLS[number % len(_FILLS)],
            markeredgecolor="0.15", linestyle="none", zorder=4, label=kind or "_nodes",
        )  # fmt: skip
    for node, place in drawing.places.items():
        axes.annotate(
            str(node), place, xytext=(0, -13 if long else 0), textcoords="offset points", ha="center", va="center",
            fontsize=9, zorder=5,
        )  # fmt: skip
