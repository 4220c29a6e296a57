"""Hypothesis strategies for states, channels and parameters, to test one's own maps with.

Needs the extra ``qnet-engine[verify]``. Each kind of state and channel has exact examples (basis states, Bell states,
Pauli gates, equal weights) and random ones, made from a seed. Draws shrink from random to exact, towards the kinds
named first and towards few, small subsystems. With a counterexample Hypothesis prints the call that makes it again,
such as ``qnet_core._draws.entangled(dims=(2, 2), batch_shape=(), noise=0.25)``.
"""

import math
from collections.abc import Callable, Collection, Sequence
from typing import TypeVar

import numpy as np
from hypothesis import note
from hypothesis import strategies as st

from . import _checks, _draws
from ._checks import Complexes, Dims
from ._draws import Case, Details
from .channels import Channel
from .errors import DimensionError, ParameterError, ParameterTypeError
from .states import DensityMatrix

__all__ = [
    "angles",
    "channels",
    "dimensions",
    "durations",
    "parameters_at_edges",
    "probabilities",
    "relaxation_times",
    "states",
    "unitaries",
]

Drawn = TypeVar("Drawn")
Kind = tuple[Callable[..., Drawn], Callable[[Case], Details]]  # what makes it, and what is drawn beside a seed
_SEEDS = st.integers(0, 2**32 - 1)
_TINY = st.sampled_from([1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8, 1e-9])
_ANY_DIMENSIONS = {"cptp", "trace-decreasing"}


def probabilities() -> st.SearchStrategy[float]:
    """Draw numbers in [0, 1], the ends and their neighbours often; they shrink to 0."""
    edges = st.sampled_from([0.0, 1.0, 0.5, 1e-12, 1 - 1e-12])
    return edges | st.floats(0, 1)


def durations(max_value: float = 1e3) -> st.SearchStrategy[float]:
    """Draw durations in seconds from 0 to ``max_value``, very short ones too; they shrink to 0."""
    return st.sampled_from([0.0, 1e-9, max_value]) | st.floats(0, max_value)


def parameters_at_edges(low: float, high: float) -> st.SearchStrategy[float]:
    """Draw numbers in [low, high], often the ends and the next numbers inside; they shrink to ``low``."""
    least = float(_checks.real(low, "low"))
    most = float(_checks.real(high, "high", low=least))
    inside = [float(np.nextafter(least, most)), float(np.nextafter(most, least))]
    return st.sampled_from([least, most, *inside]) | st.floats(least, most)


def angles() -> st.SearchStrategy[float]:
    """Draw angles in [-2π, 2π] rad, often 0, ±π/2 and ±π; they shrink to 0."""
    quarters = [quarter * math.pi / 2 for quarter in (0, 1, -1, 2, -2)]
    return st.sampled_from(quarters) | st.floats(-2 * math.pi, 2 * math.pi)


def relaxation_times(max_value: float = 1e3) -> st.SearchStrategy[tuple[float, float]]:
    """Draw ``(t1_s, t2_s)`` with 0 < t2_s <= 2 t1_s, finite ones of at most ``max_value`` and twice it.

    Often ``t2 = t1``, ``t2 = 2 t1`` and the number below it, ``t1 = inf`` with a finite t2, and both
    infinite, which is no decay at all. They shrink to equal and finite times, to 1 s where allowed.
    """
    longest = float(_checks.real(max_value, "max_value", low=1e-6))
    times = st.sampled_from([min(1.0, longest), longest, math.inf]) | st.floats(1e-6, longest)
    ratios = st.just(1.0) | parameters_at_edges(1e-6, 2.0)
    return times.flatmap(lambda t1: st.tuples(st.just(t1), times if t1 == math.inf else ratios.map(t1.__mul__)))


def dimensions(max_subsystems: int = 2, max_dim: int = 4) -> st.SearchStrategy[Dims]:
    """Draw the dimensions of one to ``max_subsystems`` subsystems; they shrink to one qubit."""
    return st.lists(st.integers(2, max_dim), min_size=1, max_size=max_subsystems).map(tuple)


# In the order of shrinking. The fewer draws an example takes, the simpler it is: none for the first, one for most exact ones.
_STATES: dict[str, Kind[DensityMatrix]] = {
    "basis": (_draws.basis_state, lambda case: {} if case.exact else case.levels()),
    "pure": (_draws.pure, Case.quarters),
    "mixed": (_draws.mixed, Case.weights),
    "rank-deficient": (_draws.rank_deficient, Case.ranks),
    "near-singular": (_draws.near_singular, lambda case: {"weight": st.sampled_from([1e-6, 1e-9, 1e-12])}),
    "separable": (_draws.separable, lambda case: {"terms": st.integers(1, 4)}),
    "entangled": (_draws.entangled, Case.noises),
}
_CHANNELS: dict[str, Kind[Channel]] = {
    "identity": (_draws.identity, lambda case: {}),
    "unitary": (_draws.unitary, Case.gates),
    "pauli": (_draws.pauli, Case.strings),
    "unital": (_draws.unital, lambda case: {"count": st.integers(2, 4)}),
    "cptp": (_draws.cptp, lambda case: case.operators(1)),
    "near-unitary": (_draws.near_unitary, lambda case: {"weight": _TINY}),
    "trace-decreasing": (_draws.trace_decreasing, lambda case: case.operators(2)),
}


def _exact_or_none(names: Sequence[str]) -> st.SearchStrategy[str | None]:
    """Draw an exact example, or None for a random one: of eleven, for of more Hypothesis would not try each lower one."""
    return st.sampled_from([*names, *[None] * (11 - len(names))])


def _variant(draw: st.DrawFn, kinds: list[str]) -> tuple[str, bool]:
    """Draw a kind, and whether it is an exact example of it; a random example takes two draws, even of one kind."""
    random = [kind for kind in kinds if kind != "identity"]
    exact = draw(_exact_or_none(kinds) if random else st.sampled_from(kinds))
    return (exact, True) if exact else (draw(st.sampled_from(random if len(random) > 1 else random * 2)), False)


def _made(draw: st.DrawFn, kind: Kind[Drawn], case: Case, **place: Dims) -> Drawn:
    """Draw the details, and a seed of a random example, and note the call, which is printed with a counterexample."""
    make, details = kind
    strategies = details(case)
    seed = {} if case.exact or "level" in strategies else {"seed": _SEEDS}
    drawn = {name: draw(values) for name, values in (strategies | seed).items()}
    text = ", ".join(f"{name}={value!r}" for name, value in (place | drawn).items())
    note(f"Drawn: {make.__module__}.{make.__name__}({text})")
    return make(**place, **drawn)


def _chosen(kinds: Collection[str] | None, possible: list[str], where: str) -> list[str]:
    """Return the kinds to draw, the simplest first, or refuse those that are not possible."""
    if kinds is None:
        return [kind for kind in possible if kind != "trace-decreasing"]
    if isinstance(kinds, str) or not isinstance(kinds, Collection):
        raise ParameterTypeError(f"Parameter `kinds` must be a sequence of names, but is {kinds!r}.")
    if not kinds or not all(kind in possible for kind in kinds):
        raise ParameterError(f"Parameter `kinds` must be among {', '.join(possible)}{where}, but is {kinds!r}.")
    return [kind for kind in possible if kind in kinds]


@st.composite
def _states(draw: st.DrawFn, kinds: list[str], dims: Dims | None, batch: Dims) -> DensityMatrix:
    kind, exact = _variant(draw, kinds)
    sizes = draw(dimensions()) if dims is None else dims
    sizes = sizes * 2 if kind == "entangled" and len(sizes) == 1 else sizes
    return _made(draw, _STATES[kind], Case(exact, sizes, sizes), dims=sizes, batch_shape=batch)


def states(
    dims: int | Sequence[int] | None = None, batch_shape: int | Sequence[int] = (), kinds: Collection[str] | None = None
) -> st.SearchStrategy[DensityMatrix]:
    """Draw normalized states, shrinking to the states |0>, |1>, |+> and 1/2 of a qubit.

    Parameters
    ----------
    dims : optional
        One or two subsystems of two to four levels if not given.
    batch_shape : optional
        Random states differ from point to point.
    kinds : optional
        Which to draw, all that the dimensions allow if not given. In the order of shrinking:

        - "basis": a basis state, at each further point of a batch the next one
        - "pure": all levels in superposition, for a qubit |+>, |r>, |-> and |l>, or random
        - "mixed": maximally mixed, or with |0>, or random of full rank
        - "rank-deficient": with eigenvalues 0 (pure for one qubit, else of rank 2 at least)
        - "near-singular": pure but for a weight of 1e-6 to 1e-12
        - "separable": a mixture of one to four product states
        - "entangled": of at least two subsystems, maximally entangled but for white noise and a
          rotation of each subsystem; its partial transpose is negative for each cut in two parts

    Raises
    ------
    ParameterError
        Where ``kinds`` holds another name, or "entangled" for one subsystem.
    """
    sizes = None if dims is None else _checks.dims(dims)
    if sizes == ():
        raise DimensionError("Parameter `dims` must hold at least one dimension, but is ().")
    possible = [kind for kind in _STATES if kind != "entangled" or sizes is None or len(sizes) > 1]
    where = "" if sizes is None else f" for the dimensions {sizes}"
    return _states(_chosen(kinds, possible, where), sizes, _checks.shape(batch_shape, "batch_shape"))


def unitaries(dim: int = 2) -> st.SearchStrategy[Complexes]:
    """Draw unitary matrices: the identity, shift, clock, their product, phases i^k, the Fourier matrix, or random ones.

    For a qubit the exact ones are 1, X, Z, XZ, S and the Hadamard gate. They shrink to the identity.
    """
    place = {"dim": st.just(_checks.integer(dim, "dim", 1)), "batch_shape": st.just(())}
    return _exact_or_none(_draws.GATES).flatmap(
        lambda name: st.builds(_draws.unitaries, **place, **({"name": st.just(name)} if name else {"seed": _SEEDS}))
    )


@st.composite
def _channels(draw: st.DrawFn, kinds: list[str], dims_in: Dims | None, dims_out: Dims | None, batch: Dims) -> Channel:
    kind, exact = _variant(draw, kinds)
    free = kind in _ANY_DIMENSIONS
    inside = dims_out if dims_in is None and not free else dims_in
    if inside is None:
        inside = draw(dimensions(1, max_dim=2 if kind == "pauli" else 4))
    outside = inside if dims_out is None else dims_out
    place = {"dims_in": inside, "dims_out": outside} if free else {"dims": inside}
    return _made(draw, _CHANNELS[kind], Case(exact, inside, outside), **place, batch_shape=batch)


def _possible_channels(dims_in: Dims | None, dims_out: Dims | None) -> list[str]:
    known = {dims for dims in (dims_in, dims_out) if dims is not None}
    possible = set(_CHANNELS) if len(known) < 2 and () not in known else set(_ANY_DIMENSIONS)
    if any(dim != 2 for dims in known for dim in dims):
        possible -= {"pauli"}
    return [kind for kind in _CHANNELS if kind in possible]


def channels(
    dims_in: int | Sequence[int] | None = None, dims_out: int | Sequence[int] | None = None,
    kinds: Collection[str] | None = None, batch_shape: int | Sequence[int] = (),
) -> st.SearchStrategy[Channel]:  # fmt: skip
    """Draw channels, trace-preserving unless asked otherwise, shrinking to gates on a qubit.

    Parameters
    ----------
    dims_in, dims_out : optional
        One subsystem of two to four levels, and the same as go in, if not given.
    kinds : optional
        Which to draw; if not given, all but the last that the dimensions allow. In the order of shrinking:

        - "identity": what does nothing
        - "unitary": X, Z, XZ, S, H and their likes for more levels, or random
        - "pauli": on qubits, a Pauli gate, such a gate or nothing, or a random mixture of up to four
        - "unital": a mixture of two to four unitaries
        - "cptp": the map of every state to one level, or random with few Kraus operators
        - "near-unitary": a unitary followed by noise of weight 1e-3 to 1e-9
        - "trace-decreasing": the projection on one level, or random without one of its Kraus operators

        Only "cptp" and "trace-decreasing" have an output that differs from the input.
    batch_shape : optional
        Random channels differ from point to point.

    Raises
    ------
    ParameterError
        Where ``kinds`` holds another name, or one that the dimensions don't allow.
    """
    inside = None if dims_in is None else _checks.dims_or_nothing(dims_in, "dims_in")
    outside = None if dims_out is None else _checks.dims_or_nothing(dims_out, "dims_out")
    given = [f" {name} {dims}" for name, dims in (("dims_in", inside), ("dims_out", outside)) if dims is not None]
    possible = _possible_channels(inside, outside)
    chosen = _chosen(kinds, possible, f" for{' and'.join(given)}" if given else "")
    return _channels(chosen, inside, outside, _checks.shape(batch_shape, "batch_shape"))
