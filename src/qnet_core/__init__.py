"""States, channels, instruments, metrics and verification: arrays in, arrays out."""

from .batching import blockwise
from .channel_metrics import (
    average_gate_fidelity,
    diamond_distance,
    pauli_probabilities,
    process_fidelity,
    twirling_error,
    unitarity,
)
from .channels import Channel
from .heralded import Heralded
from .instruments import Instrument
from .interop import from_qutip, to_qutip
from .metrics import (
    bell_weights,
    chsh_value,
    coherent_information,
    concurrence,
    entanglement_of_formation,
    fidelity,
    fully_entangled_fraction,
    log_negativity,
    negativity,
    purity,
    relative_entropy,
    trace_distance,
    von_neumann_entropy,
)
from .preparations import (
    bell_diagonal_state,
    bell_state,
    ghz_state,
    ket,
    maximally_mixed_state,
    pure_state,
    random_channel,
    random_state,
    tensor,
    w_state,
    werner_state,
)
from .states import DensityMatrix
from .verification import Verification, verify_channel

__version__ = "0.1.0"

__all__ = [
    "Channel",
    "DensityMatrix",
    "Heralded",
    "Instrument",
    "Verification",
    "average_gate_fidelity",
    "bell_diagonal_state",
    "bell_state",
    "bell_weights",
    "blockwise",
    "chsh_value",
    "coherent_information",
    "concurrence",
    "diamond_distance",
    "entanglement_of_formation",
    "fidelity",
    "from_qutip",
    "fully_entangled_fraction",
    "ghz_state",
    "ket",
    "log_negativity",
    "maximally_mixed_state",
    "negativity",
    "pauli_probabilities",
    "process_fidelity",
    "pure_state",
    "purity",
    "random_channel",
    "random_state",
    "relative_entropy",
    "tensor",
    "to_qutip",
    "trace_distance",
    "twirling_error",
    "unitarity",
    "verify_channel",
    "von_neumann_entropy",
    "w_state",
    "werner_state",
]
