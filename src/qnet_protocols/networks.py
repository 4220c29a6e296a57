"""Routes through a network: which way to make a pair of two nodes."""

from collections.abc import Hashable, Iterator, Mapping
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qnet_channels.parameters import choice
from qnet_channels.swapping import Station, require_any_station, swap
from qnet_core import DensityMatrix, bell_state, fidelity
from qnet_core import _checks as checks
from qnet_core.errors import ParameterError, ParameterTypeError

from .graphs import edges_of, is_directed
from .keys import secret_key_fraction
from .resources import oriented, require_resource

if TYPE_CHECKING:
    from networkx import Graph

__all__ = ["NetworkLink", "Route", "best_route", "routes"]

Node = Hashable
_MOST = 10_000


class NetworkLink(NamedTuple):
    """What two neighbours have: pairs near phi+, first halves at the first node of the link's name, and how many per second."""

    pair: DensityMatrix
    rate_hz: ArrayLike


class Route(NamedTuple):
    """A way from node to node and what it gives, arrays of shape (...).

    Attributes
    ----------
    nodes : tuple
        From the source to the target.
    state : DensityMatrix
        The pair between its ends.
    fidelity : ndarray
        With phi+.
    rate_hz : ndarray
        Pairs per second: that of the slowest link, times the probability that all stations succeed.
    key_rate_hz : ndarray
        Secret bits per second by BB84 in the limit of many pairs.
    """

    nodes: tuple[Node, ...]
    state: DensityMatrix
    fidelity: checks.Floats
    rate_hz: checks.Floats
    key_rate_hz: checks.Floats


class _Way(NamedTuple):
    """The start of a route: nodes so far, the pair between its ends, rate of the slowest link and success of the swaps."""

    nodes: tuple[Node, ...]
    state: DensityMatrix
    slowest_hz: checks.Floats
    success: checks.Floats


def routes(
    links: "Mapping[tuple[Node, Node], NetworkLink] | Graph", source: Node, target: Node, *,
    station: Station | None = None, max_links: int | None = None,
) -> tuple[Route, ...]:  # fmt: skip
    """Return all ways between two nodes that pass no node twice, those with few links first.

    Pairs of the links on the way are swapped from the source on. The fidelity of Werner pairs is a product of their
    parameters, so that shortest-path search would find its best route, and the rate is a bottleneck; but the key rate
    is neither, and neither is the fidelity of pairs in any state. Hence all routes are tried, at all points of the
    batch at once.

    Parameters
    ----------
    links : mapping or networkx.Graph
        ``(node, node): NetworkLink``, each link once, usable both ways. The edges of a graph have the attributes ``pair`` and
        ``rate_hz``; those of a DiGraph go from the first halves to the second, those of a Graph say nothing of it, so that
        its pairs must be the same with their halves exchanged.
    source, target : hashable
        Two nodes.
    station : BellStation, LinearOpticsStation or BoostedStation, optional
        At every node between; perfect if not given.
    max_links : int, optional
        The most links of a route. Their number grows like a factorial where all nodes are joined.

    References
    ----------
    Van Meter et al., Networking Science 3, 82 (2013); Caleffi, IEEE Access 5, 22299 (2017).

    Examples
    --------
    >>> from qnet_core import werner_state
    >>> links = {("A", "B"): NetworkLink(werner_state(fidelity=0.98), 0.2),
    ...          ("B", "C"): NetworkLink(werner_state(fidelity=0.97), 0.2),
    ...          ("A", "C"): NetworkLink(werner_state(fidelity=0.88), 0.3)}
    >>> [(route.nodes, route.key_rate_hz.round(6).item()) for route in routes(links, "A", "C")]
    [(('A', 'C'), 0.058692), (('A', 'B', 'C'), 0.116702)]
    """
    neighbours = _neighbours(_network_links(links))
    for name, node in (("source", source), ("target", target)):
        if node not in neighbours:
            raise ParameterError(f"Parameter `{name}` must be a node of a link, but is {node!r}.")
    if source == target:
        raise ParameterError(f"Parameters `source` and `target` must be different nodes, but both are {source!r}.")
    longest = len(neighbours) if max_links is None else checks.integer(max_links, "max_links", 1)
    found: list[Route] = []
    for way in _ways(neighbours, source, target, longest, require_any_station(station)):
        if len(found) == _MOST:
            raise ParameterError(f"Parameter `max_links` must be smaller: there are more than {_MOST} routes.")
        found.append(_route(way))
    return tuple(sorted(found, key=lambda route: len(route.nodes)))


def _network_links(links: "Mapping[tuple[Node, Node], NetworkLink] | Graph") -> Mapping[tuple[Node, Node], NetworkLink]:
    """Return the links of a graph by their nodes; a mapping as it is."""
    edges = edges_of(links)
    if edges is None:
        return links
    for ends, attributes in edges.items():
        if missing := {"pair", "rate_hz"} - set(attributes):
            raise ParameterError(f"Parameter `links` must have edges with `{min(missing)}`, but {ends!r} has none.")
    found = {ends: NetworkLink(attributes["pair"], attributes["rate_hz"]) for ends, attributes in edges.items()}
    if not is_directed(links):
        for ends, link in found.items():
            _require_even(_require_link(link, f"links[{ends!r}]").pair, ends)
    return found


def _require_even(pair: DensityMatrix, ends: tuple[Node, Node]) -> None:
    """Refuse a pair whose halves differ where nothing says which of the nodes has the first."""
    if not np.allclose(pair.bloch, oriented(pair, True).bloch, rtol=0, atol=checks.ATOL, equal_nan=True):
        raise ParameterError(
            f"Parameter `links` must be a DiGraph, from first halves to second, where pairs change if their halves are "
            f"exchanged, but is a Graph with such a pair at {ends!r}."
        )


def _neighbours(links: Mapping[tuple[Node, Node], NetworkLink]) -> dict[Node, dict[Node, NetworkLink]]:
    """Return the links of each node, with first halves there."""
    if not isinstance(links, Mapping) or not links:
        raise ParameterTypeError("Parameter `links` must map pairs of nodes to links, at least one.")
    found: dict[Node, dict[Node, NetworkLink]] = {}
    for ends, link in links.items():
        first, second = _require_ends(ends)
        if second in found.get(first, {}):
            raise ParameterError(f"Parameter `links` must hold each link once, but holds {ends!r} both ways.")
        checked = _require_link(link, f"links[{ends!r}]")
        found.setdefault(first, {})[second] = checked
        found.setdefault(second, {})[first] = checked._replace(pair=oriented(checked.pair, True))
    return found


def _require_ends(ends: object) -> tuple[Node, Node]:
    if not isinstance(ends, tuple) or len(ends) != 2 or ends[0] == ends[1]:
        raise ParameterError(f"Parameter `links` must be named by two nodes each, but one is {ends!r}.")
    return ends


def _require_link(link: NetworkLink, name: str) -> NetworkLink:
    if not isinstance(link, NetworkLink):
        raise ParameterTypeError(f"Parameter `{name}` must be a NetworkLink, but is {type(link).__name__}.")
    pair, rate = require_resource(link.pair, f"{name}.pair"), checks.real(link.rate_hz, f"{name}.rate_hz", low=0.0)
    checks.broadcast(pair=pair.batch_shape, rate_hz=rate.shape)
    return NetworkLink(pair, rate)


def _ways(
    neighbours: dict[Node, dict[Node, NetworkLink]], source: Node, target: Node, longest: int, station: Station
) -> Iterator[_Way]:  # fmt: skip
    """Yield the ways to the target; routes that begin alike share their swaps."""
    one = checks.plain(np.ones(()))
    open_ways = [
        _Way((source, node), link.pair, np.asarray(link.rate_hz), one) for node, link in neighbours[source].items()
    ]
    while open_ways:
        way = open_ways.pop()
        if way.nodes[-1] == target:
            yield way
        elif len(way.nodes) <= longest:
            onwards = neighbours[way.nodes[-1]].items()
            open_ways += [_extended(way, node, link, station) for node, link in onwards if node not in way.nodes]


def _extended(way: _Way, node: Node, link: NetworkLink, station: Station) -> _Way:
    state, probability = swap(way.state, link.pair, station=station)
    rate = np.asarray(link.rate_hz)
    checks.broadcast(links=way.slowest_hz.shape, rate_hz=rate.shape)
    return _Way((*way.nodes, node), state, np.minimum(way.slowest_hz, rate), np.asarray(way.success * probability))


def _route(way: _Way) -> Route:
    rate = way.slowest_hz * way.success
    batch = checks.broadcast(state=way.state.batch_shape, rate_hz=rate.shape)
    good = np.broadcast_to(fidelity(way.state, bell_state("phi+")), batch).copy()
    rates = np.broadcast_to(rate, batch).copy()
    key = np.where(rates > 0, rates * np.nan_to_num(secret_key_fraction(way.state)), 0.0)
    return Route(way.nodes, way.state, checks.plain(good), checks.plain(rates), checks.plain(key))


def best_route(
    found: tuple[Route, ...], by: Literal["fidelity", "rate_hz", "key_rate_hz"] = "key_rate_hz"
) -> NDArray[np.int64]:
    """Return which of the routes is best at each point of the batch, shape (...): an index into them, the first of equals.

    >>> from qnet_core import werner_state
    >>> links = {("A", "B"): NetworkLink(werner_state(fidelity=0.98), [1.0, 9.0]),
    ...          ("B", "C"): NetworkLink(werner_state(fidelity=0.97), 9.0),
    ...          ("A", "C"): NetworkLink(werner_state(fidelity=0.95), 2.0)}
    >>> found = routes(links, "A", "C")
    >>> [found[k].nodes for k in best_route(found)]
    [('A', 'C'), ('A', 'B', 'C')]
    """
    choice(by, "by", ("fidelity", "rate_hz", "key_rate_hz"))
    if not found:
        raise ParameterError("Parameter `found` must hold at least one route, but is empty.")
    values = np.broadcast_arrays(*(getattr(route, by) for route in found))
    return np.asarray(np.argmax(np.nan_to_num(values, nan=-np.inf), axis=0))
