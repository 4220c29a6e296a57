"""What holds for the repository as a whole: public names, imports, versions, files."""

import importlib
import importlib.metadata
import inspect
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).resolve().parents[1]

PUBLIC = {
    "qnet_core": """
        DensityMatrix Channel Instrument Heralded
        tensor ket pure_state bell_state werner_state bell_diagonal_state ghz_state w_state maximally_mixed_state
        random_state random_channel
        fidelity trace_distance purity von_neumann_entropy relative_entropy negativity log_negativity concurrence
        entanglement_of_formation coherent_information fully_entangled_fraction chsh_value bell_weights
        process_fidelity average_gate_fidelity diamond_distance unitarity pauli_probabilities twirling_error
        to_qutip from_qutip verify_channel Verification blockwise
    """,
    "qnet_channels": """
        pauli_channel two_qubit_pauli_channel poisson_pauli_channel bit_flip bit_phase_flip dephasing depolarizing
        depolarizing_strength DepolarizingStrength
        phase_damping amplitude_damping generalized_amplitude_damping thermal_relaxation reset
        thermal_population bath_relaxation BathRelaxation
        gaussian_dephasing collective_dephasing decoherence_free_subspaces
        t2_star_from_detuning t2_star_from_linewidth decoupled_coherence decoupled_t2
        rotation birefringence_drift polarization_mode_dispersion spectral_std
        erasure polarization_dependent_loss photon_loss thermal_loss leakage
        Readout Detector Fiber Memory MemoryNode EnsembleMemory afc_efficiency afc_modes
        preset presets Platform Emitter Quantity
        FrequencyConverter FreeSpaceLink VasylyevFit area_ratio beam_capture beam_radius_m far_field_waist_m
        friis_transmissivity half_divergence_urad pointing_loss_exponent rayleigh_range_m vasylyev_capture vasylyev_fit
        dephased_photon_visibility dispersion_delay_s dispersion_length_km exponential_photon_visibility
        gaussian_photon_visibility group_velocity_dispersion pulse_broadening FiberKind fiber_kind fiber_kinds
        anti_stokes_ratio dbm_to_w noise_count_probability noise_photons photon_rate_hz raman_power_w raman_shift_hz
        thermal_photons SatellitePass SatelliteView double_downlink downlink ground_reach_km air_mass
        atmosphere_transmissivity background_photons elevation_at_range_deg slant_range_km cycle_time_s mean_attempts
        success_rate_hz success_within fried_parameter_m hufnagel_valley hufnagel_valley_moment isoplanatic_angle_urad
        rytov_variance uplink_fried_parameter_m
        OptimalBrightness balanced_bright_populations optimal_bright_population ReflectionPatterns
        cavity_reflection_link cavity_reflection_patterns cavity_reflectivity dlcz_link midpoint_source_link
        beam_splitter double_excitation_from_g2 joint_detection memory_photon_state phase_shift two_mode_squeezed_vacuum
        Coincidences coincidences heralded_g2 pair_number_distribution spdc_link DoubleClickPatterns SingleClickPatterns
        double_click_patterns single_click_patterns
        dlcz_patterns PhotonOverlap emissive_link emissive_patterns photon_overlap
        OptimalSource optimal_spdc_brightness OptimalSources optimal_dlcz_brightness
        single_click_link double_click_link BellStation swap swap_branches
        LinearOpticsStation BoostedStation swap_chain fuse fuse_branches ghz_from_pairs
        bbpssw dejmps epl double_selection stabilizer_distillation expedient_pair stringent_pair expedient_ghz stringent_ghz
        nested_rounds NestedRounds pump pumping_limit recurrence_limit bbpssw_fixpoints Fixpoints gate_mixing_threshold
        hashing_yield twirl_to_werner twirl_to_bell_diagonal twirl_comparison TwirlComparison
        Schedule ScheduleRun
    """,
    "qnet_protocols": """
        PhotonNumberSplitting cloning_channel intercept_resend_channel Authenticator forgery_probability bb84_session
        ReconciledKey cascade disjoint_routes KeyStore StoredKey stored_key vernam_cipher Message SessionResult
        toeplitz_hash RelayedKey TrustedRoute combined_routes relay_key trusted_route
        BestGeneration CheapestChain EncodedChain ParityCodeReadout RepeaterCost RepeaterHardware
        TreeRepeater best_generation connection_error
        css_logical_error encoded_chain first_generation parity_code_readout parity_code_success second_generation
        third_generation tree_code_success tree_photons tree_repeater
        secret_key_fraction repeaterless_bound squashed_entanglement_bound equal_link_chain ChainResult stored_chain_fidelity
        RepeaterChain WaitingTimes cut_off_chain BestChain best_chain BestPlacement best_placement
        Sensitivities sensitivities Required required
        teleport teleport_branches teleportation_channel teleportation_instrument LocalCorrection optimal_local_correction
        process_tomography remote_gate compiled_gate pairs_needed ProcessorNode Gate pairs_per_link DistributedResult
        run_distributed
        BellTest BestSettings DecoyBounds FiniteDecoyKey FiniteKey GaussianKeyRate IndividualAttack KeyRate MdiGains bb84 bbm92
        bell_test best_settings channel_key_fraction cloning_attack decoy_bb84 decoy_bounds device_independent_key_fraction
        finite_bb84 finite_decoy_bb84 finite_decoy_key finite_key gg02 intercept_resend mdi_decoy_bounds
        mdi_gains mdi_qkd phase_slice_error
        twin_field best_schedule ScheduleSearch
        anonymous_channel anonymous_pair sender_distinguishability
        blind_computation blind_distribution
        ConferenceErrors SharingErrors conference_errors conference_key_fraction secret_sharing_errors secret_sharing_fraction
        chsh_probability game_probability magic_square_probability
        NetworkLink Route best_route routes
        ciphertext one_time_pad padded_channel
        ProbeTime clock_instability ghz_frequency_information optimal_probe_time
        frequency_information phase_generator quantum_fisher_information
        server_view
        SuperdenseCoding superdense_capacity superdense_coding
    """,
    "qnet_lab": """
        Scenario ScenarioError describe_scenarios load_scenario scenario_schema shipped_scenarios
        evaluate_scenario fidelity_distance_curve scenario_points compare_generations
        HardwareRequirements requirements sweep sweep_scenario
        plot_bell_weights plot_chain_diagram plot_chain_result plot_curve plot_frontier plot_generations plot_heat_map
        plot_network plot_overview plot_pauli_bars plot_schedules plot_state_city plot_state_hinton
    """,
}
BUILT_IN = {
    "DimensionError": ValueError,
    "StateError": ValueError,
    "ChannelError": ValueError,
    "KrausError": ValueError,
    "ParameterError": ValueError,
    "ParameterTypeError": TypeError,
    "CapacityError": MemoryError,
}
LOADED_ON_USE = {
    "numba",
    "clarabel",
    "click",
    "cvxpy",
    "dask",
    "distributed",
    "h5netcdf",
    "h5py",
    "hypothesis",
    "matplotlib",
    "networkx",
    "pandas",
    "qutip",
    "tqdm",
    "xarray",
    "zarr",
}
HOSTS = {"arxiv.org", "doi.org", "www.w3.org"}  # the only ones that a file may name

PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
CONSTRAINTS = [
    line for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines() if not line.startswith("#")
]


def tracked_texts() -> Iterator[tuple[str, str]]:
    """Yield name and text of every file that git tracks or would track, of all files where there is no git."""
    command = ["git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        names = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True).stdout.split("\0")
    except (OSError, subprocess.CalledProcessError):
        names = [str(path.relative_to(ROOT)) for path in ROOT.rglob("*") if ".venv" not in path.parts]
    for name in filter(None, names):
        path = ROOT / name
        data = path.read_bytes() if path.is_file() else b""
        if b"\0" not in data:
            yield name, data.decode("utf-8")


def public_names(module: ModuleType) -> set[str]:
    """Return the names without an underscore in a module's namespace that belong to something of ours."""
    values = {name: value for name, value in vars(module).items() if not name.startswith("_")}
    return {name for name, value in values.items() if str(getattr(value, "__module__", "")).startswith("qnet_")}


@pytest.mark.parametrize("package", PUBLIC)
def test_public_names_are_the_contract(package):
    module = importlib.import_module(package)
    contract = set(PUBLIC[package].split())
    assert set(module.__all__) == contract
    assert len(module.__all__) == len(contract)
    assert public_names(module) <= contract
    assert all(hasattr(module, name) for name in contract)


@pytest.mark.parametrize(("package", "name"), [(p, name) for p, names in PUBLIC.items() for name in names.split()])
def test_public_names_are_documented(package, name):
    assert inspect.getdoc(getattr(importlib.import_module(package), name))


def test_each_error_is_also_a_built_in_one():
    errors = importlib.import_module("qnet_core.errors")
    assert set(errors.__all__) == public_names(errors) == set(BUILT_IN)
    for name, base in BUILT_IN.items():
        assert issubclass(getattr(errors, name), base)


@pytest.mark.parametrize("package", PUBLIC)
def test_packages_are_those_of_this_checkout_and_typed(package):
    folder = Path(importlib.import_module(package).__file__).parent
    assert folder == ROOT / "src" / package, (
        "another package of this name is installed, or .venv is that of another checkout"
    )
    assert (folder / "py.typed").is_file()


def test_heavy_packages_are_loaded_on_use_only():
    code = "import sys, qnet_core, qnet_channels, qnet_protocols; print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    loaded = {name.partition(".")[0] for name in run.stdout.split()}
    assert "qnet_protocols" in loaded
    assert not loaded & LOADED_ON_USE
    assert "scipy.linalg" not in run.stdout.split()


def test_versions_agree():
    version = PYPROJECT["project"]["version"]
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert importlib.metadata.version("qnet-engine") == version
    assert re.search(r"^version: (.+)$", citation, re.MULTILINE).group(1) == version
    assert re.search(r"^## \[?(\d[\w.]*)", changelog, re.MULTILINE).group(1) == version


def test_lock_pins_every_line_once():
    names = []
    for line in CONSTRAINTS:
        match = re.fullmatch(r"([A-Za-z0-9._-]+)==([0-9][0-9A-Za-z.]*)", line)
        assert match, f"{line!r} is not name==version"
        names.append(canonicalize_name(match.group(1)))
    assert len(names) == len(set(names))
    assert names == sorted(names)


def test_lock_has_what_the_project_asks_for():
    pins = {canonicalize_name(name): Version(version) for name, version in (line.split("==") for line in CONSTRAINTS)}
    project = PYPROJECT["project"]
    asked = ["pip", *PYPROJECT["build-system"]["requires"], *project["dependencies"]]
    asked += [text for group in PYPROJECT["dependency-groups"].values() for text in group]
    asked += [text for extra in ("cluster", "sdp", "verify") for text in project["optional-dependencies"][extra]]
    for requirement in map(Requirement, asked):
        assert pins[canonicalize_name(requirement.name)] in requirement.specifier, requirement


def test_lock_has_what_is_pulled_in():
    """Whatever the installed packages need in their turn is locked too."""
    locked = {canonicalize_name(name): version for name, version in (line.split("==") for line in CONSTRAINTS)}
    installed = {"qnet-engine", *locked} & {canonicalize_name(d.name) for d in importlib.metadata.distributions()}
    for name in installed:
        for requirement in map(Requirement, importlib.metadata.requires(name) or []):
            if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
                version = locked.get(canonicalize_name(requirement.name))
                assert version, f"{name} needs {requirement}, which constraints.txt lacks"
                assert requirement.specifier.contains(version), f"{name} needs {requirement}, but locked is {version}"


def test_no_file_names_an_index_or_a_place_on_one_machine():
    url = re.compile(r"https?://(?:[^/@\s]*@)?([\w.-]+\.[a-z]+)", re.IGNORECASE)
    index = re.compile(r"index[-_]url|find[-_]links|py[p]i\.|python[h]osted", re.IGNORECASE)
    place = re.compile(r"(?<![\w.~)-])/(?:home|root|work|Users|mnt|opt|srv)/\w")
    found = []
    for name, text in tracked_texts():
        for number, line in enumerate(text.splitlines(), start=1):
            foreign = set(url.findall(line)) - HOSTS
            if foreign or (match := index.search(line)) or (match := place.search(line)):
                found.append(f"{name}:{number}: {', '.join(foreign) or match.group()}")
    assert not found, "\n".join(found)
