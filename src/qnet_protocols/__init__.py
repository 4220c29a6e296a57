"""What nodes do: repeater chains and keys."""

from .anonymous import anonymous_channel, anonymous_pair, sender_distinguishability
from .attack_channels import PhotonNumberSplitting, cloning_channel, intercept_resend_channel
from .authentication import Authenticator, forgery_probability
from .bb84_session import bb84_session
from .blind import blind_computation, blind_distribution
from .cascade import ReconciledKey, cascade
from .chain_optimum import BestChain, best_chain
from .chain_results import ChainResult
from .chains import equal_link_chain
from .circuits import Gate, pairs_per_link
from .compiled_gates import compiled_gate, pairs_needed
from .conference import (
    ConferenceErrors,
    SharingErrors,
    conference_errors,
    conference_key_fraction,
    secret_sharing_errors,
    secret_sharing_fraction,
)
from .continuous import GaussianKeyRate, gg02
from .cut_off_chains import cut_off_chain
from .decoy import decoy_bb84
from .device_independent import BellTest, bell_test, device_independent_key_fraction
from .disjoint_routes import disjoint_routes
from .distributed import DistributedResult, run_distributed
from .eavesdropping import IndividualAttack, cloning_attack, intercept_resend
from .encoded import EncodedChain, connection_error, css_logical_error, encoded_chain
from .encoded_repeaters import second_generation
from .entangled import bbm92
from .finite import FiniteKey, finite_bb84, finite_key
from .finite_decoy import FiniteDecoyKey, finite_decoy_bb84, finite_decoy_key
from .games import chsh_probability, game_probability, magic_square_probability
from .generations import BestGeneration, CheapestChain, best_generation
from .key_rate import KeyRate
from .key_store import KeyStore, StoredKey, stored_key, vernam_cipher
from .keys import channel_key_fraction, repeaterless_bound, secret_key_fraction, squashed_entanglement_bound
from .linear_program import DecoyBounds, decoy_bounds
from .local_corrections import LocalCorrection, optimal_local_correction
from .loss_codes import ParityCodeReadout, parity_code_readout, parity_code_success, tree_code_success, tree_photons
from .mdi import MdiGains, mdi_gains, mdi_qkd
from .networks import NetworkLink, Route, best_route, routes
from .one_time_pads import ciphertext, one_time_pad, padded_channel
from .one_way import TreeRepeater, third_generation, tree_repeater
from .optimum import BestSettings, best_settings
from .pair_programs import mdi_decoy_bounds
from .placement import BestPlacement, best_placement
from .probe_times import ProbeTime, clock_instability, ghz_frequency_information, optimal_probe_time
from .processors import ProcessorNode
from .remote_gates import remote_gate
from .repeater_hardware import RepeaterCost, RepeaterHardware
from .repeaters import RepeaterChain
from .requirements import Required, required
from .schedule_search import ScheduleSearch, best_schedule
from .sensing import frequency_information, phase_generator, quantum_fisher_information
from .sensitivities import Sensitivities, sensitivities
from .server_views import server_view
from .session_results import Message, SessionResult
from .single_photon import bb84
from .stored_chains import stored_chain_fidelity
from .superdense import SuperdenseCoding, superdense_capacity, superdense_coding
from .teleportation import teleport, teleport_branches, teleportation_channel, teleportation_instrument
from .toeplitz import toeplitz_hash
from .tomography import process_tomography
from .trusted_nodes import RelayedKey, TrustedRoute, combined_routes, relay_key, trusted_route
from .twin_fields import phase_slice_error, twin_field
from .two_way import first_generation
from .waiting_times import WaitingTimes

__all__ = [
    "Authenticator",
    "BellTest",
    "BestChain",
    "BestGeneration",
    "BestPlacement",
    "BestSettings",
    "ChainResult",
    "CheapestChain",
    "ConferenceErrors",
    "DecoyBounds",
    "DistributedResult",
    "EncodedChain",
    "FiniteDecoyKey",
    "FiniteKey",
    "Gate",
    "GaussianKeyRate",
    "IndividualAttack",
    "KeyRate",
    "KeyStore",
    "LocalCorrection",
    "MdiGains",
    "Message",
    "NetworkLink",
    "ParityCodeReadout",
    "PhotonNumberSplitting",
    "ProbeTime",
    "ProcessorNode",
    "ReconciledKey",
    "RelayedKey",
    "RepeaterChain",
    "RepeaterCost",
    "RepeaterHardware",
    "Required",
    "Route",
    "ScheduleSearch",
    "Sensitivities",
    "SessionResult",
    "SharingErrors",
    "StoredKey",
    "SuperdenseCoding",
    "TreeRepeater",
    "TrustedRoute",
    "WaitingTimes",
    "anonymous_channel",
    "anonymous_pair",
    "bb84",
    "bb84_session",
    "bbm92",
    "bell_test",
    "best_chain",
    "best_generation",
    "best_placement",
    "best_route",
    "best_schedule",
    "best_settings",
    "blind_computation",
    "blind_distribution",
    "cascade",
    "channel_key_fraction",
    "chsh_probability",
    "ciphertext",
    "clock_instability",
    "cloning_attack",
    "cloning_channel",
    "combined_routes",
    "compiled_gate",
    "conference_errors",
    "conference_key_fraction",
    "connection_error",
    "css_logical_error",
    "cut_off_chain",
    "decoy_bb84",
    "decoy_bounds",
    "device_independent_key_fraction",
    "disjoint_routes",
    "encoded_chain",
    "equal_link_chain",
    "finite_bb84",
    "finite_decoy_bb84",
    "finite_decoy_key",
    "finite_key",
    "first_generation",
    "forgery_probability",
    "frequency_information",
    "game_probability",
    "gg02",
    "ghz_frequency_information",
    "intercept_resend",
    "intercept_resend_channel",
    "magic_square_probability",
    "mdi_decoy_bounds",
    "mdi_gains",
    "mdi_qkd",
    "one_time_pad",
    "optimal_local_correction",
    "optimal_probe_time",
    "padded_channel",
    "pairs_needed",
    "pairs_per_link",
    "parity_code_readout",
    "parity_code_success",
    "phase_generator",
    "phase_slice_error",
    "process_tomography",
    "quantum_fisher_information",
    "relay_key",
    "remote_gate",
    "repeaterless_bound",
    "required",
    "routes",
    "run_distributed",
    "second_generation",
    "secret_key_fraction",
    "secret_sharing_errors",
    "secret_sharing_fraction",
    "sender_distinguishability",
    "sensitivities",
    "server_view",
    "squashed_entanglement_bound",
    "stored_chain_fidelity",
    "stored_key",
    "superdense_capacity",
    "superdense_coding",
    "teleport",
    "teleport_branches",
    "teleportation_channel",
    "teleportation_instrument",
    "third_generation",
    "toeplitz_hash",
    "tree_code_success",
    "tree_photons",
    "tree_repeater",
    "trusted_route",
    "twin_field",
    "vernam_cipher",
]
