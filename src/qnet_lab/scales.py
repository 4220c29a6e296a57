"""Whether an axis is better linear or logarithmic, and where the cells around its values end."""

from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from qnet_core.errors import ParameterError, ParameterTypeError

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["Scale", "edges", "require_variable", "scale_of_axis", "scale_of_values"]

Scale = Literal["linear", "log"]
Floats = NDArray[np.floating[Any]]
_WIDE = 100.0  # the ratio of values from which on a logarithm shows more


def require_variable(dataset: "xr.Dataset", name: str, what: str) -> "xr.DataArray":
    """Return a variable or coordinate of numbers of a dataset, or refuse its name in the caller's words."""
    import xarray as xr

    if not isinstance(dataset, xr.Dataset):
        raise ParameterTypeError(f"Parameter `dataset` must be an xarray.Dataset, but is {type(dataset).__name__}.")
    if name not in dataset.variables:
        known = ", ".join(map(str, (*dataset.data_vars, *dataset.coords)))
        raise ParameterError(f"Parameter `{what}` must be one of {known}, but is {name!r}.")
    return dataset[name]


def scale_of_axis(values: Floats) -> Scale:
    """Return "log" where the ratios of neighbouring values are more alike than their differences."""
    if len(values) < 3 or values.min() <= 0 or (np.diff(values) <= 0).any():
        return "linear"
    steps, ratios = np.diff(values), np.diff(np.log(values))
    return "log" if np.std(ratios) / np.mean(ratios) < (1 - 1e-9) * np.std(steps) / np.mean(steps) else "linear"


def scale_of_values(values: Floats) -> Scale:
    """Return "log" where positive values are far apart; zeros are allowed, negative numbers are not."""
    known = values[np.isfinite(values)]
    positive = known[known > 0]
    wide = len(positive) > 0 and positive.max() > _WIDE * positive.min() and not (known < 0).any()
    return "log" if wide else "linear"


def edges(values: Floats, scale: Scale) -> Floats:
    """Return where the cells around rising values begin and end: half-way to their neighbours on the scale."""
    places = np.log(values) if scale == "log" else np.asarray(values, float)
    if len(places) == 1:
        width = abs(float(places[0])) or 1.0
        return np.array([places[0] - width / 2, places[0] + width / 2])
    middles = (places[1:] + places[:-1]) / 2
    ends = np.concatenate([[2 * places[0] - middles[0]], middles, [2 * places[-1] - middles[-1]]])
    return np.exp(ends) if scale == "log" else ends
