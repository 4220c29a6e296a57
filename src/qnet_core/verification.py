"""Is it a channel? A report of the properties of a map, with the worst violation of each.

The map is judged by its superoperator, so that maps that are no channels can be judged as well.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from . import _checks, _conversions
from ._checks import Complexes, Floats
from .channels import Channel
from .errors import DimensionError, ParameterTypeError
from .preparations import random_state

__all__ = ["Check", "Verification", "verify_channel"]

_DURATIONS_S = (1e-3, 0.1, 0.5, 1.0, 3.0)


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
    """The checks that were made; prints as a table."""

    checks: tuple[Check, ...]

    @property
    def passed(self) -> bool:
        """Whether every check passed."""
        return all(check.passed for check in self.checks)

    def __str__(self) -> str:
        rows = [f"{'property':<28}{'worst':>10}{'allowed':>10}  verdict"]
        for check in self.checks:
            verdict = "holds" if check.passed else f"VIOLATED {check.where}"
            rows.append(f"{check.name:<28}{check.worst:>10.1e}{check.tolerance:>10.1e}  {verdict}")
        return "\n".join(rows)


@dataclass(frozen=True, slots=True)
class _Map:
    """A linear map of matrices by its superoperator on column-stacked matrices, one for each point."""

    superop: Complexes  # (points, D_out**2, D_in**2)
    size_in: int
    size_out: int
    label: str

    @property
    def choi(self) -> Any:
        size_in, size_out = self.size_in, self.size_out
        split = self.superop.reshape(-1, size_out, size_out, size_in, size_in)
        return split.transpose(0, 4, 2, 3, 1).reshape(-1, size_in * size_out, size_in * size_out)

    def __call__(self, rho: Complexes) -> Any:
        columns = rho.swapaxes(-1, -2).reshape(*rho.shape[:-2], -1)
        images = np.einsum("pij,...j->...pi", self.superop, columns)
        return images.reshape(*images.shape[:-1], self.size_out, self.size_out).swapaxes(-1, -2)


def _as_map(given: Any, label: str) -> _Map:
    if isinstance(given, Channel):
        size_in, size_out = math.prod(given.dims_in), math.prod(given.dims_out)
        return _Map(given.superop().reshape(-1, size_out**2, size_in**2), size_in, size_out, label)
    kraus = _checks.matrix(given, "channel_or_factory", ndim=3)
    size_out, size_in = kraus.shape[-2:]
    superop = _conversions._kron(kraus.conj(), kraus).sum(axis=-3)
    return _Map(superop.reshape(-1, size_out**2, size_in**2), size_in, size_out, label)


def _worst(name: str, violations: dict[str, Floats], tolerance: float) -> Check:
    """Return the check of a property measured at several places."""
    peaks = {label: float(np.max(values)) for label, values in violations.items()}
    label = max(peaks, key=lambda key: math.inf if math.isnan(peaks[key]) else peaks[key])
    return Check(name, max(0.0, peaks[label]), tolerance, f"at {label}" if label else "")


def _static_checks(maps: list[_Map], trace_preserving: bool, rng: np.random.Generator, atol: float) -> list[Check]:
    """Check what must hold for each map by itself."""

    def measured(name: str, measure: Callable[[_Map], Floats]) -> Check:
        return _worst(name, {item.label: measure(item) for item in maps}, atol)

    states = random_state(maps[0].size_in, batch_shape=(16,), rng=rng).matrix
    return [
        measured("Hermiticity preserved", lambda m: np.abs(m.choi - m.choi.conj().swapaxes(-1, -2))),
        measured("complete positivity", lambda m: -np.linalg.eigvalsh(m.choi)[..., 0]),
        measured("trace preserved", _trace_gap) if trace_preserving else measured("trace not raised", _trace_gain),
        measured("trace distance contracts", lambda m: _expansion(m, states)),
    ]


def _kept_trace(m: _Map) -> Any:
    """Return ``E†(1)``: the identity where the trace is preserved."""
    split = m.choi.reshape(-1, m.size_in, m.size_out, m.size_in, m.size_out)
    return np.trace(split, axis1=-3, axis2=-1)


def _trace_gap(m: _Map) -> Any:
    return np.abs(_kept_trace(m) - np.eye(m.size_in))


def _trace_gain(m: _Map) -> Any:
    return np.linalg.eigvalsh(_kept_trace(m))[..., -1] - 1


def _expansion(m: _Map, states: Complexes) -> Any:
    """Return by how much the trace distance of pairs of states grows."""
    differences = states[::2] - states[1::2]
    before = np.abs(np.linalg.eigvalsh(differences)).sum(axis=-1) / 2
    after = np.abs(np.linalg.eigvalsh(m(differences))).sum(axis=-1) / 2
    return after - before[..., None]


def _representation_check(channel: Channel, rng: np.random.Generator, atol: float) -> Check:
    """Compare what the engine does to a state with Kraus operators, Choi matrix and superoperator."""
    rho = random_state(channel.dims_in, rng=rng)
    dense = rho.matrix
    moved = rho.apply(channel, tuple(range(len(channel.dims_in)))).matrix
    kraus = channel.kraus()
    by_kraus = (kraus @ dense @ kraus.conj().swapaxes(-1, -2)).sum(axis=-3)
    by_superop = _as_map(channel, "")(dense).reshape(moved.shape)
    choi = channel.choi().reshape(
        *channel.batch_shape, dense.shape[0], moved.shape[-1], dense.shape[0], moved.shape[-1]
    )
    by_choi = np.einsum("...iojp,ij->...op", choi, dense)
    gaps = {"Kraus": by_kraus, "superoperator": by_superop, "Choi": by_choi}
    return _worst("representations agree", {name: np.abs(image - moved) for name, image in gaps.items()}, atol)


def _evolution_checks(factory: Callable[[float], Any], times: Sequence[float], atol: float) -> list[Check]:
    """Check what must hold between the maps of different durations."""
    start = _as_map(factory(0.0), "t = 0")
    if start.size_in != start.size_out:
        raise DimensionError(
            f"Parameter `channel_or_factory` must map a dimension to itself to evolve, "
            f"but maps {start.size_in} to {start.size_out}."
        )
    one = np.eye(start.size_in**2)
    gaps = {}
    for s, t in pairwise(times):
        first, second, whole = (_as_map(factory(time), "").superop for time in (s, t, s + t))
        gaps[f"{s:g} s then {t:g} s"] = np.abs(second @ first - whole)
    return [
        Check("identity at t = 0", float(np.abs(start.superop - one).max()), atol, "at t = 0"),
        _worst("semigroup", gaps, atol),
    ]


def verify_channel(
    channel_or_factory: Channel | ArrayLike | Callable[[float], Any], *, durations_s: Sequence[float] | None = None,
    trace_preserving: bool = True, atol: float = 1e-9, rng: np.random.Generator | None = None,
) -> Verification:  # fmt: skip
    """Return a report of the properties of a map, with the worst violation of each and where it is.

    Parameters
    ----------
    channel_or_factory
        A Channel, Kraus operators of shape (..., K, D_out, D_in), or a function of a duration in
        seconds that returns one of these; for a function the semigroup is checked as well.
    durations_s : sequence of float, optional
        Where a function is tried; five times between 1 ms and 3 s if not given.
    trace_preserving : bool
        False only asks that the trace does not rise, as for a heralded event.
    rng : numpy.random.Generator, optional
        For the states that are tried; a fixed seed if not given.

    Examples
    --------
    >>> report = verify_channel([[[1, 0], [0, 0.8]], [[0, 0], [0, 0.5]]])
    >>> [check.name for check in report.checks if not check.passed]
    ['trace preserved']
    """
    generator = np.random.default_rng(0) if rng is None else rng
    _checks.real(atol, "atol", low=0.0)
    if not callable(channel_or_factory):
        maps = [_as_map(channel_or_factory, "")]
        checks = _static_checks(maps, trace_preserving, generator, atol)
        if isinstance(channel_or_factory, Channel):
            checks.append(_representation_check(channel_or_factory, generator, atol))
        return Verification(tuple(checks))
    times = _checks.real(_DURATIONS_S if durations_s is None else durations_s, "durations_s", low=0.0)
    if times.ndim != 1 or times.size < 2:
        raise ParameterTypeError(f"Parameter `durations_s` must hold at least two durations, but is {durations_s!r}.")
    listed = [float(time) for time in times]
    maps = [_as_map(channel_or_factory(time), f"t = {time:g} s") for time in listed]
    checks = _static_checks(maps, trace_preserving, generator, atol)
    return Verification((*checks, *_evolution_checks(channel_or_factory, listed, atol)))
