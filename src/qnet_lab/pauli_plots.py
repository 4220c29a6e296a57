"""A few states side by side: bars of their Pauli expectation values, or of their Bell weights."""

import itertools
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from qnet_core import DensityMatrix, bell_weights
from qnet_core.errors import DimensionError, ParameterError, ParameterTypeError

from .style import axes_or_new, line_style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_bell_weights", "plot_pauli_bars"]

_MOST_STATES = 5
_MOST_QUBITS = 3
_HATCHES = ("", "////", "....", "\\\\\\\\", "xx")  # for those who print without colours
_BELL = ("phi+", "phi−", "psi+", "psi−")


def _require_few(state: DensityMatrix, labels: Sequence[str] | None) -> DensityMatrix:
    """Return the states along one axis."""
    if not isinstance(state, DensityMatrix):
        raise ParameterTypeError(f"Parameter `state` must be a DensityMatrix, but is {type(state).__name__}.")
    if len(state.batch_shape) > 1 or sum(state.batch_shape) > _MOST_STATES:
        raise DimensionError(
            f"Parameter `state` must be one state, or at most {_MOST_STATES} along one axis, "
            f"but has the batch {state.batch_shape}."
        )
    several = state if state.batch_shape else state.reshape(1)
    _require_labels(labels, several.batch_shape[0])
    return several


def _require_labels(labels: Sequence[str] | None, count: int) -> None:
    if isinstance(labels, str) or not isinstance(labels, Sequence | None):
        raise ParameterTypeError(f"Parameter `labels` must be a sequence of texts, but is {labels!r:.80}.")
    if labels is not None and len(labels) != count:
        raise DimensionError(f"Parameter `labels` must hold one text per state ({count}), but holds {len(labels)}.")


def plot_pauli_bars(state: DensityMatrix, *, labels: Sequence[str] | None = None, ax: "Axes | None" = None) -> "Axes":
    """Draw the expectation value of every Pauli string but the identity, ``Tr(rho P)``; return the axes.

    They are the state: the matrix is their sum times ``P / 2**n``. A state of trace below 1 is drawn as it is, so that
    all its bars are short; ``state.normalized()`` shows what it is where it was heralded.

    Parameters
    ----------
    state : DensityMatrix, shape () or (N,)
        Of one to three qubits; at most five states, whose bars stand side by side. A state that is NaN has none.
    labels : sequence of str, optional
        What the legend calls each state.

    Examples
    --------
    >>> from qnet_core import bell_state
    >>> axes = plot_pauli_bars(bell_state("psi-"))
    >>> axes.get_ylabel()
    'expectation value'
    """
    several = _require_few(state, labels)
    if set(several.dims) != {2} or several.num_subsystems > _MOST_QUBITS:
        raise DimensionError(f"Parameter `state` must be of one to three qubits, but has dims {several.dims}.")
    strings = ["".join(letters) for letters in itertools.product("IXYZ", repeat=several.num_subsystems)]
    values = several.bloch.reshape(len(several.bloch), -1)
    axes = axes_or_new(ax, size=(6.4, 4.0) if len(strings) <= 16 else (12.0, 4.0))
    _draw_groups(axes, values[:, 1:], strings[1:], labels)
    axes.set_xlabel("Pauli string")
    axes.set_ylabel("expectation value")
    axes.set_ylim(-1.05, 1.05)
    axes.axhline(0, color="0.25", linewidth=0.8)
    return axes


def plot_bell_weights(state: DensityMatrix, *, labels: Sequence[str] | None = None, ax: "Axes | None" = None) -> "Axes":
    """Draw the weights of the four Bell states, ``<B|rho|B>``; return the axes.

    The first is the fidelity with phi+, the others are what phase flips, bit flips and both have made of it. They do not say
    whether the state is a mixture of Bell states: what stands beside the diagonal is not seen.

    Parameters
    ----------
    state : DensityMatrix, shape () or (N,)
        Of two qubits; at most five states, whose bars stand side by side. A state that is NaN has none.
    labels : sequence of str, optional
        What the legend calls each state.

    Examples
    --------
    >>> from qnet_core import werner_state
    >>> axes = plot_bell_weights(werner_state(fidelity=[0.9, 0.7]), labels=["fresh", "stored"])
    >>> [text.get_text() for text in axes.get_xticklabels()]
    ['phi+', 'phi−', 'psi+', 'psi−']
    """
    several = _require_few(state, labels)
    if several.dims != (2, 2):
        raise DimensionError(f"Parameter `state` must be of two qubits, but has dims {several.dims}.")
    axes = axes_or_new(ax)
    _draw_groups(axes, np.asarray(bell_weights(several)), _BELL, labels)
    axes.set_xlabel("Bell state")
    axes.set_ylabel("weight")
    axes.set_ylim(0, 1.05)
    return axes


def _draw_groups(
    axes: "Axes", values: NDArray[np.floating[Any]], names: Sequence[str], labels: Sequence[str] | None
) -> None:
    """Draw a group of bars for each name, in it a bar for each state."""
    if np.isnan(values).all():
        raise ParameterError("Parameter `state` must be a state, but is NaN.")
    count, places = len(values), np.arange(len(names))
    width = 0.8 / count
    for k, row in enumerate(values):
        axes.bar(
            places + (k - (count - 1) / 2) * width, row, width, color=line_style(k)["color"], hatch=_HATCHES[k],
            edgecolor="white", linewidth=0, label=None if labels is None else labels[k],
        )  # fmt: skip
    axes.set_xticks(places, names)
    if len(names) > 15:
        axes.tick_params(axis="x", labelrotation=90, labelsize="x-small")
    axes.set_axisbelow(True)
    axes.grid(alpha=0.3, axis="y")
    if labels is not None:
        axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=count, frameon=False, borderaxespad=0.2)
