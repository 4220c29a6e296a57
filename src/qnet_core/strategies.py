"""Hypothesis strategies for states, channels and parameters, to test one's own maps with.

Needs the extra ``qnet-engine[verify]``. Draws shrink towards few, small subsystems and simple kinds.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from hypothesis import strategies as st

from ._checks import Complexes, Dims
from .channels import Channel
from .preparations import pure_state, random_channel, random_state
from .states import DensityMatrix

__all__ = ["channels", "dimensions", "durations", "probabilities", "states", "unitaries"]

_KINDS = ("basis", "pure", "mixed", "rank-deficient", "near-singular")


def _generators() -> st.SearchStrategy[np.random.Generator]:
    return st.integers(0, 2**32 - 1).map(np.random.default_rng)


def probabilities() -> st.SearchStrategy[float]:
    """Draw numbers in [0, 1], the ends and their neighbours often."""
    edges = st.sampled_from([0.0, 1.0, 0.5, 1e-12, 1 - 1e-12])
    return edges | st.floats(0, 1)


def durations(max_value: float = 1e3) -> st.SearchStrategy[float]:
    """Draw durations in seconds from 0 to ``max_value``, very short ones too."""
    return st.sampled_from([0.0, 1e-9, max_value]) | st.floats(0, max_value)


def dimensions(max_subsystems: int = 2, max_dim: int = 4) -> st.SearchStrategy[Dims]:
    """Draw the dimensions of one to ``max_subsystems`` subsystems."""
    return st.lists(st.integers(2, max_dim), min_size=1, max_size=max_subsystems).map(tuple)


@st.composite
def states(draw: Any, dims: Sequence[int] | None = None, batch_shape: Dims = ()) -> DensityMatrix:
    """Draw states: basis, pure, mixed, rank-deficient and near-singular ones."""
    sizes = draw(dimensions()) if dims is None else tuple(dims)
    size = int(np.prod(sizes))
    kind, rng = draw(st.sampled_from(_KINDS)), draw(_generators())
    if kind == "basis":
        vectors = np.zeros((*batch_shape, size))
        vectors[..., draw(st.integers(0, size - 1))] = 1
        return pure_state(vectors, sizes)
    rank = {"pure": 1, "rank-deficient": max(1, size // 2)}.get(kind)
    rho = random_state(sizes, rank=1 if kind == "near-singular" else rank, batch_shape=batch_shape, rng=rng)
    if kind != "near-singular":
        return rho
    mixed = random_state(sizes, batch_shape=batch_shape, rng=rng)
    return DensityMatrix.from_bloch((1 - 1e-9) * rho.bloch + 1e-9 * mixed.bloch, sizes)


@st.composite
def unitaries(draw: Any, dim: int = 2) -> Complexes:
    """Draw unitary matrices of a dimension, the identity first."""
    if draw(st.booleans()):
        rng = draw(_generators())
        return np.linalg.qr(rng.standard_normal((dim, dim)) + 1j * rng.standard_normal((dim, dim))).Q
    return np.eye(dim, dtype=complex)


@st.composite
def channels(draw: Any, dims_in: Sequence[int] | None = None, dims_out: Sequence[int] | None = None) -> Channel:
    """Draw trace-preserving channels: the identity, unitary, and of few or many Kraus operators."""
    inside = draw(dimensions(1)) if dims_in is None else tuple(dims_in)
    outside = inside if dims_out is None else tuple(dims_out)
    if inside == outside and draw(st.booleans()):
        return Channel.from_unitary(draw(unitaries(int(np.prod(inside)))), inside)
    least = -(-int(np.prod(inside)) // int(np.prod(outside)))
    return random_channel(inside, outside, num_kraus=least + draw(st.integers(0, 3)), rng=draw(_generators()))
