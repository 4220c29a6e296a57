"""What a scenario of pairs may be made of: links and stations, by their names in files."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from qnet_channels import (
    BellStation,
    BoostedStation,
    LinearOpticsStation,
    bit_flip,
    cavity_reflection_link,
    dlcz_link,
    double_click_link,
    emissive_link,
    midpoint_source_link,
    single_click_link,
    spdc_link,
)
from qnet_core import Channel, Heralded, bell_diagonal_state, werner_state
from qnet_core import _checks as checks

__all__ = ["ARMS", "SCHEMES", "STATIONS"]


def werner(*, fidelity: ArrayLike, probability: ArrayLike = 1.0) -> Heralded:
    """Return pairs of a known fidelity with phi+ that have white noise and nothing else.

    Parameters
    ----------
    fidelity : array_like
        With phi+.
    probability : array_like
        Of a pair per attempt.
    """
    return Heralded(werner_state(fidelity=fidelity), checks.probability(probability, "probability"))


def bell_diagonal(*, weights: Sequence[float], probability: ArrayLike = 1.0) -> Heralded:
    """Return pairs that are mixtures of Bell states.

    Parameters
    ----------
    weights : sequence of float
        Of phi+, phi-, psi+ and psi-; their sum is 1.
    probability : array_like
        Of a pair per attempt.
    """
    return Heralded(bell_diagonal_state(weights), checks.probability(probability, "probability"))


def midpoint_source(
    *, transmissivity: ArrayLike, source_fidelity: ArrayLike = 1.0, false_herald_probability: ArrayLike = 0.0,
    emission_probability: ArrayLike = 1.0,
) -> Heralded:  # fmt: skip
    """Return the memories' state after both have announced a photon of a source half-way.

    Parameters
    ----------
    transmissivity : array_like
        Probability from emission to announced absorption, in each arm.
    source_fidelity : array_like
        With phi+, of the pairs that are emitted; what is wrong with them is white noise.
    false_herald_probability : array_like
        Of a memory to which no photon came, per attempt.
    emission_probability : array_like
        That the source emits a pair.
    """
    fidelity = checks.probability(source_fidelity, "source_fidelity")
    return midpoint_source_link(
        transmissivity=transmissivity, source_state=werner_state(fidelity=fidelity),
        false_herald_probability=false_herald_probability, emission_probability=emission_probability,
    )  # fmt: skip


def excited_ensembles(
    *, mean_photons: ArrayLike, transmissivity: ArrayLike, dark_count_probability: ArrayLike = 0.0,
    visibility: ArrayLike = 1.0, phase_rad: ArrayLike = 0.0, phase_std_rad: ArrayLike = 0.0,
    number_resolving: bool = False, max_photons: int = 4, max_tail: float = 1e-6,
) -> Heralded:  # fmt: skip
    """Return a pair of ensembles that share an excitation (DLCZ), as qubits: no excitation, or one or more.

    More than one excitation counts as one, without coherence. The right ensemble's 0 and 1 have changed names, so that the
    pair is near phi+.

    Parameters
    ----------
    mean_photons : array_like
        Excitations of each ensemble in the mean.
    transmissivity : array_like
        Probability from the idler's emission to a click.
    dark_count_probability : array_like
        Of each detector.
    visibility : array_like
        Hong-Ou-Mandel visibility of the two idlers.
    phase_rad, phase_std_rad : array_like
        Phase of the left arm against the right one, and its Gaussian spread.
    number_resolving : bool
        True for detectors that tell one photon from two.
    max_photons : int
        Excitations of an ensemble up to which the state is computed.
    max_tail : float
        Weight that may lie beyond.
    """
    link = dlcz_link(
        mean_photons=mean_photons, transmissivity=transmissivity, dark_count_probability=dark_count_probability,
        visibility=visibility, phase_rad=phase_rad, phase_std_rad=phase_std_rad, number_resolving=number_resolving,
        max_photons=max_photons, max_tail=max_tail,
    )  # fmt: skip
    levels = max_photons + 1
    kraus = np.zeros((max_photons, 2, levels))
    kraus[0, [0, 1], [0, 1]] = 1
    kraus[np.arange(1, max_photons), 1, np.arange(2, levels)] = 1
    counted = Channel.from_kraus(kraus, levels, 2)
    pair = link.state.apply(counted, 0).apply(counted, 1).apply(bit_flip(probability=1.0), 1)
    return Heralded(pair.normalized(), link.probability)


SCHEMES: Mapping[str, Callable[..., Heralded]] = {
    "single-click": single_click_link,
    "double-click": double_click_link,
    "emissive": emissive_link,
    "spdc": spdc_link,
    "dlcz": excited_ensembles,
    "midpoint-source": midpoint_source,
    "cavity-reflection": cavity_reflection_link,
    "werner": werner,
    "bell-diagonal": bell_diagonal,
}
# parameters of links and stations that may differ in both arms
ARMS: Mapping[str, tuple[str, ...]] = {
    "single-click": ("bright_population", "transmissivity", "double_excitation_probability"),
    "double-click": ("transmissivity", "double_excitation_probability"),
    "emissive": (
        "transmissivity", "lifetime_s", "dephasing_rate_per_s", "detuning_rad_per_s", "detuning_std_rad_per_s", "g2"
    ),
    "spdc": ("transmissivity",),
    "dlcz": ("mean_photons", "transmissivity"),
    "midpoint-source": ("transmissivity", "false_herald_probability"),
    "cavity-reflection": ("reflectivity_bright", "reflectivity_dark"),
    "linear-optics": ("transmissivity",),
    "boosted": ("transmissivity",),
}  # fmt: skip
STATIONS: Mapping[str, Callable[..., Any]] = {
    "bell": BellStation,
    "linear-optics": LinearOpticsStation,
    "boosted": BoostedStation,
}
