"""What the stations of a repeater can do, and what a chain of them costs."""

from dataclasses import KW_ONLY, dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from qnet_channels import Fiber
from qnet_channels.parameters import freeze, parameters
from qnet_core import _checks as checks
from qnet_core.errors import ParameterTypeError

from .encoded import key_of

__all__ = ["RepeaterCost", "RepeaterHardware"]

Floats = checks.Floats


@dataclass(frozen=True, slots=True, eq=False)
class RepeaterHardware:
    """What the stations and the fibre of a repeater can do; every field broadcasts. Memories don't decay.

    Attributes
    ----------
    gate_mixing : array_like
        Of every two-qubit gate, as of ``BellStation``.
    coupling_efficiency : array_like
        Probability that a photon gets from its memory to where it is detected or taken up, but for the fibre.
    gate_time_s : array_like
        Greater than 0: all local gates and readouts of a step.
    readout_error, link_infidelity : array_like, optional
        Of every readout, and 1 - F of a fresh Werner pair; if not given, 1/4 and 5/4 of ``gate_mixing``, so that
        one number says how good a station is.
    attenuation_db_per_km, group_index : array_like
        Of the fibre.

    References
    ----------
    Muralidharan et al., Sci. Rep. 6, 20463 (2016), which varies the first three.

    Examples
    --------
    >>> RepeaterHardware(1e-3, 0.9).link_infidelity.item()
    0.00125
    """

    gate_mixing: ArrayLike
    coupling_efficiency: ArrayLike
    gate_time_s: ArrayLike = 1e-6
    _: KW_ONLY
    readout_error: ArrayLike | None = None
    link_infidelity: ArrayLike | None = None
    attenuation_db_per_km: ArrayLike = 0.2
    group_index: ArrayLike = 1.468

    def __post_init__(self) -> None:
        mixing = checks.probability(self.gate_mixing, "gate_mixing")
        if self.readout_error is None:
            object.__setattr__(self, "readout_error", mixing / 4)
        if self.link_infidelity is None:
            object.__setattr__(self, "link_infidelity", np.minimum(1.25 * mixing, 0.75))
        freeze(
            self,
            fractions=("gate_mixing", "coupling_efficiency", "readout_error", "link_infidelity"),
            positive=("gate_time_s",),
            not_negative=("attenuation_db_per_km",),
            from_one=("group_index",),
        )


class RepeaterCost(NamedTuple):
    """What a chain delivers and what it takes; all fields have the shape of the batch.

    Attributes
    ----------
    rate_bit_per_s : ndarray
        Secret bits per second of one chain.
    memory_qubits : ndarray
        In all its stations.
    cost_s : ndarray
        Memory qubits per secret bit per second; infinite where there is no key.
    error : ndarray
        Error rate of the delivered pair, the mean of both bases.
    """

    rate_bit_per_s: Floats
    memory_qubits: Floats
    cost_s: Floats
    error: Floats


def cost_of(rate_hz: Floats, bit: Floats, phase: Floats, memories: Floats) -> RepeaterCost:
    """Return the cost of pairs that are delivered at this rate with these errors."""
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        key = np.where(rate_hz > 0, rate_hz * key_of(bit, phase), 0.0)
        cost = memories / key
    error = np.where(rate_hz > 0, (bit + phase) / 2, np.nan)
    return RepeaterCost(checks.plain(key), checks.plain(memories + 0 * key), checks.plain(cost), checks.plain(error))


def require_hardware(hardware: RepeaterHardware) -> RepeaterHardware:
    """Refuse anything else."""
    if not isinstance(hardware, RepeaterHardware):
        raise ParameterTypeError(f"Parameter `hardware` must be a RepeaterHardware, but is {type(hardware).__name__}.")
    return hardware


def link_fiber(hardware: RepeaterHardware, distance_km: ArrayLike, num_links: Floats) -> Fiber:
    """Return the fibre of one of so many equal links."""
    (distance,) = parameters(not_negative={"distance_km": distance_km})
    return Fiber(
        distance / num_links, attenuation_db_per_km=hardware.attenuation_db_per_km, group_index=hardware.group_index
    )
