"""Is it a channel? A report of the properties of a map, with the worst violation of each and the likely mistake.

The map is judged by its superoperator, so that maps that are no channels can be judged as well.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from . import _checks, _judged
from ._checks import Complexes, Floats
from ._diagnosis import diagnose
from ._evidence import Facts
from ._judged import Family, Judged, family, is_function
from .channels import Channel
from .errors import DimensionError, ParameterTypeError
from .preparations import random_state
from .states import DensityMatrix

__all__ = ["Check", "Verification", "verify_channel"]

_DURATIONS_S = (1e-3, 0.1, 0.5, 1.0, 3.0)
_QUTIP_POINTS = 16  # of a batch, spread evenly over it
_STATES, _QUTIP_STATES = 16, 4
_COMPARISONS = {"expected": "as expected", "lindblad": "Lindblad form", "limit": "limit at long times"}


@dataclass(frozen=True, slots=True)
class Check:
    """One property: the worst violation found, what is allowed, and where it was found."""

    name: str
    worst: float
    tolerance: float
    where: str = ""

    @property
    def passed(self) -> bool:
        """Whether the worst violation is within the tolerance (NaN is not)."""
        return self.worst <= self.tolerance


@dataclass(frozen=True, slots=True)
class Verification:
    """The checks that were made, and the mistakes that would explain what is violated; prints as a table."""

    checks: tuple[Check, ...]
    diagnoses: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether every check passed."""
        return all(check.passed for check in self.checks)

    def __str__(self) -> str:
        rows = [f"{'property':<28}{'worst':>10}{'allowed':>10}  verdict"]
        for check in self.checks:
            verdict = "holds" if check.passed else f"VIOLATED {check.where}".rstrip()
            rows.append(f"{check.name:<28}{check.worst:>10.1e}{check.tolerance:>10.1e}  {verdict}")
        return "\n".join([*rows, *(f"likely mistake: {sentence}" for sentence in self.diagnoses)])


def _worst(name: str, violations: Sequence[tuple[str, Floats]], tolerance: float) -> Check:
    """Return the check of a property measured at several places, each with an array over the batch."""
    peaks = [float(np.max(values)) for _, values in violations]
    place, values = violations[int(np.argmax(peaks))]
    index = tuple(int(i) for i in np.unravel_index(np.argmax(values), np.shape(values)))
    words = _joined(place, f"batch index {index}" if index else "")
    worst = float(np.maximum(0.0, np.max(peaks))) + 0.0  # NaN stays NaN, and -0.0 does not stay
    return Check(name, worst, tolerance, f"at {words}" if words else "")


def _joined(*words: str) -> str:
    return ", ".join(filter(None, words))


def _property_checks(maps: Sequence[Judged], unital: bool, kept: bool, states: Complexes, atol: float) -> list[Check]:
    """Check what must hold for each map by itself."""
    laws: dict[str, Callable[[Judged], Floats]] = {
        "Hermiticity preserved": _judged.skewness,
        "complete positivity": _judged.negativity,
        "trace preserved" if kept else "trace not raised": _judged.trace_gap if kept else _judged.trace_gain,
        "trace distance contracts": partial(_judged.expansion, states=states),
    }
    if unital:
        laws["unital"] = _judged.mixed_gap
    if maps[0].function is not None:
        laws["linear"] = partial(_judged.nonlinearity, states=states)
    return [_worst(name, [(m.place, measure(m)) for m in maps], atol) for name, measure in laws.items()]


def _moved(m: Judged, states: Complexes) -> Any:
    """Return what the engine makes of states (N, D_in, D_in), shape (..., N, D_out, D_out)."""
    if m.channel is None:
        return m(states)
    spread = states.reshape(len(states), *(1,) * len(m.channel.batch_shape), *states.shape[1:])
    rho = DensityMatrix(spread, m.channel.dims_in, check=False)
    return np.moveaxis(rho.apply(m.channel, tuple(range(len(rho.dims)))).matrix, 0, -3)


def _representation_gaps(m: Judged, channel: Channel, states: Complexes) -> list[tuple[str, Floats]]:
    """Compare what the engine does to states with Kraus operators, Choi matrix and superoperator."""
    kraus = channel.kraus()[..., None, :, :, :]
    split = m.choi.reshape(*channel.batch_shape, m.size_in, m.size_out, m.size_in, m.size_out)
    images = {
        "Kraus operators": (kraus @ states[:, None] @ _judged.adjoint(kraus)).sum(axis=-3),
        "superoperator": m(states),
        "Choi matrix": np.einsum("...iojp,nij->...nop", split, states),
    }
    gaps = {name: np.abs(image - _moved(m, states)).max(axis=(-1, -2, -3)) for name, image in images.items()}
    return [(_joined(m.place, name), gap) for name, gap in gaps.items()]


def _qutip_gap(m: Judged, kraus: Complexes, states: Complexes) -> Floats:
    """Compare images and Choi eigenvalues with QuTiP's at some points of the batch; the others stay at 0."""
    import qutip

    operators, moved, choi = (
        a.reshape(-1, *a.shape[-n:]) for a, n in ((kraus, 3), (_moved(m, states), 3), (m.choi, 2))
    )
    gaps = np.zeros(len(operators))
    for k in np.unique(np.linspace(0, len(gaps) - 1, _QUTIP_POINTS).astype(int)):
        superop = sum(qutip.sprepost(item, item.dag()) for item in map(qutip.Qobj, operators[k]))
        columns = [superop * qutip.operator_to_vector(qutip.Qobj(rho)) for rho in states]
        images = np.array([qutip.vector_to_operator(column).full() for column in columns])
        values = np.sort(qutip.to_choi(superop).eigenenergies())
        gaps[k] = max(np.abs(images - moved[k]).max(), np.abs(values - np.linalg.eigvalsh(choi[k])).max())
    return gaps.reshape(kraus.shape[:-3])


def _second_opinions(maps: Sequence[Judged], with_qutip: bool, states: Complexes, atol: float) -> list[Check]:
    """Check channels against their own representations, and channels and Kraus operators against QuTiP."""
    own = [gap for m in maps if m.channel is not None for gap in _representation_gaps(m, m.channel, states)]
    known = [(m, m.kraus if m.channel is None else m.channel.kraus()) for m in maps if min(m.size_in, m.size_out) > 1]
    theirs = [(m.place, _qutip_gap(m, kraus, states)) for m, kraus in known if with_qutip and kraus is not None]
    named = (("representations agree", own), ("agreement with QuTiP", theirs))
    return [_worst(name, gaps, atol) for name, gaps in named if gaps]


def _evolution_checks(at: Family, times: Sequence[float], semigroup: bool, atol: float) -> list[Check]:
    """Check what must hold between the maps of different durations."""
    start = at(0.0)
    if start.size_in != start.size_out:
        raise DimensionError(
            f"Parameter `channel_or_factory` must map a dimension to itself to evolve, "
            f"but maps {start.size_in} to {start.size_out}."
        )
    moved = np.abs(start.superop - np.eye(start.size_in**2)).max(axis=(-1, -2))
    checks = [_worst("identity at t = 0", [("t = 0", moved)], atol)]
    if semigroup:
        pairs = [
            (f"{s:g} s then {t:g} s", at(t).superop @ at(s).superop, at(s + t).superop) for s, t in pairwise(times)
        ]
        gaps = [(place, np.abs(parts - whole).max(axis=(-1, -2))) for place, parts, whole in pairs]
        checks.append(_worst("semigroup", gaps, atol))
    return checks


def _comparison(parameter: str, maps: Sequence[Judged], meant: Sequence[Judged], atol: float) -> Check:
    """Compare superoperators entry by entry with what they were meant to be."""
    gaps = []
    for m, wanted in zip(maps, meant, strict=True):
        sizes, needed = (wanted.size_in, wanted.size_out), (m.size_in, m.size_out)
        if sizes != needed:
            raise DimensionError(
                f"Parameter `{parameter}` must map dimension {needed[0]} to {needed[1]}, but maps {sizes[0]} to {sizes[1]}."
            )
        _checks.broadcast(**{"channel_or_factory": m.superop.shape[:-2], parameter: wanted.superop.shape[:-2]})
        gap = np.abs(m.superop - wanted.superop)
        gaps.append((_joined(m.place, _entry(gap, *needed)), gap.max(axis=(-1, -2))))
    return _worst(_COMPARISONS[parameter], gaps, atol)


def _entry(gap: Floats, size_in: int, size_out: int) -> str:
    """Name the largest element of a superoperator on column-stacked matrices."""
    *_, row, column = np.unravel_index(np.argmax(gap), gap.shape)
    return f"<{row % size_out}|E(|{column % size_in}><{column // size_in}|)|{row // size_out}>"


def _times(durations_s: Sequence[float] | None) -> tuple[float, ...]:
    times = _checks.real(_DURATIONS_S if durations_s is None else durations_s, "durations_s", low=0.0)
    if times.ndim != 1 or times.size < 2:
        raise ParameterTypeError(f"Parameter `durations_s` must hold at least two durations, but is {durations_s!r}.")
    return tuple(float(time) for time in times)


def _refuse_times(**given: Any) -> None:
    """Refuse what has no meaning for a fixed map."""
    for name in (name for name, value in given.items() if value is not None):
        rule = "must be None unless `channel_or_factory` is a function of a duration"
        raise ParameterTypeError(f"Parameter `{name}` {rule}, but is {given[name]!r:.80}.")


def verify_channel(
    channel_or_factory: Any, *, durations_s: Sequence[float] | None = None, dims: int | Sequence[int] | None = None,
    expected: Any = None, lindblad: tuple[ArrayLike | None, Sequence[ArrayLike]] | None = None, limit: Any = None,
    limit_s: float | None = None, semigroup: bool = True, unital: bool = False, trace_preserving: bool = True,
    with_qutip: bool = False, atol: float = 1e-9, rng: np.random.Generator | None = None,
) -> Verification:  # fmt: skip
    """Return a report of the properties of a map, with the worst violation of each, where it is, and its likely cause.

    Parameters
    ----------
    channel_or_factory
        A Channel; Kraus operators of shape (..., K, D_out, D_in); a QuTiP superoperator or a list of QuTiP operators;
        a function of a duration in seconds that returns one of these; with ``dims``, a function of a density matrix.
    durations_s : sequence of float, optional
        Where a function of a duration is tried; five times between 1 ms and 3 s if not given. Given together with
        ``dims``, it says that the function takes a duration and returns a function of a density matrix.
    dims : int or sequence of int, optional
        What a function of a density matrix takes: NumPy arrays of shape (D, D), D the product.
    expected : optional
        What it was meant to be, in any of these forms.
    lindblad : (hamiltonian or None, jumps), optional
        The generator in rad/s and 1/√s, as for ``Channel.from_lindblad``: what a function of a duration was meant to be.
    limit, limit_s : optional
        The fixed map that is reached after this long time.
    semigroup, unital, trace_preserving : bool
        Whether durations add up, 1/D goes to 1/D, the trace stays (False: it does not rise).
    with_qutip : bool
        Compare a Channel or Kraus operators with QuTiP as well: images of states, eigenvalues of the Choi matrix.
    rng : numpy.random.Generator, optional
        For the states that are tried; a fixed seed if not given.

    Examples
    --------
    >>> report = verify_channel([[[1, 0], [0, 0.8]], [[0, 0.36], [0, 0]]])
    >>> [check.name for check in report.checks if not check.passed]
    ['trace preserved']
    >>> report.diagnoses
    ('a probability stands where its square root belongs, in Kraus operator 1 (counted from 0)',)
    """
    _checks.real(atol, "atol", low=0.0)
    size = None if dims is None else math.prod(_checks.dims(dims))
    timed = is_function(channel_or_factory) and (dims is None or durations_s is not None)
    if not timed:
        _refuse_times(durations_s=durations_s, lindblad=lindblad, limit=limit, limit_s=limit_s)
    if (limit is None) != (limit_s is None):
        raise ParameterTypeError(f"Parameter `limit_s` must be given together with `limit`, but is {limit_s!r}.")
    times = _times(durations_s) if timed else (0.0,)
    at = family(channel_or_factory, "channel_or_factory", size, timed)
    maps = [at(time) for time in times]
    meant = {}
    if expected is not None:
        meant["expected"] = family(expected, "expected", size, timed and is_function(expected))
    if lindblad is not None:
        meant["lindblad"] = _judged.lindblad_family(lindblad)
    wanted = {name: [reference(time) for time in times] for name, reference in meant.items()}
    generator = np.random.default_rng(0) if rng is None else rng
    states = random_state(maps[0].size_in if maps[0].size_in > 1 else (), batch_shape=(_STATES,), rng=generator).matrix
    checks = _property_checks(maps, unital, trace_preserving, states, atol)
    checks += _second_opinions(maps, with_qutip, states[:_QUTIP_STATES], atol)
    checks += _evolution_checks(at, times, semigroup, atol) if timed else []
    checks += [_comparison(name, maps, items, atol) for name, items in wanted.items()]
    if limit_s is not None:
        final = at(float(_checks.real(limit_s, "limit_s", low=0.0)))
        checks.append(_comparison("limit", [final], [_judged.judged(limit, "limit", size)], atol))
    failed = frozenset(check.name for check in checks if not check.passed)
    facts = Facts(failed, tuple(maps), tuple(next(iter(wanted.values()), ())), times if timed else (), at)
    return Verification(tuple(checks), diagnose(facts))
