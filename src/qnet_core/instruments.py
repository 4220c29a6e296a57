"""Measurements: one completely positive map for each outcome."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import _checks
from ._checks import ATOL, Dims, Floats
from .channels import Channel
from .errors import ChannelError, DimensionError, ParameterTypeError, StateError
from .heralded import Heralded
from .states import DensityMatrix

__all__ = ["Instrument"]


class Instrument:
    """One completely positive map per outcome, which together preserve the trace.

    Parameters
    ----------
    maps : sequence of Channel
        With the same dimensions and batches that broadcast.
    outcomes : sequence, optional
        A label for each map; 0, 1, 2, ... if not given.

    Raises
    ------
    ChannelError
        Where the maps together lose or gain trace.

    Examples
    --------
    >>> z = Instrument([Channel.from_kraus([[[1, 0], [0, 0]]]), Channel.from_kraus([[[0, 0], [0, 1]]])])
    >>> z.probabilities(DensityMatrix([[0.75, 0], [0, 0.25]]), 0).tolist()
    [0.75, 0.25]
    """

    __slots__ = ("_maps", "_outcomes")

    def __init__(self, maps: Sequence[Channel], outcomes: Sequence[Any] | None = None) -> None:
        if not isinstance(maps, Sequence) or not maps or not all(isinstance(item, Channel) for item in maps):
            raise ParameterTypeError(
                f"Parameter `maps` must hold at least one Channel and nothing else, but is {maps!r:.80}."
            )
        if len({(item.dims_in, item.dims_out) for item in maps}) > 1:
            raise DimensionError("Parameter `maps` must hold maps of the same dims_in and dims_out.")
        if outcomes is not None and not isinstance(outcomes, Sequence | np.ndarray):
            raise ParameterTypeError(f"Parameter `outcomes` must be a sequence of labels, but is {outcomes!r}.")
        self._outcomes = tuple(range(len(maps)) if outcomes is None else outcomes)
        if len(self._outcomes) != len(maps):
            raise DimensionError(f"Parameter `outcomes` must have {len(maps)} labels, but has {len(self._outcomes)}.")
        batch = _checks.broadcast(**{f"maps[{k}]": item.batch_shape for k, item in enumerate(maps)})
        self._maps = tuple(item.broadcast_to(batch) for item in maps)
        if not self.total().is_trace_preserving(10 * ATOL).all():
            first = self.total().transfer[..., 0, :].reshape(-1, self._maps[0]._transfer.shape[1])
            raise ChannelError(f"Parameter `maps` must preserve the trace together, but their first row is {first[0]}.")

    @property
    def outcomes(self) -> tuple[Any, ...]:
        """The labels, one per map."""
        return self._outcomes

    def total(self) -> Channel:
        """Return the map with the outcome forgotten."""
        first = self._maps[0]
        stack = np.sum([item._stack for item in self._maps], axis=0)
        return Channel._from_stack(stack, first.batch_shape, first.dims_in, first.dims_out)

    def _images(self, rho: DensityMatrix, on: int | Sequence[int]) -> list[DensityMatrix]:
        if not isinstance(rho, DensityMatrix):
            raise ParameterTypeError(f"Parameter `rho` must be a DensityMatrix, but is {type(rho).__name__}.")
        return [rho.apply(item, on) for item in self._maps]

    def probabilities(self, rho: DensityMatrix, on: int | Sequence[int]) -> Floats:
        """Return the probability of each outcome, shape (n_outcomes, ...), for ``rho`` of trace 1."""
        if not isinstance(rho, DensityMatrix):
            raise ParameterTypeError(f"Parameter `rho` must be a DensityMatrix, but is {type(rho).__name__}.")
        where = _checks.subsystems(on, rho.num_subsystems)
        part = rho.ptrace(where).permute(np.argsort(np.argsort(where)).tolist())
        return np.array([image.trace() for image in self._images(part, tuple(range(len(where))))])

    def branches(self, rho: DensityMatrix, on: int | Sequence[int]) -> tuple[Heralded, ...]:
        """Return for each outcome the state after it, normalized, and its probability."""
        return tuple(Heralded(image.normalized(), image.trace()) for image in self._images(rho, on))

    def sample(
        self, rho: DensityMatrix, on: int | Sequence[int], *, rng: np.random.Generator
    ) -> tuple[NDArray[np.int64], DensityMatrix]:
        """Return an outcome's index for each point, drawn by its probability, shape (...), and the states after it."""
        if not isinstance(rng, np.random.Generator):
            raise ParameterTypeError(f"Parameter `rng` must be a numpy.random.Generator, but is {type(rng).__name__}.")
        images = self._images(rho, on)
        weights = np.array([image.trace().reshape(-1) for image in images])
        edges = np.cumsum(weights, axis=0)
        if not (edges[-1] > 0).all():
            raise StateError("Parameter `rho` must have a positive trace at every point to be measured, but has not.")
        drawn = (rng.random(edges.shape[1]) * edges[-1] >= edges[:-1]).sum(axis=0)
        stacks = np.array([image._stack for image in images])
        chosen = stacks[drawn, :, np.arange(len(drawn))].T
        batch: Dims = images[0].batch_shape
        after = DensityMatrix._wrap(np.ascontiguousarray(chosen).reshape(-1), images[0].dims, batch)
        return drawn.reshape(batch), after.normalized()
