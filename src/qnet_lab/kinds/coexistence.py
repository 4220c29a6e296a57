"""Teleportation and pairs over fibre that classical traffic shares: what its Raman scattering costs."""

from typing import TYPE_CHECKING, Literal

import numpy as np

from qnet_channels import Fiber, dephasing, noise_count_probability, noise_photons, photon_rate_hz, raman_power_w, swap
from qnet_core import bell_state, fidelity, werner_state

from ..provenance import labelled, numbers_of, reported
from ..schema import Distances, NotNegative, Positive, Powers, Probability, Scenario, Table, points
from ..style import axis_label, finish, line_style, mark, panels, use_logarithm
from ..tables import row_table

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["CoexistenceScenario", "evaluate", "plot", "summarize"]

_CLASSICAL = 2 / 3  # the best mean fidelity without entanglement (Massar and Popescu, PRL 74, 1259 (1995))
_LABELS = {
    "length_km": ("km", "length of the fibre"),
    "launch_power_dbm": ("dBm", "launch power of the classical light"),
    "source": ("1", "source of pairs"),
    "raman_rate_hz": ("1/s", "Raman photons that arrive at the station"),
    "noise_click_probability": ("1", "noise clicks per window"),
    "signal_to_noise": ("1", "signal to noise of heralded photons"),
    "visibility": ("1", "visibility of the pairs at the station"),
    "pair_fidelity": ("1", "fidelity of the pairs at the station"),
    "teleportation_fidelity": ("1", "mean teleportation fidelity"),
    "pole_fidelity": ("1", "teleportation fidelity of 0 and 1"),
    "equator_fidelity": ("1", "teleportation fidelity of equal superpositions"),
    "event_probability": ("1", "success probability of a teleportation per pulse"),
}
_PANELS = {
    "noise_click_probability": "station", "signal_to_noise": "receiver's pairs", "teleportation_fidelity": "teleportation",
}  # fmt: skip


class Traffic(Table, frozen=True):
    """Classical light, launched at one end and let through at the middle ("through"), or launched at both ends."""

    path: Literal["through", "both-ends"]
    raman_coefficient_per_km_nm: NotNegative
    attenuation_db_per_km: NotNegative


class Photons(Table, frozen=True):
    """The quantum channel: its fibre, filter, the window in which a click counts, and the dark counts of each detector."""

    wavelength_nm: Positive
    attenuation_db_per_km: NotNegative
    filter_width_nm: NotNegative
    window_s: Positive
    dark_count_rate_hz: NotNegative


class PairSource(Table, frozen=True):
    """A pulsed parametric source at an end of the fibre, one photon of each pair of which is detected there.

    ``noise_photons`` are those per pulse that come without a partner, in either arm.
    """

    mean_photons: Positive
    noise_photons: NotNegative
    local_efficiency: Probability
    insertion_loss_db: NotNegative = 0.0


class Station(Table, frozen=True):
    """The Bell measurement at the middle: from the fibre's end to a click; indistinguishability without traffic."""

    efficiency: Probability
    interference_visibility: Probability
    success_probability: Probability
    polarizers: bool = False


class Reported(Table, frozen=True):
    """At which power and length it was measured, for comparison: it enters no formula."""

    launch_power_dbm: float | None = None
    length_km: Positive | None = None


class Sweep(Table, frozen=True):
    """Lengths of the whole fibre, end to end, and launch powers of the classical light."""

    lengths_km: Distances
    launch_powers_dbm: Powers


class CoexistenceScenario(Scenario, frozen=True, kw_only=True):
    """A state is teleported from one end of a fibre to the other by a Bell measurement at its middle, beside traffic.

    A photon at the first end (``sender``) is heralded by its partner and carries the state; one of a pair at the other
    end (``receiver``) meets it at the middle, the other of the pair is the outcome.
    """

    traffic: Traffic
    photons: Photons
    sender: PairSource
    receiver: PairSource
    station: Station
    sweep: Sweep
    kind: Literal["coexistence"] = "coexistence"
    reported: Reported = Reported()


def _raman_rate_hz(scenario: CoexistenceScenario, half_km: np.ndarray, power_dbm: np.ndarray) -> np.ndarray:
    """Return the Raman photons per second that come out of either half of the fibre, the halves on the first axis.

    Light that goes through runs with the sender's photons, and against the receiver's in the second half.
    """
    traffic, photons = scenario.traffic, scenario.photons
    through = traffic.path == "through"
    spent_db = traffic.attenuation_db_per_km * half_km if through else 0.0
    powers = [
        raman_power_w(
            "backward" if through and second else "forward",
            launch_power_dbm=power_dbm - (spent_db if second else 0.0),
            filter_width_nm=photons.filter_width_nm,
            length_km=half_km,
            coefficient_per_km_nm=traffic.raman_coefficient_per_km_nm,
            pump_attenuation_db_per_km=traffic.attenuation_db_per_km,
            attenuation_db_per_km=photons.attenuation_db_per_km,
        )
        for second in (False, True)
    ]
    return np.asarray(photon_rate_hz(power_w=np.stack(powers), wavelength_nm=photons.wavelength_nm))


def _arm_transmissivity(scenario: CoexistenceScenario, half_km: np.ndarray) -> np.ndarray:
    """Return the probability from either source to a click at the station, the sources on the first axis."""
    sources = (scenario.sender, scenario.receiver)
    arms = [Fiber(half_km, scenario.photons.attenuation_db_per_km, s.insertion_loss_db).transmissivity for s in sources]
    return scenario.station.efficiency * np.stack(arms)


def _station_noise(scenario: CoexistenceScenario, raman_hz: np.ndarray, arm: np.ndarray) -> np.ndarray:
    """Return the probability of a noise click in either detector of the station, in which both halves of the fibre end."""
    window_s = scenario.photons.window_s
    raman = noise_photons(
        rate_hz=raman_hz.sum(axis=0), window_s=window_s, transmissivity=scenario.station.efficiency,
        polarized=scenario.station.polarizers,
    )  # fmt: skip
    stray = scenario.sender.noise_photons * arm[0] + scenario.receiver.noise_photons * arm[1]
    dark = 2 * scenario.photons.dark_count_rate_hz * window_s
    return np.asarray(noise_count_probability(mean_photons=raman + stray + dark))


def _pair_clicks(source: PairSource, arm: np.ndarray, noise: np.ndarray, dark: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the probability of clicks at the end and at the station, and their visibility, for pulsed pairs.

    With ``<x^n y^m> = 1/(1 + μ (1 - x y))``, coincidences less accidentals are ``q q' (a b + c)/((1 + a)(1 + b)(1 + a + b - c))``
    for a = μ η, b = μ η', c = μ η η', and no noise clicks with the probabilities q and q'.
    """
    mean, local = source.mean_photons, source.local_efficiency
    local_noise = noise_count_probability(mean_photons=source.noise_photons * local + dark)
    a, b, c = mean * local, mean * arm, mean * local * arm
    pairs = (1 - local_noise) * (1 - noise) * (a * b + c) / ((1 + a) * (1 + b) * (1 + a + b - c))
    accidental = (a + local_noise) / (1 + a) * (b + noise) / (1 + b)
    every = pairs + 2 * accidental
    return pairs + accidental, np.divide(pairs, every, out=np.zeros_like(every), where=every > 0)


def _fidelities(scenario: CoexistenceScenario, visibility: np.ndarray) -> dict[str, np.ndarray]:
    """Return how well states are sent: as if through the pair that the Bell measurement leaves between the ends."""
    pairs = werner_state(fidelity=(1 + 3 * visibility) / 4)
    blurred = dephasing(probability=(1 - scenario.station.interference_visibility) / 2)
    left = swap(pairs[0], pairs[1].apply(blurred, 0)).state
    return {
        "teleportation_fidelity": (1 + 2 * fidelity(left, bell_state())) / 3,
        "pole_fidelity": (1 + left.expect("ZZ")) / 2,
        "equator_fidelity": (1 + left.expect("XX")) / 2,
    }


def evaluate(scenario: CoexistenceScenario) -> "xr.Dataset":
    """Return Raman noise, pairs and teleportation against length of the fibre and power of the classical light.

    Each source's pairs are Bell states with white noise, of the visibility that threshold detectors see: several pairs in a
    pulse, Raman photons of both halves of the fibre, dark counts and stray photons are accidentals. A noise click counts
    whatever its polarization: beside a photon it looks like a Bell state with probability 1/2, two photons do with 1/4.
    The two photons at the station interfere with ``interference_visibility`` V, as measured without traffic. For pairs of
    visibilities v and v' a state of the equator is sent with fidelity ``(1 + V v v')/2``, a pole with ``(1 + v v')/2``.
    Raman scattering is ``raman_power_w``; leakage through filters and four-wave mixing are left out.
    """
    import xarray as xr

    lengths, powers = points(scenario.sweep.lengths_km), points(scenario.sweep.launch_powers_dbm)
    half_km, power_dbm = lengths[:, None] / 2, powers[None, :]
    raman_hz = _raman_rate_hz(scenario, half_km, power_dbm)
    arm = np.broadcast_to(_arm_transmissivity(scenario, half_km), raman_hz.shape)
    noise = _station_noise(scenario, raman_hz, arm)
    dark = scenario.photons.dark_count_rate_hz * scenario.photons.window_s
    sources = (scenario.sender, scenario.receiver)
    pairs = [_pair_clicks(source, eta, noise, dark) for source, eta in zip(sources, arm, strict=True)]
    clicks, visibility = (np.stack(values) for values in zip(*pairs, strict=True))
    grid, both = ("length_km", "launch_power_dbm"), ("source", "length_km", "launch_power_dbm")
    with np.errstate(divide="ignore", invalid="ignore"):
        signal_to_noise = arm / noise
    dataset = xr.Dataset(
        {
            "raman_rate_hz": (both, raman_hz), "noise_click_probability": (grid, noise),
            "signal_to_noise": (both, signal_to_noise), "visibility": (both, visibility),
            "pair_fidelity": (both, (1 + 3 * visibility) / 4),
            "event_probability": (grid, scenario.station.success_probability * clicks.prod(axis=0)),
            **{name: (grid, values) for name, values in _fidelities(scenario, visibility).items()},
        },
        {"source": ["sender", "receiver"], "length_km": lengths, "launch_power_dbm": powers},
    )  # fmt: skip
    return labelled(dataset, scenario, numbers_of(scenario), _LABELS)


def plot(dataset: "xr.Dataset") -> "Figure":
    """Draw noise, signal to noise and teleportation fidelity against launch power, a line for each length."""
    figure, row = panels(3)
    for axes, (variable, title) in zip(row, _PANELS.items(), strict=True):
        _plot_lengths(dataset, variable, axes)
        mark(axes, reported(dataset, "launch_power_dbm"), "power of the experiment", horizontal=False)
        axes.set_title(title)
    row[2].axhline(_CLASSICAL, color="0.45", linestyle="--", linewidth=1.2, label="without entanglement (2/3)")
    return finish(figure, dataset)


def _plot_lengths(dataset: "xr.Dataset", variable: str, axes: "Axes") -> None:
    values = dataset[variable]
    shown = values.sel(source="receiver") if "source" in values.dims else values
    for k, length_km in enumerate(dataset["length_km"].values):
        line = shown.sel(length_km=length_km)
        axes.plot(dataset["launch_power_dbm"], line, label=f"{length_km:g} km", **line_style(k))
    axes.set_xlabel("launch power [dBm]")
    axes.set_ylabel(axis_label(values))
    if "fidelity" not in variable:
        use_logarithm(axes, shown)


def summarize(dataset: "xr.Dataset") -> str:
    """Return a few powers, at the length of the experiment or the first one."""
    measured_km = reported(dataset, "length_km")
    near = dataset.sel(length_km=dataset["length_km"][0] if measured_km is None else measured_km, method="nearest")
    columns = {
        "Raman/s": near["raman_rate_hz"].sel(source="sender"), "noise clicks": near["noise_click_probability"],
        "S/N": near["signal_to_noise"].sel(source="receiver"), "pair fidelity": near["pair_fidelity"].sel(source="receiver"),
        "teleportation": near["teleportation_fidelity"], "per pulse": near["event_probability"],
    }  # fmt: skip
    return "\n".join([f"fibre of {float(near['length_km']):g} km", row_table(near, "launch_power_dbm", columns)])
