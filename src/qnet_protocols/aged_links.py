"""Links that wait once, in memories of any kind, with limits on age and on fidelity."""

from dataclasses import replace

import numpy as np

from qnet_channels import Memory
from qnet_core import DensityMatrix
from qnet_core import _checks as checks

from . import _kernels
from .clock import Steps
from .hardware import Hardware, Link, Spread
from .streams import Rows, Stream, Waiting, with_rows

__all__: list[str] = []

_ROUND_OFF = 1e-12


def memory_of(memory: Memory, at: Spread) -> Memory:
    """Return the memory with one value per point and an axis for ages."""
    fields = {name: at(getattr(memory, name))[:, None] for name in memory.__dataclass_fields__}
    return replace(memory, **fields)


def aged_states(link: Link, left: Memory, right: Memory, ages_s: checks.Floats) -> checks.Floats:
    """Return the state of a link whose halves have waited in these memories, shape (16, points, ages)."""
    fresh = DensityMatrix._wrap(link.state.reshape(-1), (2, 2), (*link.success.shape, 1)).broadcast_to(ages_s.shape)
    decayed = fresh.apply(left.decay(duration_s=ages_s), 0).apply(right.decay(duration_s=ages_s), 1)
    return decayed._stack.reshape(16, *ages_s.shape)


def good_enough(states: checks.Floats, least: checks.Floats) -> checks.Floats:
    """Return where pairs, shape (16, points, ages), have at least this fidelity with phi+."""
    fidelity = (states[0] + states[5] - states[10] + states[15]) / 4
    return np.asarray(fidelity >= least[:, None] - _ROUND_OFF)


def waiting_link(
    hardware: Hardware, which: int, stream: Stream, memories: tuple[Memory, Memory], window: Steps
) -> tuple[Waiting, checks.Floats]:
    """Return what has waited of a link with at least the least fidelity, and the probability of all that has waited."""
    link, size = hardware.links[which], stream.missing.shape[-1]
    ages = np.arange(size)
    states = aged_states(link, *memories, hardware.step_s[:, None] * ages)
    rows: Rows = tuple(r for r in range(16) if r == 0 or states[r].any())
    allowed = (ages >= 1) & (ages <= window[:, None])
    good = good_enough(states, hardware.min_fidelity)
    waited = _waited(states[list(rows)] * np.logical_and(allowed, good), link)
    fresh = with_rows(stream.arriving, stream.rows, rows) * good[:, :1]
    return Waiting(rows, fresh, waited), _waited(allowed[None].astype(float), link)[0]


def _waited(aged: checks.Floats, link: Link) -> checks.Floats:
    out = np.empty_like(aged)
    _kernels.series.wait_links(out, aged, link.success, link.cycle)
    return out
