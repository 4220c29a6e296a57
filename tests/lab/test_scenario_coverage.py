"""Every public device and protocol of the floors below can be named in a scenario file, or it is said why not."""

import re
from pathlib import Path

import pytest

import qnet_channels
import qnet_lab
import qnet_protocols
from qnet_lab.evaluation import KINDS
from qnet_lab.json_schema import scenario_schema

PAGE = (Path(__file__).parents[2] / "docs" / "scenarios.md").read_text(encoding="utf-8")
SOURCES = "\n".join(path.read_text(encoding="utf-8") for path in Path(qnet_lab.__file__).parent.rglob("*.py"))
PUBLIC = {*qnet_channels.__all__, *qnet_protocols.__all__}
ROWS = [
    tuple(re.findall(r"`([\w.-]+)`", cell) for cell in row.strip("| ").split("|"))
    for row in PAGE.partition("## What a file can name")[2].partition("\n## ")[0].splitlines()
    if row.startswith("| `")
]
NAMED = {name for _, _, names in ROWS for name in names}

# what is neither device nor protocol, or what no file can hold, by the reason
NOT_IN_FILES = {
    "what a function returns": """
        BathRelaxation BellTest BestChain BestGeneration BestPlacement BestSettings ChainResult CheapestChain Coincidences
        ConferenceErrors DecoyBounds DepolarizingStrength DistributedResult DoubleClickPatterns EncodedChain FiniteDecoyKey
        FiniteKey Fixpoints GaussianKeyRate IndividualAttack KeyRate LocalCorrection MdiGains Message NestedRounds
        OptimalBrightness OptimalSource OptimalSources ParityCodeReadout PhotonOverlap ProbeTime ReconciledKey
        ReflectionPatterns RelayedKey RepeaterCost Required Route SatelliteView ScheduleRun ScheduleSearch Sensitivities
        SessionResult SharingErrors SingleClickPatterns StoredKey SuperdenseCoding TreeRepeater TrustedRoute
        TwirlComparison VasylyevFit WaitingTimes""",
    "data sheets, which `platform` and `kind` name": "Emitter FiberKind Platform Quantity",
    "a unit or convention turned into another one": """
        dbm_to_w depolarizing_strength double_excitation_from_g2 elevation_at_range_deg heralded_g2 raman_shift_hz
        spectral_std t2_star_from_detuning t2_star_from_linewidth""",
    "a number that a key of a device is": """
        afc_efficiency afc_modes cavity_reflectivity decoupled_coherence decoupled_t2
        dephased_photon_visibility exponential_photon_visibility gaussian_photon_visibility phase_slice_error
        photon_overlap thermal_population""",
    "a part of a link, a satellite or a channel that files have": """
        air_mass anti_stokes_ratio area_ratio atmosphere_transmissivity background_photons beam_capture beam_radius_m
        cavity_reflection_patterns coincidences dispersion_delay_s dispersion_length_km dlcz_patterns
        double_click_patterns emissive_patterns fried_parameter_m friis_transmissivity group_velocity_dispersion
        hufnagel_valley hufnagel_valley_moment isoplanatic_angle_urad pair_number_distribution pointing_loss_exponent
        pulse_broadening rayleigh_range_m rytov_variance single_click_patterns thermal_photons
        uplink_fried_parameter_m vasylyev_capture vasylyev_fit""",
    "a part of a protocol that files have": """
        Authenticator anonymous_pair cascade cloning_attack connection_error css_logical_error decoy_bounds encoded_chain
        finite_key forgery_probability fuse ghz_frequency_information intercept_resend mdi_decoy_bounds mdi_gains
        parity_code_readout parity_code_success phase_generator quantum_fisher_information stored_chain_fidelity
        toeplitz_hash tree_code_success tree_photons""",
    "of states of modes or levels, not of pairs of qubits": """
        bath_relaxation beam_splitter joint_detection leakage memory_photon_state phase_shift photon_loss
        polarization_dependent_loss thermal_loss two_mode_squeezed_vacuum""",
    "of states, branches or matrices that no file holds": """
        blind_distribution channel_key_fraction compiled_gate decoherence_free_subspaces fuse_branches game_probability
        one_time_pad optimal_local_correction pairs_needed process_tomography server_view swap_branches teleport
        teleport_branches teleportation_instrument twirl_comparison two_qubit_pauli_channel""",
    "a twirl, which distillation has as a key": "twirl_to_bell_diagonal twirl_to_werner",
    "another name for numbers that a kind has": """
        Readout NetworkLink best_route mean_attempts success_rate_hz success_within thermal_relaxation""",
    "a limit, a search or a derivative, for Python and for the commands": """
        balanced_bright_populations bbpssw_fixpoints best_placement best_schedule best_settings gate_mixing_threshold
        optimal_bright_population optimal_dlcz_brightness optimal_spdc_brightness pumping_limit recurrence_limit
        required sensitivities""",
    "secret bits, of which no result holds any": "KeyStore relay_key vernam_cipher",
}
OTHERS = {name for names in NOT_IN_FILES.values() for name in names.split()}


def test_everything_public_is_in_the_table_or_in_the_list():
    assert sorted(PUBLIC - NAMED - OTHERS) == []
    assert sorted((NAMED | OTHERS) - PUBLIC) == []


def test_nothing_stands_twice():
    listed = [name for names in NOT_IN_FILES.values() for name in names.split()]
    assert len(listed) == len(set(listed))
    assert sorted(NAMED & OTHERS) == []


@pytest.mark.parametrize("name", sorted(NAMED))
def test_what_the_table_names_is_used(name):
    assert re.search(rf"\b{name}\b[(),\"\]\n]", SOURCES), name


@pytest.mark.parametrize("row", ROWS, ids=lambda row: " ".join(row[0] + row[1]))
def test_kinds_and_keys_of_the_table_are_those_of_files(row):
    kinds, keys, names = row
    assert names
    assert set(kinds) <= set(KINDS)
    for kind in kinds:
        known = set(scenario_schema(kind)["properties"])
        assert not keys or {key.partition(".")[0] for key in keys} & known
    everywhere = {key for kind in kinds for key in scenario_schema(kind)["properties"]}
    assert {key.partition(".")[0] for key in keys} <= everywhere
