"""Graphs of networkx as networks: which nodes are joined, and what their edges say."""

from collections.abc import Hashable, Mapping
from typing import Any

from qnet_core.errors import ParameterError

__all__: list[str] = []

Ends = tuple[Hashable, Hashable]


def edges_of(graph: object, name: str = "links") -> dict[Ends, Mapping[str, Any]] | None:
    """Return the edges of a networkx graph, from first to second node, with their attributes; None for anything else."""
    if isinstance(graph, Mapping | list | tuple | set):  # networkx is loaded only where it may be needed
        return None
    import networkx

    if not isinstance(graph, networkx.Graph):
        return None
    if graph.is_multigraph():
        raise ParameterError(
            f"Parameter `{name}` must be a graph with one edge between two nodes, but is a multigraph."
        )
    return {(here, there): attributes for here, there, attributes in graph.edges(data=True)}


def is_directed(graph: Any) -> bool:
    """Return whether the edges of a graph say where the first halves of its pairs are."""
    return bool(graph.is_directed())
