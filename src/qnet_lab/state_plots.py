"""A density matrix as a picture: bars as tall as its elements (city), squares as large (Hinton)."""

from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from qnet_channels.parameters import choice
from qnet_core import DensityMatrix
from qnet_core.errors import DimensionError, ParameterError, ParameterTypeError

from .style import axes_or_new, line_style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.cm import ScalarMappable

__all__ = ["plot_state_city", "plot_state_hinton"]

Part = Literal["magnitude", "real", "imaginary"]
_MOST = 16  # levels whose labels can be read
_NOTHING = 1e-9  # below it an element has no phase but that of round-off
_HEIGHTS = {"magnitude": "magnitude of the element", "real": "real part", "imaginary": "imaginary part"}
_SIZE = (5.6, 4.6)  # inches


def _require_one_state(state: DensityMatrix) -> NDArray[np.complexfloating[Any, Any]]:
    """Return the matrix of a single state that can be drawn."""
    if not isinstance(state, DensityMatrix):
        raise ParameterTypeError(f"Parameter `state` must be a DensityMatrix, but is {type(state).__name__}.")
    if state.batch_shape:
        raise DimensionError(f"Parameter `state` must be one state, but has the batch {state.batch_shape}.")
    matrix = state.matrix
    if len(matrix) > _MOST:
        raise DimensionError(f"Parameter `state` must have at most {_MOST} levels to be drawn, but has {len(matrix)}.")
    if not np.isfinite(matrix).all():
        raise ParameterError("Parameter `state` must be a state, but is NaN.")
    return matrix


def _digits(state: DensityMatrix) -> list[str]:
    """Return the names of the levels, such as 00 01 10 11."""
    between = "," if max(state.dims) > 10 else ""
    return [between.join(map(str, level)) for level in np.ndindex(*state.dims)]


def _phases(matrix: NDArray[np.complexfloating[Any, Any]]) -> "tuple[ScalarMappable, NDArray[np.floating[Any]]]":
    """Return the colours of phases, and the phase of every element, 0 for those that are nothing."""
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import Normalize

    phase = np.where(np.abs(matrix) > _NOTHING, np.angle(matrix), 0.0)
    return ScalarMappable(Normalize(-np.pi, np.pi), "twilight"), phase


def _add_phase_bar(axes: "Axes", colours: "ScalarMappable", **place: float) -> None:
    bar = axes.figure.colorbar(colours, ax=axes, label="phase [rad]", **place)  # type: ignore[arg-type]
    bar.set_ticks([-np.pi, -np.pi / 2, 0, np.pi / 2, np.pi], labels=["−π", "−π/2", "0", "π/2", "π"])


def plot_state_city(state: DensityMatrix, *, part: Part = "magnitude", ax: "Axes | None" = None) -> "Axes":
    """Draw a bar for every element of a density matrix, as tall as it is; return the axes.

    Of magnitudes the colour is the phase: dark is positive, light negative, blue -i and red +i. Of real and imaginary parts
    blue is positive and orange negative. Grey is nothing. A state of trace below 1 is drawn as it is.

    Parameters
    ----------
    state : DensityMatrix
        One state of at most 16 levels, of subsystems of any dimensions.
    part : "magnitude", "real" or "imaginary"
        What the bars are.
    ax : matplotlib.axes.Axes, optional
        With the projection "3d": ``figure.add_subplot(projection="3d")``.

    Examples
    --------
    >>> from qnet_core import bell_state
    >>> axes = plot_state_city(bell_state("psi-"))
    >>> [text.get_text() for text in axes.get_xticklabels()]
    ['|00⟩', '|01⟩', '|10⟩', '|11⟩']
    """
    matrix = _require_one_state(state)
    choice(part, "part", tuple(_HEIGHTS))
    axes: Any = _solid_axes(ax)
    _draw_bars(axes, matrix, part)
    labels = _digits(state)
    some = slice(None, None, 1 if len(labels) <= _MOST // 2 else 3)
    axes.set_xticks(range(len(labels))[some], [f"|{text}⟩" for text in labels[some]], fontsize="small")
    axes.set_yticks(range(len(labels))[some], [f"⟨{text}|" for text in labels[some]], fontsize="small")
    axes.set_zlabel(_HEIGHTS[part], labelpad=10)
    axes.view_init(elev=35, azim=-55)
    return axes  # type: ignore[no-any-return]


def _solid_axes(ax: "Axes | None") -> Any:
    if ax is None:
        import matplotlib.pyplot as plt

        return plt.figure(figsize=_SIZE, layout="constrained").add_subplot(projection="3d")
    if ax.name != "3d":
        raise ParameterError(f'Parameter `ax` must be axes with projection="3d", but has the projection {ax.name!r}.')
    return ax


def _draw_bars(axes: Any, matrix: NDArray[np.complexfloating[Any, Any]], part: Part) -> None:
    from matplotlib.colors import to_rgba, to_rgba_array

    colours, phase = _phases(matrix)
    heights = {"magnitude": np.abs(matrix), "real": matrix.real, "imaginary": matrix.imag}[part]
    signs = [line_style(k)["color"] for k in (0, 1)]
    shades = (
        colours.to_rgba(phase.ravel()) if part == "magnitude" else to_rgba_array(np.where(heights >= 0, *signs).ravel())
    )
    shades[np.abs(heights).ravel() <= _NOTHING] = to_rgba("0.9")
    kets, bras = np.indices(matrix.shape)
    axes.bar3d(
        kets.ravel() - 0.35, bras.ravel() - 0.35, np.minimum(heights, 0).ravel(), 0.7, 0.7, np.abs(heights).ravel(),
        color=shades, edgecolor="0.25", linewidth=0.4, shade=False,
    )  # fmt: skip
    axes.set_zlim(min(0.0, float(heights.min())), max(float(heights.max()), _NOTHING))
    if part == "magnitude":
        _add_phase_bar(axes, colours, shrink=0.6, pad=0.12)


def plot_state_hinton(state: DensityMatrix, *, ax: "Axes | None" = None) -> "Axes":
    """Draw a square for every element of a density matrix, as large as its magnitude and coloured by phase; return the axes.

    The area is the magnitude, and the largest element fills its cell: the title says how large it is. Dark squares are
    positive, light ones negative, blue -i and red +i.

    Parameters
    ----------
    state : DensityMatrix
        One state of at most 16 levels, of subsystems of any dimensions.

    References
    ----------
    Hinton and Shallice, Psychological Review 98, 74 (1991), drew weights so.

    Examples
    --------
    >>> from qnet_core import werner_state
    >>> axes = plot_state_hinton(werner_state(fidelity=0.7))
    >>> axes.get_title()
    'largest element 0.4'
    """
    matrix = _require_one_state(state)
    axes = axes_or_new(ax)
    colours, phase = _phases(matrix)
    largest = float(np.abs(matrix).max())
    _draw_squares(axes, np.sqrt(np.abs(matrix) / largest), colours.to_rgba(phase))
    labels = _digits(state)
    axes.set_xticks(range(len(labels)), [f"⟨{text}|" for text in labels], rotation=90 if len(labels) > 6 else 0)
    axes.set_yticks(range(len(labels)), [f"|{text}⟩" for text in labels])
    axes.set_title(f"largest element {largest:.3g}", fontsize="medium")
    _add_phase_bar(axes, colours)
    return axes


def _draw_squares(axes: "Axes", sides: NDArray[np.floating[Any]], shades: NDArray[np.floating[Any]]) -> None:
    from matplotlib.patches import Rectangle

    axes.set(xlim=(-0.5, len(sides) - 0.5), ylim=(len(sides) - 0.5, -0.5), aspect="equal", facecolor="0.8")
    for at in np.argwhere(sides**2 > _NOTHING):
        row, column = int(at[0]), int(at[1])
        side = 0.94 * float(sides[row, column])
        corner = (column - side / 2, row - side / 2)
        axes.add_patch(Rectangle(corner, side, side, facecolor=shades[row, column], edgecolor="0.25", linewidth=0.5))
