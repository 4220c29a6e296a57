"""A figure of how long a chain waits for its pairs, and how good they are then."""

from typing import TYPE_CHECKING

import numpy as np

from qnet_core import bell_weights
from qnet_core.errors import ParameterError, ParameterTypeError
from qnet_protocols import ChainResult

from .style import axes_or_new, line_style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["draw_distribution", "draw_histogram", "plot_chain_result"]

_SHOWN = 0.999  # of the pairs
_BINS = 60


def plot_chain_result(result: ChainResult, *, ax: "Axes | None" = None) -> "Axes":
    """Draw how waiting times are distributed, and on an axis to the right the fidelity of what comes then; return the axes.

    Sampled results are drawn as a histogram of the kept times. A thousandth of the pairs, the latest, is left out.

    Parameters
    ----------
    result : ChainResult
        Of one chain, not a batch: from ``exact``, or from ``sample`` with ``keep_times``.
    """
    _require_one(result)
    axes = axes_or_new(ax)
    axes.set_xlabel("waiting time [s]")
    axes.grid(alpha=0.3)
    mean = float(result.waiting_time_s)
    if result.distribution is None:
        draw_histogram(axes, np.asarray(result.sampled_times_s))
    else:
        waiting = result.distribution
        draw_distribution(axes, float(waiting.step_s), waiting.probabilities, bell_weights(waiting.states)[..., 0])
    axes.axvline(mean, color="0.45", linestyle=":", label=f"mean {mean:.3g} s")
    axes.legend(frameon=False, loc="upper right")
    return axes


def _require_one(result: ChainResult) -> None:
    if not isinstance(result, ChainResult):
        raise ParameterTypeError(f"Parameter `result` must be a ChainResult, but is {type(result).__name__}.")
    if np.ndim(result.waiting_time_s):
        raise ParameterError(
            f"Parameter `result` must be of one chain, but has the batch {np.shape(result.waiting_time_s)}."
        )
    if result.distribution is None and result.sampled_times_s is None:
        raise ParameterError(
            "Parameter `result` must hold waiting times, from `exact` or from `sample` with `keep_times`, but has none."
        )


def draw_histogram(axes: "Axes", times_s: np.ndarray) -> None:
    """Draw how sampled waiting times are distributed."""
    shown = times_s[times_s <= np.quantile(times_s, _SHOWN)]
    weights = np.full(len(shown), 1 / len(times_s))
    axes.hist(shown, bins=_BINS, weights=weights, color=line_style(0)["color"], alpha=0.6, label="pairs")
    axes.set_ylabel("probability")


def draw_distribution(axes: "Axes", step_s: float, probabilities: np.ndarray, fidelities: np.ndarray) -> None:
    """Draw the probability of every step, and the fidelity of what comes then on an axis to the right."""
    size = int((np.cumsum(probabilities) < _SHOWN).sum()) + 1
    times, shown, fidelity = step_s * np.arange(1, size + 1), probabilities[:size], fidelities[:size]
    times = times[: len(shown)]
    axes.fill_between(times, shown, step="mid", color=line_style(0)["color"], alpha=0.35, label="pairs (left)")
    axes.set_ylim(0, 1.1 * float(shown.max()))
    axes.set_ylabel(f"probability of each step of {step_s:.3g} s")
    right = axes.twinx()
    there = shown > 1e-9 * shown.max()
    right.plot(times[there], fidelity[there], color=line_style(5)["color"])
    axes.plot([], [], color=line_style(5)["color"], label="fidelity (right)")
    right.set_ylabel("fidelity with phi+")
