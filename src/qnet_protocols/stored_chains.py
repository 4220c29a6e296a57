"""Chains of Werner pairs whose waiting times are given: the shortest way from hardware numbers to a fidelity."""

import math
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import ArrayLike

from qnet_channels import BellStation, Memory
from qnet_channels.parameters import runs
from qnet_channels.swapping import require_station
from qnet_core import _checks as checks
from qnet_core.errors import DimensionError, ParameterError, ParameterTypeError

from . import _kernels

__all__ = ["stored_chain_fidelity"]

_RUN = 256  # points that are worked on while they stay in the nearest cache


def stored_chain_fidelity(
    fidelities: Sequence[ArrayLike], *, waiting_s: Sequence[ArrayLike], memory: Memory | tuple[Memory, Memory],
    mixing: ArrayLike = 0.0, station: BellStation | None = None,
) -> checks.Floats:  # fmt: skip
    """Return the fidelity with phi+ of Werner pairs that wait in memory and are then swapped end to end, shape (...).

    What ``werner_state``, ``Memory.decay`` on both halves, ``depolarizing`` and ``swap`` make of them, in one pass:
    all that the fidelity needs of a pair is its XX, YY and ZZ, and swaps multiply these. Where links are not
    Werner states, or the state itself is wanted, call those.

    Parameters
    ----------
    fidelities : sequence of array_like
        Of each pair when it is made, in [0, 1].
    waiting_s : sequence of array_like
        How long each pair waits; as many as pairs.
    memory : Memory or (left, right)
        Exponential, for both halves of every pair or for the left and the right ones.
    mixing : array_like
        Depolarizing of one half of every pair before it is swapped.
    station : BellStation, optional
        Every inner node; perfect ones if not given. Whether it succeeds does not matter to the fidelity.

    Examples
    --------
    >>> memory = Memory(t1_s=1.0, t2_s=0.8)
    >>> stored_chain_fidelity([0.95, 0.9], waiting_s=[0.01, [0.0, 0.1]], memory=memory).round(6).tolist()
    [0.842698, 0.721581]
    """
    pairs = _each(fidelities, "fidelities", checks.probability)
    waits = _each(waiting_s, "waiting_s", lambda value, name: checks.real(value, name, low=0.0))
    if len(pairs) != len(waits):
        raise DimensionError(f"Parameter `waiting_s` must hold {len(pairs)}, one per pair, but holds {len(waits)}.")
    shared = _rates(memory) | {"mixing": 1 - checks.probability(mixing, "mixing")}
    weights = require_station(station).characters[1:] ** (len(pairs) - 1)
    batch = checks.broadcast(
        **{name: value.shape for name, value in (pairs | waits | shared).items()}, station=weights.shape[1:]
    )
    return checks.plain(_fidelities(list(zip(pairs.values(), waits.values(), strict=True)), shared, weights, batch))


def _each(
    values: Sequence[ArrayLike], name: str, check: Callable[[ArrayLike, str], checks.Floats]
) -> dict[str, checks.Floats]:
    """Return checked values by their names in the caller's words."""
    if not isinstance(values, list | tuple) or not values:
        raise ParameterTypeError(f"Parameter `{name}` must be a list with one value per pair, but is {values!r:.80}.")
    return {f"{name}[{k}]": np.asarray(check(value, f"{name}[{k}]")) for k, value in enumerate(values)}


def _rates(memory: Memory | tuple[Memory, Memory]) -> dict[str, checks.Floats]:
    """Return what both halves lose per second, and where both end."""
    left, right = memory if isinstance(memory, tuple) and len(memory) == 2 else (memory, memory)
    for one in (left, right):
        if not isinstance(one, Memory):
            raise ParameterTypeError(
                f"Parameter `memory` must be a Memory or two of them, but is {type(one).__name__}."
            )
        if not one.is_exponential:
            raise ParameterError(
                "Parameter `memory` must decay exponentially, but has a `decay_exponent` other than 1."
            )
    fields = {
        f"memory[{k}].{name}": np.asarray(getattr(one, name))
        for name in ("t1_s", "t2_s", "excited_population") for k, one in enumerate((left, right))
    }  # fmt: skip
    checks.broadcast_parameters(fields)
    t1, other_t1, t2, other_t2, excited, other_excited = fields.values()
    return {
        "memory.t2_s": 1 / t2 + 1 / other_t2, "memory[0].t1_s": 1 / t1, "memory[1].t1_s": 1 / other_t1,
        "memory.excited_population": (1 - 2 * excited) * (1 - 2 * other_excited),
    }  # fmt: skip


def _fidelities(
    pairs: list[tuple[checks.Floats, checks.Floats]], shared: dict[str, checks.Floats], weights: checks.Floats,
    batch: checks.Dims,
) -> checks.Floats:  # fmt: skip
    """Return the fidelities of the batch, link by link."""
    transverse, longitudinal = np.ones((2, math.prod(batch)))
    scratch, bits = np.empty(5 * _RUN), np.empty(_RUN, np.int64)
    for own, wait in pairs:
        (own, wait, *rates, shift, kept), steps = runs((own, wait, *shared.values()), batch)
        _kernels.stored.multiply_link(
            transverse, longitudinal, own, wait, rates[0], rates[1], rates[2], shift, kept, steps, scratch, bits
        )
    rows, steps = runs(list(weights), batch)
    _kernels.stored.write_fidelity(transverse, longitudinal, np.concatenate(rows), int(steps.max()))
    return transverse.reshape(batch)
