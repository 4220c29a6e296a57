"""Teleportation between two nodes that share no link, by a third one between them that stores and swaps."""

import json
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

import msgspec
import numpy as np

from qnet_core import bell_state, fidelity
from qnet_core.errors import ParameterError

from ..gain_plots import gain_lines, plot_gains
from ..preset_numbers import Defaults, completed, platform_problem
from ..provenance import labelled, reported
from ..relayed_teleportation import INPUTS, PARTS, cardinal_fidelities, link_of, stored_pairs, switched, teleporter
from ..schema import NotNegative, Positive, Probability, Scenario, ScenarioError, Span, Table, points
from ..style import axis_label, finish, line_style, mark, panels
from ..tables import row_table

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure

__all__ = ["TeleportationNetworkScenario", "evaluate", "plot", "summarize"]

AverageFidelity = Annotated[float, msgspec.Meta(ge=0.5, le=1)]
Attempts = Annotated[int, msgspec.Meta(ge=1, le=200_000)]
_CLASSICAL = 2 / 3
_LABELS = {
    "input_state": ("1", "input state"),
    "part": ("1", "what is perfect"),
    "max_attempts": ("1", "attempts before a stored qubit is given up"),
    "state_fidelity": ("1", "fidelity of the teleported state"),
    "average_fidelity": ("1", "average state fidelity"),
    "average_fidelity_without": ("1", "average state fidelity with one part perfect"),
    "teleporter_fidelity": ("1", "fidelity of the shared pair of the outer nodes"),
    "link_fidelity": ("1", "fidelity of a fresh link"),
    "link_probability": ("1", "success probability of an attempt"),
    "in_time_probability": ("1", "probability that the second link is there in time"),
    "teleporter_rate_hz": ("1/s", "shared pairs of the outer nodes, attempts alone"),
}
_DEFAULTS: Defaults = {
    "memory.swap_in_fidelity": ("swap_to_memory_fidelity", 1.0),
    "memory.attempts_to_dephase": ("carbon_link_attempts", np.inf),
    "memory.t1_s": ("storage.t1", None),
    "memory.t2_s": ("storage.t2", None),
    "memory.decay_exponent": ("storage.exponent", 1.0),
    "communication.t1_s": ("communication.t1", None),
    "communication.t2_s": ("communication.t2", None),
    "communication.decay_exponent": ("communication.exponent", 1.0),
    "station.gate_fidelity": ("two_qubit_gate_fidelity", None),
}
_SINGLE_CLICK: Defaults = {
    "link.bright_population": ("bright_population", None),
    "link.photon_detection_probability": ("photon_detection_probability", None),
    "link.visibility": ("visibility", None),
    "link.phase_std_rad": ("phase_std", 0.0),
    "link.double_excitation_probability": ("double_excitation_probability", 0.0),
    "link.dark_count_probability": (None, 0.0),
}
_GIVEN: Defaults = {"link.success_probability": (None, None), "link.phase_error_share": (None, 1 / 3)}


class Attempting(Table, frozen=True):
    """Attempts at a link: how long each takes, and after how many the stored qubit is given up."""

    duration_s: Positive
    max_attempts: Attempts


class Link(Table, frozen=True):
    """Both links: single clicks, or a fidelity, the share of phase flips in the errors, and the success probability."""

    bright_population: Probability | None = None
    photon_detection_probability: Probability | None = None
    visibility: Probability | None = None
    phase_std_rad: NotNegative | None = None
    double_excitation_probability: Probability | None = None
    dark_count_probability: Probability | None = None
    fidelity: Annotated[float, msgspec.Meta(ge=0.25, le=1)] | None = None
    phase_error_share: Probability | None = None
    success_probability: Annotated[float, msgspec.Meta(gt=0, lt=1)] | None = None


class StoredQubit(Table, frozen=True):
    """The qubit that stores, at every node; attempts do nothing to it unless file or platform say so; times may be infinite."""

    swap_in_fidelity: AverageFidelity | None = None
    attempts_to_dephase: Positive | None = None
    t1_s: Positive | None = None
    t2_s: Positive | None = None
    decay_exponent: Positive | None = None


class Communication(Table, frozen=True):
    """The qubit that is linked, while it waits under decoupling."""

    t1_s: Positive | None = None
    t2_s: Positive | None = None
    decay_exponent: Positive | None = None


class Measurement(Table, frozen=True):
    """The Bell measurement of a communication qubit and a stored one, in the middle and at the sender."""

    readout_error: Probability
    memory_readout_error: Probability
    gate_fidelity: Annotated[float, msgspec.Meta(ge=0.25, le=1)] | None = None


class Message(Table, frozen=True):
    """From a Bell measurement until its outcome is there and used."""

    latency_s: NotNegative = 0.0


class Input(Table, frozen=True):
    """The state to be teleported, as it is prepared."""

    fidelity: AverageFidelity = 1.0


class Reported(Table, frozen=True):
    """What was measured, for comparison: it enters no formula."""

    average_fidelity: Probability | None = None


class Sweep(Table, frozen=True):
    """Numbers of attempts after which the stored qubit is given up."""

    max_attempts: Span | Annotated[list[Attempts], msgspec.Meta(min_length=1)]


class TeleportationNetworkScenario(Scenario, frozen=True, kw_only=True):
    """Three nodes in a line, all alike: sender, middle, receiver. Numbers of ``platform`` stand in for those not given."""

    attempts: Attempting
    station: Measurement
    sweep: Sweep
    kind: Literal["teleportation-network"] = "teleportation-network"
    platform: str | None = None
    link: Link = Link()
    memory: StoredQubit = StoredQubit()
    communication: Communication = Communication()
    message: Message = Message()
    input: Input = Input()
    reported: Reported = Reported()
    may_be_infinite: ClassVar[tuple[str, ...]] = (
        "memory.t1_s", "memory.t2_s", "communication.t1_s", "communication.t2_s",
    )  # fmt: skip

    def problem(self) -> str | None:
        """Refuse platforms that there are not, links given twice, and sweeps of no attempts."""
        given = [name for name in ("success_probability", "phase_error_share") if getattr(self.link, name) is not None]
        if given and self.link.fidelity is None:
            return f"key `link.{given[0]}`: expected only with link.fidelity, which is not given."
        clicks = [name.partition(".")[2] for name in _SINGLE_CLICK]
        twice = [name for name in clicks if getattr(self.link, name) is not None]
        if twice and self.link.fidelity is not None:
            return f"key `link.{twice[0]}`: expected only without link.fidelity, which is {self.link.fidelity:g}."
        sweep = self.sweep.max_attempts
        if isinstance(sweep, Span) and not 1 <= sweep.start <= sweep.stop <= 2e5:
            return f"key `sweep.max_attempts`: expected numbers from 1 to 2e5, but it is {sweep.start:g} to {sweep.stop:g}."
        return platform_problem(self.platform) or super().problem()


def evaluate(scenario: TeleportationNetworkScenario) -> "xr.Dataset":
    """Return the fidelity of each teleported cardinal state, what each part costs, and fidelity and rate against the time-out.

    The middle node stores its half of the first link while it attempts the second one, swaps, and the sender teleports
    through the pair of the outer nodes. Rates count attempts alone: what is spent on cooling, checks of resonance and
    phases is left out, and so are selections by the outcome of a measurement.
    """
    link_keys = _SINGLE_CLICK if scenario.link.fidelity is None else _GIVEN
    numbers = completed(scenario, scenario.platform, {**_DEFAULTS, **link_keys})
    try:
        dataset = _dataset(scenario, {key: number.value for key, number in numbers.items()})
    except ParameterError as error:
        raise ScenarioError(f"Scenario `{scenario.title}`: {error}") from None
    return labelled(dataset, scenario, numbers, _LABELS)


def _dataset(scenario: TeleportationNetworkScenario, values: dict[str, float]) -> "xr.Dataset":
    import xarray as xr

    link = link_of(values)
    if not link.probability > 0:
        raise ParameterError("Parameter `link` must succeed at times, but never does.")
    limits = np.unique(np.maximum(1, points(scenario.sweep.max_attempts).round()))
    swept = {**values, "link_noise": 1.0}
    pairs = teleporter(swept, link, stored_pairs(swept, link, limits))
    parts = switched(values)
    own = np.array([scenario.attempts.max_attempts])
    states = cardinal_fidelities(parts, teleporter(parts, link, stored_pairs(parts, link, own)))[..., 0]
    in_time = -np.expm1(limits * np.log1p(-link.probability))
    attempts = (1 / in_time + 1) / link.probability
    return xr.Dataset(
        {
            "state_fidelity": ("input_state", states[:, 0]),
            "average_fidelity_without": ("part", states.mean(axis=0)),
            "average_fidelity": ("max_attempts", cardinal_fidelities(swept, pairs).mean(axis=0)),
            "teleporter_fidelity": ("max_attempts", fidelity(pairs, bell_state())),
            "in_time_probability": ("max_attempts", in_time),
            "teleporter_rate_hz": ("max_attempts", 1 / (attempts * scenario.attempts.duration_s)),
            "link_fidelity": float(fidelity(link.state, bell_state())),
            "link_probability": float(link.probability),
        },
        {"input_state": list(INPUTS), "part": ["nothing", *PARTS], "max_attempts": limits},
    )


def plot(dataset: "xr.Dataset") -> "Figure":
    """Draw the fidelity of each input beside the reported mean, the mean against the time-out, and what each part costs."""
    figure, (states, curve, budget) = panels(3)
    states.bar([f"|{name}⟩" for name in dataset["input_state"].values], dataset["state_fidelity"], color=line_style(0)["color"],
               width=0.6)  # fmt: skip
    mean = float(dataset["state_fidelity"].mean())
    states.axhline(mean, color=line_style(5)["color"], linewidth=1.2, label="average of the model")
    states.set_ylim(0.5, 1)
    states.set_ylabel(axis_label(dataset["state_fidelity"]))
    curve.plot(
        dataset["max_attempts"], dataset["average_fidelity"], label="average against the time-out", **line_style(1)
    )
    own = float(json.loads(dataset.attrs["parameters"])["attempts.max_attempts"]["value"])
    curve.plot([own], [mean], "o", color="black", markersize=5, label="this scenario")
    curve.set_xscale("log")
    curve.set_xlabel(axis_label(dataset["max_attempts"]))
    curve.set_ylabel(axis_label(dataset["average_fidelity"]))
    for axes in (states, curve):
        axes.axhline(_CLASSICAL, color="black", linestyle=(0, (8, 2, 1, 2)), linewidth=1.0, label="classical limit 2/3")
        mark(axes, reported(dataset, "average_fidelity"), "reported")
    plot_gains(dataset["average_fidelity_without"], budget, "fidelity")
    return finish(figure, dataset, note="a model of the parts, not a fit")


def summarize(dataset: "xr.Dataset") -> str:
    """Return fidelity and rate for a few time-outs, the fidelity of each input, and what each part costs."""
    columns = {
        "average": dataset["average_fidelity"], "pair": dataset["teleporter_fidelity"],
        "in time": dataset["in_time_probability"], "pairs/s": dataset["teleporter_rate_hz"],
    }  # fmt: skip
    states = dataset["state_fidelity"]
    inputs = ", ".join(f"{name} {float(f):.3f}" for name, f in zip(states["input_state"].values, states, strict=True))
    measured = reported(dataset, "average_fidelity")
    mean = f"average {float(states.mean()):.3f}" + ("" if measured is None else f", reported {measured:.3f}")
    table = row_table(dataset, "max_attempts", columns)
    costs = gain_lines(dataset["average_fidelity_without"])
    return "\n".join(["by the greatest number of attempts", table, f"{inputs}; {mean}", *costs])
