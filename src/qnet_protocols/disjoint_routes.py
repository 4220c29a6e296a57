"""Routes through a network that share no node."""

import math
from collections import deque
from collections.abc import Hashable, Iterable, Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from qnet_core.errors import DimensionError, ParameterError

from .graphs import edges_of

if TYPE_CHECKING:
    from networkx import Graph

__all__ = ["disjoint_routes"]

Node = Hashable
Gate = tuple[Node, int]  # where one enters a node, 0, and where one leaves it, 1
Edge = tuple[Gate, Gate]


def disjoint_routes(links: "Iterable[tuple[Node, Node]] | Graph", source: Node, target: Node) -> list[list[Node]]:
    """Return as many routes as there can be that share no node but their ends, with as few links in all as that takes.

    Parameters
    ----------
    links : iterable of pairs of nodes, or networkx.Graph
        Usable both ways.
    source, target : node
        Anything hashable.

    Returns
    -------
    list of list of nodes
        Each from source to target; shortest first; none where the nodes are not connected.

    References
    ----------
    Menger's theorem; Suurballe, Networks 4, 125 (1974).

    Examples
    --------
    >>> links = [("A", "B"), ("B", "D"), ("A", "C"), ("C", "D"), ("B", "C")]
    >>> disjoint_routes(links, "A", "D")
    [['A', 'B', 'D'], ['A', 'C', 'D']]
    """
    edges = edges_of(links)
    neighbours = _neighbours(links if edges is None else edges)
    for name, node in (("source", source), ("target", target)):
        if node not in neighbours:
            raise ParameterError(f"Parameter `{name}` must be a node of the links, but is {node!r}.")
    if source == target:
        raise ParameterError(f"Parameters `source`, `target` must be different nodes, but are both {source!r}.")
    flow: dict[Edge, None] = {}  # in order, so that the answer is the same every time
    while step := _shortest_augmentation(neighbours, flow, (source, 1), (target, 0)):
        for edge in pairwise(step):
            if edge[::-1] in flow:
                del flow[edge[::-1]]
            else:
                flow[edge] = None
    return sorted(_routes(flow, source, target), key=len)


def _neighbours(links: Iterable[tuple[Node, Node]]) -> Mapping[Node, list[Node]]:
    found: dict[Node, list[Node]] = {}
    for link in links:
        if not isinstance(link, Sequence) or isinstance(link, str) or len(link) != 2 or link[0] == link[1]:
            raise DimensionError(f"Parameter `links` must hold pairs of different nodes, but holds {link!r}.")
        for here, there in (link, link[::-1]):
            if there not in found.setdefault(here, []):
                found[here].append(there)
    return found


def _edges(neighbours: Mapping[Node, list[Node]], flow: Mapping[Edge, None], at: Gate) -> list[tuple[Gate, int]]:
    """Return where one may go on, and at what cost: to a neighbour 1, through a free node 0, and back on used edges."""
    node, leaving = at
    forward = [((other, 0), 1) for other in neighbours[node]] if leaving else [((node, 1), 0)]
    back = [((other, 1), -1) for other in neighbours[node]] if not leaving else [((node, 0), 0)]
    return [(gate, cost) for gate, cost in forward if (at, gate) not in flow] + [
        (gate, cost) for gate, cost in back if (gate, at) in flow
    ]


def _shortest_augmentation(
    neighbours: Mapping[Node, list[Node]], flow: Mapping[Edge, None], start: Gate, goal: Gate
) -> list[Gate]:
    """Return the cheapest way on which one more route can be sent (Bellman and Ford), or none."""
    cost, before, waiting = {start: 0.0}, {}, deque([start])
    while waiting:
        at = waiting.popleft()
        for gate, price in _edges(neighbours, flow, at):
            if cost[at] + price < cost.get(gate, math.inf) and at != goal and gate != start:
                cost[gate], before[gate] = cost[at] + price, at
                waiting.append(gate)
    if goal not in before:
        return []
    way = [goal]
    while way[-1] != start:
        way.append(before[way[-1]])
    return way[::-1]


def _routes(flow: Mapping[Edge, None], source: Node, target: Node) -> list[list[Node]]:
    """Follow the used edges from the source."""
    routes = []
    for first in [there for here, there in flow if here == (source, 1)]:
        route, at = [source], first[0]
        while at != target:
            route.append(at)
            at = next(there[0] for here, there in flow if here == (at, 1))
        routes.append([*route, target])
    return routes
