"""Fidelity, rate and key rate against distance: the main job."""

from typing import TYPE_CHECKING

import numpy as np
from tqdm import tqdm

from .chain_points import require_chain, scenario_points
from .hardware import resolve
from .kinds.chain import ChainScenario
from .point_values import places
from .provenance import labelled

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["LABELS", "fidelity_distance_curve"]

_BLOCK = 20_000  # points computed in one call; more show progress
LABELS = {
    "fidelity": ("1", "fidelity with phi+"),
    "rate_hz": ("1/s", "entanglement rate"),
    "secret_key_rate_bit_per_s": ("bit/s", "secret-key rate"),
    "secret_key_fraction": ("bit", "secret bits per pair"),
    "waiting_time_s": ("s", "mean time until all links are there"),
    "cutoff_s": ("s", "longest wait for another link"),
    "link_probability": ("1", "success probability of a link per attempt and mode"),
    "bloch": ("1", "Pauli expectation values of the end-to-end pair"),
    "direct_bound_bit_per_s": ("bit/s", "PLOB bound of direct transmission"),
    "distance_km": ("km", "distance"),
    "repeaters": ("1", "number of repeaters"),
}


def fidelity_distance_curve(scenario: ChainScenario, *, progress: bool = False) -> "xr.Dataset":
    """Return fidelity, entanglement rate, secret-key rate and state against distance and number of repeaters.

    All points are one batch (long ones are computed in blocks, with a progress bar on a terminal if
    ``progress``). Equal scenarios give equal datasets: the attributes hold the scenario, every number
    with unit, grade and source, and the version, but no date.

    Notes
    -----
    Model: photons meet half-way; a cycle is the preparation plus the light time of one link (photon and
    herald, half a link each), and in this light time memories already decay; links wait for the slowest
    (``equal_link_chain``, with a cut-off ``cut_off_chain``); stations swap at the end. With another policy or distillation it is
    that of ``RepeaterChain.exact``. The key is asymptotic BB84 with efficient sifting.
    Memories that give back photons (``retrieval_efficiency``) do so once at each end and twice at each station.

    Returns
    -------
    xarray.Dataset
        Dimensions ``repeaters`` and ``distance_km``; each variable has ``units`` and ``long_name``.
    """
    import xarray as xr

    require_chain(scenario)
    grid = places(scenario)
    repeaters, distances = grid.values()
    count = max(1, _BLOCK // len(repeaters))
    blocks = [distances[i : i + count] for i in range(0, len(distances), count)]
    hidden = None if progress and len(blocks) > 1 else True
    parts = [
        scenario_points(scenario, {"repeaters": repeaters[:, None], "distance_km": block})
        for block in tqdm(blocks, "curve", disable=hidden, unit="block")
    ]
    dims = dict.fromkeys(parts[0], tuple(grid)) | {"bloch": (*grid, "pauli_left", "pauli_right")}
    variables = {name: (dims[name], np.concatenate([part[name] for part in parts], axis=1)) for name in dims}
    paulis = list("IXYZ")
    dataset = xr.Dataset(variables, {**grid, "pauli_left": paulis, "pauli_right": paulis})
    dataset["direct_bound_bit_per_s"] = dataset["direct_bound_bit_per_s"].isel(repeaters=0, drop=True)
    return labelled(dataset, scenario, resolve(scenario), LABELS)
