"""Chains of unlike pairs: all inner nodes swap, in any order, and one pair between the ends is left."""

from collections.abc import Sequence
from typing import Any, Literal

from qnet_core import DensityMatrix, Heralded
from qnet_core import _checks as checks
from qnet_core.errors import DimensionError, ParameterError, ParameterTypeError
from qnet_core.preparations import bell_index

from .joining import FeedForward, announced, joined, require_pair, waited
from .parameters import choice
from .swapping import Station, require_any_station

__all__ = ["swap_chain"]

Order = Sequence[int] | Literal["sequential", "nested"]


def swap_chain(
    pairs: Sequence[DensityMatrix], *, stations: Station | Sequence[Station] | None = None, order: Order | None = None,
    outcomes: Sequence[str] | None = None, feed_forward: FeedForward = None,
) -> Heralded:  # fmt: skip
    """Return the pair between the ends of a chain of N pairs after Bell measurements at all N - 1 inner nodes.

    A product of 4 x 4 real matrices, ``R_1 S R_2 S ... R_N`` for each outcome, averaged over outcomes after their Pauli
    corrections to phi+. Pairs and stations may all differ, and their batches broadcast.

    The order matters less than one thinks: for stations that announce all four Bell states alike (any
    ``BellStation``) the mean is the same in every order. It is not where an outcome is given, or where a station announces
    some outcomes only and the pairs are not Bell-diagonal: then it counts which corrections come before which
    measurement.

    Parameters
    ----------
    pairs : sequence of DensityMatrix
        Two qubits each; pair k lies between nodes k and k + 1, and node 0 is the left end.
    stations : BellStation, LinearOpticsStation or BoostedStation, or a sequence of N - 1 of them, optional
        One for all inner nodes, or those of the nodes 1 to N - 1; perfect ones if not given.
    order : sequence of int, "sequential" or "nested", optional
        The inner nodes in the order in which they swap, each swap corrected at the right end of its new pair before the
        next one. "sequential" goes from left to right, "nested" joins neighbours, then their neighbours. If not given,
        all nodes measure uncorrected, and one correction is made at the right end of the chain.
    outcomes : sequence of str, optional
        What the nodes 1 to N - 1 announce, "phi+", "phi-", "psi+" or "psi-" each; the mean over all if not given.
    feed_forward : Channel or (left, right), optional
        What the two ends suffer before the corrections, as for ``swap``.

    Returns
    -------
    Heralded
        The state, and the probability that all stations announce success, or these outcomes.

    References
    ----------
    Briegel et al., PRL 81, 5932 (1998).

    Examples
    --------
    >>> from qnet_core import bell_state, fidelity, werner_state
    >>> links = [werner_state(fidelity=f) for f in (0.98, 0.95, 0.97, 0.99)]
    >>> fidelity(swap_chain(links).state, bell_state("phi+")).round(9).item()
    0.895358933
    """
    count = len(_require_sequence(pairs, "pairs")) - 1
    correlations = _correlations(stations, count)
    _require_fit(pairs, correlations)
    states, nodes = waited(pairs, feed_forward), list(range(1, count + 1))
    announcements = _announcements(outcomes, count)
    for node in _order(order, count):
        at = nodes.index(node)
        right = states.pop(at + 1)
        states[at] = joined(states[at], right, correlations[node - 1], announcements[node - 1])
        nodes.pop(at)
    return announced(states[0])


def _require_sequence(values: Any, name: str, count: int | None = None) -> Sequence[Any]:
    """Refuse what is not a sequence, of one item or more or of ``count``."""
    if not isinstance(values, Sequence) or isinstance(values, str):
        raise ParameterTypeError(f"Parameter `{name}` must be a sequence, but is {type(values).__name__}.")
    if count is None and not values:
        raise DimensionError(f"Parameter `{name}` must hold at least one item, but is empty.")
    if count is not None and len(values) != count:
        raise DimensionError(f"Parameter `{name}` must have {count} items, one per inner node, but has {len(values)}.")
    return values


def _correlations(stations: Station | Sequence[Station] | None, count: int) -> list[checks.Floats]:
    """Return what the outcomes of each inner node's station measure."""
    if not isinstance(stations, Sequence):
        return [require_any_station(stations, "stations").correlations] * count
    given = _require_sequence(stations, "stations", count)
    return [require_any_station(station, f"stations[{k}]").correlations for k, station in enumerate(given)]


def _require_fit(pairs: Sequence[DensityMatrix], correlations: Sequence[checks.Floats]) -> None:
    """Refuse what are not pairs, and batches that don't broadcast."""
    shapes = {f"pairs[{k}]": require_pair(pair, f"pairs[{k}]").batch_shape for k, pair in enumerate(pairs)}
    checks.broadcast(**shapes, **{f"stations[{k}]": values.shape[2:] for k, values in enumerate(correlations)})


def _announcements(outcomes: Sequence[str] | None, count: int) -> Sequence[Sequence[int]]:
    """Return for each inner node the outcomes that are summed over."""
    if outcomes is None:
        return [range(4)] * count
    given = _require_sequence(outcomes, "outcomes", count)
    return [[bell_index(label, f"outcomes[{k}]")] for k, label in enumerate(given)]


def _order(order: Order | None, count: int) -> Sequence[int]:
    """Return the inner nodes in the order in which they swap."""
    nodes = range(1, count + 1)
    if order is None:
        return nodes[::-1]  # corrections then only ever act on the right end of the chain
    if isinstance(order, str):
        choice(order, "order", ("sequential", "nested"))
        return nodes if order == "sequential" else sorted(nodes, key=lambda node: node & -node)
    given = [checks.integer(node, "order", 1, count) for node in _require_sequence(order, "order", count)]
    if len(set(given)) < count:
        raise ParameterError(f"Parameter `order` must name each inner node once, but is {tuple(given)}.")
    return given
