"""Third-generation repeaters: encoded qubits sent from station to station, no herald and no answer."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from qnet_channels import Fiber
from qnet_channels.entropy import entropy
from qnet_channels.parameters import parameters
from qnet_core import _checks as checks
from qnet_core.errors import DimensionError

from .encoded import after_many, odd_parity, require_positive
from .loss_codes import Branching, parity_code_readout, tree_code_success, tree_photons
from .repeater_hardware import RepeaterCost, RepeaterHardware, cost_of, link_fiber, require_hardware

__all__ = ["TreeRepeater", "third_generation", "tree_repeater"]

Floats = checks.Floats
_LEVELS = 3  # of the trees whose time is known


class TreeRepeater(NamedTuple):
    """What a chain of trees delivers and what it takes; all fields have the shape of the batch.

    Attributes
    ----------
    rate_bit_per_s : ndarray
        Secret bits per second.
    success : ndarray
        Probability that a qubit arrives.
    photons : ndarray
        Per secret bit, all stations together; infinite where there is no key.
    cost : ndarray
        Stations per attenuation length of fibre and secret bit per photon time, ``N L_att/(R τ_ph L)``.
    """

    rate_bit_per_s: Floats
    success: Floats
    photons: Floats
    cost: Floats


def third_generation(
    hardware: RepeaterHardware, *, distance_km: ArrayLike, num_links: ArrayLike, blocks: ArrayLike, qubits: ArrayLike
) -> RepeaterCost:  # fmt: skip
    """Return rate and cost of one-way parity codes: a code against loss and errors alike, no herald and no waiting.

    A station teleports what has come into a fresh encoded pair, half of which it sends on: n m qubits that arrive and as many
    that stay. Every ``gate_time_s`` a logical qubit sets out, and it counts if it arrives at every station. Each qubit is read
    with the errors of the gate that made it, the gate of the Bell measurement and a readout.

    Parameters
    ----------
    hardware : RepeaterHardware
        A qubit arrives with ``η_c η``: it leaves one memory and enters the next. ``link_infidelity`` isn't used.
    distance_km : array_like
        Between the ends.
    num_links : array_like of int
        N, at least 1.
    blocks, qubits : array_like of int
        As of ``parity_code_success``.

    References
    ----------
    Munro et al., Nat. Photonics 6, 777 (2012); Muralidharan et al., PRL 112, 250501 (2014).

    Examples
    --------
    >>> cost = third_generation(RepeaterHardware(1e-4, 0.98), distance_km=1000.0, num_links=600, blocks=13, qubits=6)
    >>> cost.rate_bit_per_s.round(3).item(), cost.memory_qubits.item()
    (953622.408, 93600.0)
    """
    require_hardware(hardware)
    (links,) = parameters(counts={"num_links": num_links})
    require_positive(links, "num_links")
    fiber = link_fiber(hardware, distance_km, links)
    mixing, flip = np.asarray(hardware.gate_mixing), np.asarray(hardware.readout_error)
    readout = parity_code_readout(
        blocks=blocks, qubits=qubits, transmissivity=np.asarray(hardware.coupling_efficiency) * fiber.transmissivity,
        error_probability=odd_parity(checks.plain(0.0), mixing, flip, gates=2, readouts=1),
    )  # fmt: skip
    bit, phase = (after_many(np.clip(error, 0.0, 1.0), links) for error in (readout.z_error, readout.x_error))
    stored = 2 * links * np.asarray(blocks, float) * np.asarray(qubits, float)
    return cost_of(
        checks.plain(readout.success**links / np.asarray(hardware.gate_time_s)), bit, phase, checks.plain(stored)
    )


def tree_repeater(
    branching: Branching, *, distance_km: ArrayLike, num_links: ArrayLike, detection_efficiency: ArrayLike = 1.0,
    reencoding_error: ArrayLike = 0.0, photon_time_s: ArrayLike = 1e-9, gate_time_s: ArrayLike = 1e-7,
    attenuation_db_per_km: ArrayLike = 0.2,
) -> TreeRepeater:  # fmt: skip
    """Return rate and cost of one-way trees, made photon after photon by one emitter and two memories per station.

    A tree takes ``τ = b_0 [τ_s (3 + b_1) + τ_ph (100 + b_1 (1 + b_2))]``. It is decoded and encoded anew at each of
    N stations, each time with the error ε_r of a depolarized qubit, so that
    ``R = η_e^N f_6(1 - (1 - ε_r)^N)/τ`` with the six-state key f_6 of a Werner pair of that infidelity.

    Parameters
    ----------
    branching : array_like of int, shape (..., 3)
        Trees of two levels end in 0.
    distance_km, attenuation_db_per_km : array_like
        Of the whole fibre.
    num_links : array_like of int
        N, at least 1.
    detection_efficiency : array_like
        Of each photon, all but the fibre: ``μ = 1 - η η_d``.
    reencoding_error : array_like
        ε_r.
    photon_time_s, gate_time_s : array_like
        Of a photon's emission, τ_ph, and of a gate between memories, τ_s; greater than 0.

    References
    ----------
    Borregaard et al., PRX 10, 021071 (2020).

    Examples
    --------
    >>> tree = tree_repeater([4, 14, 4], distance_km=1000.0, num_links=500, detection_efficiency=0.95)
    >>> tree.rate_bit_per_s.round(3).item(), tree.success.round(6).item()
    (82754.34, 0.999041)
    """
    tree = _three_levels(branching)
    (links,) = parameters(counts={"num_links": num_links})
    require_positive(links, "num_links")
    length, photon_s, gate_s, wrong, detected = parameters(
        not_negative={"distance_km": distance_km},
        positive={"photon_time_s": photon_time_s, "gate_time_s": gate_time_s},
        fractions={"reencoding_error": reencoding_error, "detection_efficiency": detection_efficiency},
    )
    fiber = Fiber(length / links, attenuation_db_per_km=attenuation_db_per_km)
    success = tree_code_success(branching, loss=1 - fiber.transmissivity * detected)
    key = success**links * _six_state(-np.expm1(links * np.log1p(-np.minimum(wrong, 1 - 1e-16))))
    rate = key / _tree_time(tree, photon_s, gate_s)
    with np.errstate(divide="ignore"):
        photons = links * tree_photons(branching) / key
        cost = links * fiber.attenuation_length_km / (rate * photon_s * length)
    return TreeRepeater(checks.plain(rate), success + 0 * rate, checks.plain(photons), checks.plain(cost))


def _three_levels(branching: Branching) -> Floats:
    tree = np.moveaxis(np.asarray(branching, float), -1, 0)
    if len(tree) != _LEVELS:
        raise DimensionError(f"Parameter `branching` must have shape (..., {_LEVELS}), but holds {len(tree)} levels.")
    return tree


def _tree_time(tree: Floats, photon_s: Floats, gate_s: Floats) -> Floats:
    """Return how long the emitter takes for one tree of three levels."""
    first, second, third = tree
    return checks.plain(first * (gate_s * (3 + second) + photon_s * (100 + second * (1 + third))))


def _six_state(infidelity: Floats) -> Floats:
    """Return the six-state key of Werner pairs."""
    weights = np.stack([1 - infidelity, *[infidelity / 3] * 3], axis=-1)
    return checks.plain(np.maximum(0.0, 1 - entropy(weights)))
