"""Random chains, as the package takes them and as ``sampling_oracle`` does."""

import numpy as np
import sampling_oracle

from qnet_channels import BellStation, Memory
from qnet_core import DensityMatrix, Heralded
from qnet_protocols import RepeaterChain

NAMES = {"gate_mixing": "distillation_gate_mixing", "readout_error": "distillation_readout_error",
         "protocol": "distillation_protocol", "max_run": "max_run_s", "min_fidelity": "min_fidelity"}  # fmt: skip


def random_pair(rng, weight=0.7):
    """A state near phi+ with all correlations."""
    factor = rng.standard_normal((4, 4)) + 1j * rng.standard_normal((4, 4))
    noise = factor @ factor.conj().T
    phi = np.outer(sampling_oracle.PHI, sampling_oracle.PHI)
    return weight * phi + (1 - weight) * noise / np.trace(noise).real


def random_memory(rng, exponent=1.0, age=0.0):
    t1 = rng.uniform(20.0, 60.0)
    return (t1, t1 * rng.uniform(0.5, 1.5), rng.uniform(0.0, 1.0), exponent, age)


def random_parts(rng, num_links, *, equal=False, cycles=(1.0,), success=(0.2, 0.8), swaps=(0.5, 1.0), slow_noise=False):
    """Links, memories and stations, all different unless they are to be equal."""

    def each(count, draw):
        return (draw(),) * count if equal else tuple(draw() for _ in range(count))

    exponents = (2.0, 1.5, 1.0) if slow_noise else (1.0,)
    return {
        "states": each(num_links, lambda: random_pair(rng)),
        "success": each(num_links, lambda: rng.uniform(*success)),
        "cycles": each(num_links, lambda: rng.choice(cycles)),
        "memories": each(
            num_links + 1,
            lambda: random_memory(rng, rng.choice(exponents), rng.choice((0.0, 5.0)) if slow_noise else 0.0),
        ),
        "stations": each(
            num_links - 1,
            lambda: (rng.uniform(0, 0.1), rng.uniform(0, 0.1), rng.uniform(*swaps) if swaps[0] < 1 else 1.0),
        ),
        "messages": (0.0,) * num_links,
    }


def repeater_chain(chain):
    """The chain of the oracle as one of the package."""
    levels = 1 if len(chain.states) == 1 else len(chain.states).bit_length() if chain.policy == "nested" else 2
    return RepeaterChain(
        [Heralded(DensityMatrix(s), np.float64(p)) for s, p in zip(chain.states, chain.success, strict=True)],
        [Memory(*memory) for memory in chain.memories],
        [BellStation(*station) for station in chain.stations],
        chain.policy,
        list(chain.cutoffs[:levels]),
        list(chain.rounds[:levels]),
        cycle_s=list(chain.cycles),
        communication_s=list(chain.messages),
        **{ours: getattr(chain, name) for name, ours in NAMES.items()},
    )
