"""What every probabilistic step returns."""

from typing import NamedTuple

from ._checks import Floats
from .states import DensityMatrix

__all__ = ["Heralded"]


class Heralded(NamedTuple):
    """A state together with the probability that it comes about.

    ``state`` is normalized and ``probability`` has its batch shape. Where the probability is 0
    there is no such state: its Bloch tensor is NaN at that point of the batch, and at no other.
    """

    state: DensityMatrix
    probability: Floats
