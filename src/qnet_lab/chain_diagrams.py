"""A repeater chain as a diagram: nodes and links, what is true of all of them, and which pairs are joined when."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from numpy.typing import ArrayLike

from qnet_protocols import RepeaterChain

from .chain_facts import ChainFacts, Facts, facts_of
from .kinds.chain import ChainScenario
from .style import axes_or_new, line_style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_chain_diagram"]

_MOST = 8  # links that are drawn one by one
_FIRST_ROW, _ROW = -0.5, 0.3  # where the rows of levels stand below the chain
_INK = "0.15"


def plot_chain_diagram(
    chain: RepeaterChain | ChainScenario, *, length_km: ArrayLike | None = None, repeaters: int | None = None,
    ax: "Axes | None" = None,
) -> "Axes":  # fmt: skip
    """Draw the nodes, links and levels of a repeater chain with their numbers; return the axes.

    What is the same for all links, memories or stations is said once below, the rest beside each. The rows below
    the chain are its levels: which pairs there are, how they are distilled and how long they may wait. Of a chain of
    more than eight links two at each end are drawn. Parameters in arrays are given as ranges.

    Parameters
    ----------
    chain : RepeaterChain or Scenario
        A chain, or a scenario of a chain with the lengths of its links over all distances.
    length_km : array_like, optional
        Of all links, or one per link.
    repeaters : int, optional
        Which number of a scenario's; the fewest above 0 if not given.

    Examples
    --------
    >>> from qnet_lab import load_scenario
    >>> axes = plot_chain_diagram(load_scenario("nv_delft"), repeaters=3)
    >>> axes.get_title()
    '4 links, swap-at-end'
    """
    facts = facts_of(chain, length_km, repeaters)
    places = _places(facts.num_links)
    right = max(places.values()) + _beside(facts)
    axes = axes_or_new(ax, size=(max(6.4, 1.25 * (right + 0.4)), 3.4))
    axes.set_xlim(-0.4, right)
    _draw_links(axes, facts, places)
    _draw_nodes(axes, facts, places)
    bottom = _draw_levels(axes, facts, places)
    _write_common(axes, facts, bottom)
    axes.set_title(facts.title, fontsize="medium")
    axes.set(xticks=[], yticks=[])
    axes.set_axis_off()
    return axes


def _places(num_links: int) -> dict[int, float]:
    """Return where the nodes that are drawn stand."""
    if num_links <= _MOST:
        return {k: float(k) for k in range(num_links + 1)}
    return {0: 0.0, 1: 1.0, 2: 2.0, num_links - 2: 3.5, num_links - 1: 4.5, num_links: 5.5}


def _own(facts: Facts, which: int, *, always: str = "") -> str:
    """Return what is said of one, because it is not the same for all of them."""
    said = [(name, texts[which]) for name, texts in facts.items() if name == always or len(set(texts)) > 1]
    return "\n".join(text if name == always else f"{name} {text}" for name, text in said)


def _draw_links(axes: "Axes", facts: ChainFacts, places: dict[int, float]) -> None:
    for k, left in places.items():
        if k + 1 in places:
            axes.plot([left, places[k + 1]], [0, 0], color=line_style(0)["color"], linewidth=2.5, zorder=1)
            middle = (left + places[k + 1]) / 2
            axes.text(middle, 0.17, _own(facts.links, k, always="length"), ha="center", va="bottom", fontsize=8)
    if facts.num_links > _MOST:
        axes.plot([2, 3.5], [0, 0], ":", color=line_style(0)["color"], linewidth=2.5, zorder=1)
        axes.text(2.75, 0.17, f"{facts.num_links - 4} more links", ha="center", va="bottom", fontsize=8)


def _draw_nodes(axes: "Axes", facts: ChainFacts, places: dict[int, float]) -> None:
    last = facts.num_links
    for k, x in places.items():
        inner = 0 < k < last
        name = f"R{k}" if inner else "A" if k == 0 else "B"
        axes.text(
            x, 0, name, ha="center", va="center", fontsize=10, color=_INK, zorder=3,
            bbox={"boxstyle": "round,pad=0.35" if inner else "circle,pad=0.4", "facecolor": "#F5D491" if inner else "white",
                  "edgecolor": _INK, "linewidth": 1.2},
        )  # fmt: skip
        texts = [_own(facts.nodes, k), _own(facts.stations, k - 1) if inner else ""]
        axes.text(x, -0.24, "\n".join(filter(None, texts)), ha="center", va="top", fontsize=8)


def _draw_levels(axes: "Axes", facts: ChainFacts, places: dict[int, float]) -> float:
    """Draw a row of pairs for each level, with what is done to them at its end; return the height below."""
    own = max(len(_lines(facts, k)) for k in range(facts.num_links + 1))
    height = _FIRST_ROW - 0.14 * own
    right = max(places.values())
    for span, treated in _shown_levels(facts):
        pairs = [(k, k + span) for k in range(0, facts.num_links, span) if k in places and k + span in places]
        for first, last in pairs:
            ends = places[first] + 0.06, places[last] - 0.06
            axes.plot(ends, (height, height), color=line_style(5)["color"], linewidth=1.5, marker="|", markersize=7)
        text = f"over {span} link{'s' * (span > 1)}" + (f": {treated}" if treated else "")
        axes.text(right + 0.15, height, text, ha="left", va="center", fontsize=8)
        height -= _ROW
    return height


def _shown_levels(facts: ChainFacts) -> Sequence[tuple[int, str]]:
    """Return the levels from single links up; of a long chain the first and the last."""
    return facts.levels if facts.num_links <= _MOST else [facts.levels[0], facts.levels[-1]]


def _beside(facts: ChainFacts) -> float:
    """Return how much room the texts of the levels take, in links."""
    longest = max(len(text) for _, text in facts.levels)
    return 1.2 + 0.055 * longest


def _lines(facts: ChainFacts, k: int) -> list[str]:
    station = _own(facts.stations, k - 1) if 0 < k < facts.num_links else ""
    return [line for text in (_own(facts.nodes, k), station) for line in text.splitlines()]


def _write_common(axes: "Axes", facts: ChainFacts, bottom: float) -> None:
    """Write what is the same for all, a line for each kind of thing."""
    lines = []
    for what, each in (("links", facts.links), ("memories", facts.nodes), ("stations", facts.stations)):
        said = [f"{name} {texts[0]}" for name, texts in each.items() if name != "length" and len(set(texts)) == 1]
        if said:
            lines.append(f"{what}: {', '.join(said)}")
    axes.text(-0.3, bottom, "\n".join(lines), ha="left", va="top", fontsize=8, linespacing=1.4)
    own = max(len(_own(facts.links, k, always="length").splitlines()) for k in range(facts.num_links))
    axes.set_ylim(bottom - 0.2 * len(lines) - 0.05, 0.3 + 0.16 * max(1, own))
