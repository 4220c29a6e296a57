"""GHZ states of scenario files: fused from pairs, selected by many pairs, or with white noise and nothing else."""

from collections.abc import Callable, Mapping
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from qnet_channels import expedient_ghz, ghz_from_pairs, stringent_ghz
from qnet_core import DensityMatrix, Heralded, ghz_state
from qnet_core import _checks as checks

__all__ = ["GHZ_SOURCES", "GIVEN"]

GIVEN = "white-noise"  # which needs no pairs


def fusion(
    pair: DensityMatrix, *, num_nodes: int = 3, layout: Literal["star", "chain"] = "star", gate_mixing: ArrayLike = 0.0,
    readout_error: ArrayLike = 0.0,
) -> Heralded:  # fmt: skip
    """Return the GHZ state that pairs between the nodes are fused to, one fewer than there are nodes.

    Parameters
    ----------
    num_nodes : int
        At least 2.
    layout : str
        Pairs of all with a centre, or of each with the next one.
    gate_mixing : array_like
        Of every fusion's gate.
    readout_error : array_like
        Of every fusion's readout.
    """
    count = checks.integer(num_nodes, "num_nodes", 2, 8)
    pairs = [pair] * (count - 1)
    state = ghz_from_pairs(pairs, layout=layout, gate_mixing=gate_mixing, readout_error=readout_error)
    return Heralded(state, checks.plain(1.0))


def expedient(pair: DensityMatrix, *, gate_mixing: ArrayLike = 0.0, readout_error: ArrayLike = 0.0) -> Heralded:
    """Return the GHZ state of four nodes that 22 pairs make.

    Parameters
    ----------
    gate_mixing : array_like
        Of every gate.
    readout_error : array_like
        Of every readout.
    """
    return expedient_ghz(pair, gate_mixing=gate_mixing, readout_error=readout_error)


def stringent(pair: DensityMatrix, *, gate_mixing: ArrayLike = 0.0, readout_error: ArrayLike = 0.0) -> Heralded:
    """Return the GHZ state of four nodes that 42 pairs make.

    Parameters
    ----------
    gate_mixing : array_like
        Of every gate.
    readout_error : array_like
        Of every readout.
    """
    return stringent_ghz(pair, gate_mixing=gate_mixing, readout_error=readout_error)


def white_noise(*, fidelity: ArrayLike, num_nodes: int = 3) -> Heralded:
    """Return a GHZ state of a known fidelity that has white noise and nothing else.

    Parameters
    ----------
    fidelity : array_like
        With the perfect state, at least 1/2**n.
    num_nodes : int
        n, at least 2.
    """
    count = checks.integer(num_nodes, "num_nodes", 2, 8)
    wanted = checks.real(fidelity, "fidelity", low=2.0**-count, high=1.0)
    kept = (wanted - 2.0**-count) / (1 - 2.0**-count)
    bloch = np.expand_dims(kept, tuple(range(-count, 0))) * ghz_state(count).bloch
    bloch.reshape(-1, 4**count)[:, 0] = 1.0
    return Heralded(DensityMatrix.from_bloch(bloch, (2,) * count), checks.plain(1.0))


GHZ_SOURCES: Mapping[str, Callable[..., Heralded]] = {
    "fusion": fusion,
    "expedient": expedient,
    "stringent": stringent,
    GIVEN: white_noise,
}
