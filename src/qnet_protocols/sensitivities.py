"""How much a result changes with each number that it is computed from."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from qnet_core import _checks as checks
from qnet_core.errors import DimensionError, ParameterError

__all__ = ["Sensitivities", "sensitivities"]

Floats = checks.Floats
_CENTRAL = np.array([0.0, -2.0, -1.0, 1.0, 2.0])  # steps from the value
_ROUND_OFF = 4e-15  # relative error of a result that is taken for granted


class Sensitivities(NamedTuple):
    """Derivatives of a result by each parameter.

    Attributes
    ----------
    value : array, shape (...)
        The result itself.
    derivatives, elasticities : dict of arrays, shape (...)
        ``df/dx``, and ``d ln f/d ln x``: by how many per cent f changes if x does by one. Elasticities are NaN where f is 0.
    errors : dict of arrays, shape (...)
        Upper estimate of the error of each derivative: what the next lower order of differences gives otherwise, and round-off.
    """

    value: Floats
    derivatives: dict[str, Floats]
    elasticities: dict[str, Floats]
    errors: dict[str, Floats]


def sensitivities(
    function: Callable[..., ArrayLike], values: Mapping[str, float], *, relative_step: float = 1e-3,
    limits: Mapping[str, tuple[float, float]] | None = None,
) -> Sensitivities:  # fmt: skip
    """Return the derivatives of what a function computes by each of its parameters, from one call for all.

    Differences of fourth order over five points: ``(f(x-2h) - 8 f(x-h) + 8 f(x+h) - f(x+2h))/(12 h)``, or one-sided ones next
    to a limit. What is rounded to whole numbers on the way has no derivative: cut-offs count in whole steps, and a finite
    cut-off makes results jump with ``cycle_s`` too. The exact engine wants cycles and messages with a common step: vary what
    both come from, such as a length.

    Parameters
    ----------
    function : callable
        Takes each parameter as a keyword, an array of shape (points,), and returns an array of shape (..., points): one
        result, or several of them stacked, such as ``np.stack([r.fidelity, r.rate_hz, r.secret_key_rate_bit_per_s])``.
    values : mapping
        Where the derivatives are taken: a number for each parameter.
    relative_step : float
        h in parts of the value, in [1e-6, 0.1]; absolute where the value is 0.
    limits : mapping, optional
        Lowest and highest value that a parameter may have, (0, 1) for probabilities: next to them only points inside are used.

    References
    ----------
    Fornberg, Math. Comp. 51, 699 (1988).

    Examples
    --------
    >>> found = sensitivities(lambda length_km, loss: np.exp(-loss * length_km), {"length_km": 10.0, "loss": 0.05})
    >>> [round(found.elasticities[name].item(), 9) for name in ("length_km", "loss")]
    [-0.5, -0.5]
    """
    if not values:
        raise DimensionError("Parameter `values` must name at least one parameter, but is empty.")
    step = float(checks.real(relative_step, "relative_step", low=1e-6, high=0.1))
    centre = {name: float(checks.real(value, f"values[{name!r}]")) for name, value in values.items()}
    stencils = {name: _stencil(name, x, step, (limits or {}).get(name)) for name, x in centre.items()}
    found = _evaluated(function, centre, stencils)
    value = found[..., 0]
    derivatives, errors, elasticities = {}, {}, {}
    for k, (name, (steps, width)) in enumerate(stencils.items()):
        near = np.concatenate([found[..., :1], found[..., 1 + 4 * k : 5 + 4 * k]], axis=-1)
        slope, error = _slope(near, steps, width)
        derivatives[name], errors[name] = checks.plain(slope), checks.plain(error)
        elasticities[name] = checks.plain(
            np.where(value == 0, np.nan, slope * centre[name] / np.where(value == 0, 1, value))
        )
    return Sensitivities(checks.plain(value), derivatives, elasticities, errors)


def _stencil(name: str, x: float, relative: float, limit: tuple[float, float] | None) -> tuple[Floats, float]:
    """Return five points in steps from x, itself first, and the step."""
    width = relative * (abs(x) or 1.0)
    low, high = limit if limit is not None else (-np.inf, np.inf)
    if not low <= x <= high:
        raise ParameterError(f"Parameter `values[{name!r}]` must be between {low:g} and {high:g}, but is {x:g}.")
    if x - 2 * width >= low and x + 2 * width <= high:
        return _CENTRAL, width
    side = 1.0 if high - x >= x - low else -1.0
    room = high - x if side > 0 else x - low
    if room <= 0:
        raise ParameterError(f"Parameter `limits[{name!r}]` must leave room around {x:g}, but is ({low:g}, {high:g}).")
    return side * np.arange(5.0), min(width, room / 4)


def _evaluated(
    function: Callable[..., ArrayLike], centre: Mapping[str, float], stencils: Mapping[str, tuple[Floats, float]]
) -> Floats:
    """Return the results at the centre, and at four points along each parameter."""
    count = 1 + 4 * len(centre)
    points = {name: np.full(count, x) for name, x in centre.items()}
    for k, (name, (steps, width)) in enumerate(stencils.items()):
        points[name][1 + 4 * k : 5 + 4 * k] += steps[1:] * width
    found = np.asarray(function(**points), float)
    if found.shape[-1:] != (count,):
        raise DimensionError(
            f"Parameter `function` must return an array with one value per point ({count}) on its last axis, but has shape "
            f"{found.shape}."
        )
    return found


def _weights(steps: Floats) -> Floats:
    """Return the weights of values at these steps in the first derivative at 0 of the polynomial through them."""
    powers = np.vander(steps, increasing=True).T
    return np.linalg.solve(powers, np.eye(len(steps))[1])


def _slope(near: Floats, steps: Floats, width: float) -> tuple[Floats, Floats]:
    """Return the derivative, and how far it may be off."""
    weights = _weights(steps)
    fewer = [0, 2, 3] if steps[1] == -2.0 else [0, 1, 2]
    slope = near @ weights / width
    rough = near[..., fewer] @ _weights(steps[fewer]) / width
    noise = _ROUND_OFF * np.abs(near) @ np.abs(weights) / width
    return slope, np.abs(slope - rough) + noise
