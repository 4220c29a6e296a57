"""Results as plain values that JSON can hold."""

import json
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["dataset_document", "opened", "plain"]


def plain(value: Any) -> Any:
    """Return nested values as JSON can hold them: NaN is None, infinities are texts, paths too, arrays are lists.

    >>> import numpy as np
    >>> plain({"cutoff_s": np.array([0.5, np.inf, np.nan])})
    {'cutoff_s': [0.5, 'inf', None]}
    """
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if hasattr(value, "tolist"):  # an array, or a number of one; doctor comes here without NumPy
        return plain(value.tolist())
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None if math.isnan(value) else str(value)
    return value if value is None or isinstance(value, bool | int | float) else str(value)


def dataset_document(dataset: "xr.Dataset") -> dict[str, Any]:
    """Return what a dataset says of itself, and each coordinate and variable with its dimensions, unit, name and values."""
    return {
        **opened(dataset.attrs),
        "coordinates": {str(name): _described(array) for name, array in dataset.coords.items()},
        "variables": {str(name): _described(array) for name, array in dataset.data_vars.items()},
    }


def opened(attributes: Mapping[Any, Any]) -> dict[str, Any]:
    """Return attributes, and instead of those that are JSON what they hold.

    >>> opened({"title": "case", "libraries": '{"numpy": "2.0.0"}'})
    {'title': 'case', 'libraries': {'numpy': '2.0.0'}}
    """
    return {
        str(name): json.loads(text) if isinstance(text, str) and text.startswith("{") else plain(text)
        for name, text in attributes.items()
    }


def _described(array: "xr.DataArray") -> dict[str, Any]:
    about = {"dims": list(array.dims), **array.attrs}
    return plain(about | {"values": array.values})  # type: ignore[no-any-return]
