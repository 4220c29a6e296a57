"""What public functions take, read from their annotations."""

import inspect
from typing import get_args

from numpy.typing import ArrayLike

KINDS = set(get_args(ArrayLike)) or {ArrayLike}  # from Python 3.12 on one named type


def array_parameters(function):
    """Names of the parameters that may be arrays."""
    parameters = inspect.signature(function).parameters.values()
    return {p.name for p in parameters if set(get_args(p.annotation) or [p.annotation]) >= KINDS}
