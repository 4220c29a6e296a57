"""What the strategies draw: functions that make states and channels of each kind, and strategies for their details.

Without a seed each makes one exact example, at every point of a batch the same (but the next basis state); with a
seed random ones, another at every point. ``dims`` and ``batch_shape`` are tuples.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import product
from typing import Any

import numpy as np
from hypothesis import strategies as st

from ._checks import Complexes, Dims, Floats
from ._conversions import _kron
from .basis import gell_mann
from .channels import Channel
from .preparations import _ginibre, pure_state, random_channel, random_state
from .states import DensityMatrix

Details = dict[str, st.SearchStrategy[Any]]
Seed = int | np.random.Generator | None

GATES = ("identity", "shift", "clock", "shift-clock", "phase", "fourier")  # for a qubit 1, X, Z, XZ, S and H
_POWERS = {"identity": (0, 0), "shift": (1, 0), "clock": (0, 1), "shift-clock": (1, 1)}
_QUARTERS = np.array([1, 1j, -1, -1j])


@dataclass(frozen=True, slots=True)
class Case:
    """Whether an example is exact, and its dimensions: what the strategies of the other arguments depend on."""

    exact: bool
    dims_in: Dims
    dims_out: Dims

    def levels(self) -> Details:
        return {"level": st.integers(0, min(math.prod(self.dims_in), math.prod(self.dims_out)) - 1)}

    def quarters(self) -> Details:
        return {"quarters": st.integers(0, 3)} if self.exact else {}

    def ranks(self) -> Details:
        size = math.prod(self.dims_in)
        return {"rank": st.integers(min(2, size - 1), size - 1)}

    def weights(self) -> Details:
        return {"weight": st.sampled_from([1.0, 0.5])} if self.exact else {}

    def noises(self) -> Details:
        return {"noise": st.sampled_from([0.0, 0.25, 0.5]) if self.exact else st.floats(0, 0.6)}

    def gates(self) -> Details:
        return {"name": st.sampled_from(GATES[1:])} if self.exact else {}

    def operators(self, least: int) -> Details:
        """Draw how many operators a random map has, as few as can keep the trace or some more; of others the level."""
        fewest = max(least, -(-math.prod(self.dims_in) // math.prod(self.dims_out)))
        return self.levels() if self.exact else {"num_kraus": st.integers(fewest, fewest + 3)}

    def strings(self) -> Details:
        """Draw Pauli gates to mix: one, or one and the identity; up to four for random weights."""
        none, *others = map("".join, product("IXYZ", repeat=len(self.dims_in)))
        exact = st.sampled_from([(one,) for one in others] + [(none, one) for one in others])
        several = st.lists(st.sampled_from([none, *others]), min_size=1, max_size=4, unique=True)
        return {"strings": exact if self.exact else several}


def _generator(seed: Seed) -> np.random.Generator | None:
    return None if seed is None else np.random.default_rng(seed)


def _unitaries(size: int, shape: Dims, rng: np.random.Generator | None) -> Complexes:
    """Return Haar-random unitaries (Mezzadri, arXiv:math-ph/0609050), identities without a generator."""
    if rng is None:
        return np.broadcast_to(np.eye(size, dtype=complex), (*shape, size, size))
    q, r = np.linalg.qr(_ginibre(rng, (*shape, size, size)))
    diagonal = np.diagonal(r, axis1=-2, axis2=-1)
    unitaries: Complexes = q * (diagonal / np.abs(diagonal))[..., None, :]
    return unitaries


def _rotations(dims: Dims, shape: Dims, rng: np.random.Generator | None) -> Complexes:
    """Return products of one unitary on each subsystem."""
    return reduce(_kron, [_unitaries(dim, shape, rng) for dim in dims])


def _weights(count: int, shape: Dims, rng: np.random.Generator | None) -> Floats:
    """Return weights that sum to 1, equal ones without a generator."""
    return np.full((*shape, count), 1 / count) if rng is None else rng.dirichlet(np.ones(count), shape)


def _equal_levels(dims: Dims, count: int) -> Floats:
    """Return |00...0>, |11...1>, ... as rows, each subsystem counting modulo its dimension."""
    rows = np.zeros((count, *dims))
    for level in range(count):
        rows[(level, *(level % dim for dim in dims))] = 1
    return rows.reshape(count, -1)


def basis_state(dims: Dims, batch_shape: Dims, level: int = 0) -> DensityMatrix:
    """Return a basis state of the whole system, at each further point of the batch the next one."""
    size = math.prod(dims)
    levels = (level + np.arange(math.prod(batch_shape))) % size
    return pure_state(np.eye(size)[levels].reshape(*batch_shape, size), dims)


def pure(dims: Dims, batch_shape: Dims, quarters: int = 0, seed: Seed = None) -> DensityMatrix:
    """Return the sum of all levels with phases of so many quarter turns per level, or random pure states."""
    if seed is not None:
        return random_state(dims, rank=1, batch_shape=batch_shape, rng=np.random.default_rng(seed))
    size = math.prod(dims)
    return pure_state(_QUARTERS[quarters * np.arange(size) % 4] / math.sqrt(size), dims).broadcast_to(batch_shape)


def mixed(dims: Dims, batch_shape: Dims, weight: float = 1, seed: Seed = None) -> DensityMatrix:
    """Return |00...0> with a weight of the maximally mixed state, or random states of full rank."""
    if seed is not None:
        return random_state(dims, batch_shape=batch_shape, rng=np.random.default_rng(seed))
    size = math.prod(dims)
    matrix = np.diag((1 - weight) * np.eye(size)[0] + weight / size)
    return DensityMatrix(matrix, dims).broadcast_to(batch_shape)


def rank_deficient(dims: Dims, batch_shape: Dims, rank: int, seed: Seed = None) -> DensityMatrix:
    """Return the first ``rank`` levels with equal weights, or random states of that rank."""
    if seed is not None:
        return random_state(dims, rank=rank, batch_shape=batch_shape, rng=np.random.default_rng(seed))
    matrix = np.diag((np.arange(math.prod(dims)) < rank) / rank)
    return DensityMatrix(matrix, dims).broadcast_to(batch_shape)


def near_singular(dims: Dims, batch_shape: Dims, weight: float, seed: Seed = None) -> DensityMatrix:
    """Return a pure state with a tiny weight of a state of full rank."""
    rng = _generator(seed)
    most, rest = (make(dims, batch_shape, seed=rng).matrix for make in (pure, mixed))
    return DensityMatrix((1 - weight) * most + weight * rest, dims, check=False)


def separable(dims: Dims, batch_shape: Dims, terms: int, seed: Seed = None) -> DensityMatrix:
    """Return mixtures of ``terms`` product states: of |00...0>, |11...1>, ..., or of random ones."""
    rng = _generator(seed)
    shape = (*batch_shape, terms)
    vectors = (_rotations(dims, shape, rng) @ _equal_levels(dims, terms)[..., None])[..., 0]
    weighted = _weights(terms, batch_shape, rng)[..., None] * vectors
    return DensityMatrix(weighted.swapaxes(-1, -2) @ vectors.conj(), dims, check=False)


def entangled(dims: Dims, batch_shape: Dims, noise: float, seed: Seed = None) -> DensityMatrix:
    """Return ``(1 - noise) |psi><psi| + noise 1/D`` with ``psi ~ sum_k |kk...k>``, or locally rotated.

    The sum has m = min(dims) terms. Whatever the cut in two parts, the partial transpose has the
    eigenvalue ``noise/D - (1 - noise)/m``, negative for ``noise < D/(D + m)``, which is 2/3 at least.
    """
    vector = _equal_levels(dims, min(dims)).sum(axis=0) / math.sqrt(min(dims))
    vectors = _rotations(dims, batch_shape, _generator(seed)) @ vector
    projector = vectors[..., :, None] * vectors[..., None, :].conj()
    white = np.eye(len(vector)) / len(vector)
    return DensityMatrix((1 - noise) * projector + noise * white, dims, check=False)


def gate(name: str, dim: int) -> Complexes:
    """Return X^a Z^b of the shift |k> -> |k+1> and the clock |k> -> w^k |k>, or the matrix of i^k on the diagonal or of w^jk/√d.

    Here ``w = exp(2 pi i/d)``, and levels are counted modulo d.
    """
    steps = np.arange(dim)
    if name == "phase":
        return np.diag(_QUARTERS[steps % 4])
    roots = np.exp(2j * np.pi / dim * (np.outer(steps, steps) % dim))
    for part in (roots.real, roots.imag):
        part[np.abs(part) < 1e-15] = 0  # so that the gates of a qubit are exact
    shift, clock = _POWERS.get(name, (0, 0))
    weyl = np.roll(np.diag(roots[clock % dim]), shift, axis=0)
    return np.asarray(roots / math.sqrt(dim) if name == "fourier" else weyl)


def unitaries(dim: int, batch_shape: Dims, name: str = "identity", seed: Seed = None) -> Complexes:
    """Return a gate, or random unitaries."""
    rng = _generator(seed)
    if rng is not None:
        return _unitaries(dim, batch_shape, rng)
    return np.array(np.broadcast_to(gate(name, dim), (*batch_shape, dim, dim)))


def _random_unitary_channel(weights: Floats, unitaries: Complexes, dims: Dims) -> Channel:
    return Channel.from_kraus(np.sqrt(weights)[..., None, None] * unitaries, dims, dims)


def identity(dims: Dims, batch_shape: Dims) -> Channel:
    """Return the map that does nothing."""
    return Channel.identity(dims).broadcast_to(batch_shape)


def unitary(dims: Dims, batch_shape: Dims, name: str = "identity", seed: Seed = None) -> Channel:
    """Return a gate, or random unitary maps."""
    return Channel.from_unitary(unitaries(math.prod(dims), batch_shape, name, seed), dims)


def pauli(dims: Dims, batch_shape: Dims, strings: Sequence[str], seed: Seed = None) -> Channel:
    """Return a mixture of products of Pauli gates such as "XI", of equal or random weights."""
    gates = [reduce(np.kron, gell_mann(2)[["IXYZ".index(letter) for letter in string]]) for string in strings]
    weights = _weights(len(strings), batch_shape, _generator(seed))
    return _random_unitary_channel(weights, np.array(gates), dims)


def unital(dims: Dims, batch_shape: Dims, count: int, seed: Seed = None) -> Channel:
    """Return an equal mixture of the first ``count`` gates, or a random mixture of random unitaries."""
    size, rng = math.prod(dims), _generator(seed)
    gates = np.array([gate(name, size) for name in GATES[:count]])
    mixed = gates if rng is None else _unitaries(size, (*batch_shape, count), rng)
    return _random_unitary_channel(_weights(count, batch_shape, rng), mixed, dims)


def cptp(
    dims_in: Dims, dims_out: Dims, batch_shape: Dims, level: int = 0, num_kraus: int | None = None, seed: Seed = None
) -> Channel:
    """Return the map of every state to one level, or random maps with ``num_kraus`` Kraus operators."""
    if seed is not None:
        rng = np.random.default_rng(seed)
        return random_channel(dims_in, dims_out, num_kraus=num_kraus, batch_shape=batch_shape, rng=rng)
    size = math.prod(dims_in)
    kraus = np.zeros((size, math.prod(dims_out), size))
    kraus[range(size), level, range(size)] = 1
    return Channel.from_kraus(kraus, dims_in, dims_out).broadcast_to(batch_shape)


def near_unitary(dims: Dims, batch_shape: Dims, weight: float, name: str = "identity", seed: Seed = None) -> Channel:
    """Return a unitary followed, with a tiny probability ``weight``, by the map to |0> or by random noise."""
    rng = _generator(seed)
    noise = cptp(dims, dims, batch_shape, num_kraus=2, seed=rng).transfer
    after = (1 - weight) * np.eye(noise.shape[-1]) + weight * noise
    return unitary(dims, batch_shape, name, rng).then(Channel.from_transfer(after, dims))


def trace_decreasing(
    dims_in: Dims, dims_out: Dims, batch_shape: Dims, level: int = 0, num_kraus: int | None = None, seed: Seed = None
) -> Channel:
    """Return the projection on one level, or random maps without the smallest of their Kraus operators."""
    if seed is not None:
        whole = cptp(dims_in, dims_out, batch_shape, num_kraus=num_kraus, seed=seed)
        return Channel.from_kraus(whole.kraus()[..., :-1, :, :], dims_in, dims_out)
    projection = np.zeros((1, math.prod(dims_out), math.prod(dims_in)))
    projection[0, level, level] = 1
    return Channel.from_kraus(projection, dims_in, dims_out).broadcast_to(batch_shape)
