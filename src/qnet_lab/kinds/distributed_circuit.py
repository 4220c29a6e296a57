"""A circuit whose qubits are at several nodes: what it gives, and what each part of the hardware costs."""

import textwrap
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

import msgspec
import numpy as np

from qnet_core.errors import DimensionError, ParameterError
from qnet_protocols import Gate, pairs_per_link

from ..gain_plots import gain_lines, plot_gains
from ..noisy_circuits import PARTS, Circuit, gate_fidelities, ideal_outcomes, outcomes, run, switched
from ..preset_numbers import Defaults, completed, platform_problem
from ..provenance import labelled, reported
from ..schema import NotNegative, Positive, Probability, Scenario, ScenarioError, Span, Table, points
from ..style import axis_label, finish, line_style, mark, panels
from ..tables import row_table

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["DistributedCircuitScenario", "evaluate", "plot", "summarize"]

PairFidelity = Annotated[float, msgspec.Meta(ge=0.25, le=1)]
GateFidelity = Annotated[float, msgspec.Meta(ge=0.25, le=1)]
_MOST_SHOWN = 8
_LABELS = {
    "outcome": ("1", "bits that are read"),
    "part": ("1", "what is perfect"),
    "gate": ("1", "gate between nodes"),
    "link": ("1", "link between nodes"),
    "pair_fidelity": ("1", "fidelity of pairs"),
    "two_qubit_gate_fidelity": ("1", "fidelity of local two-qubit gates"),
    "outcome_probability": ("1", "probability of an outcome"),
    "ideal_probability": ("1", "probability of an outcome without noise"),
    "success_probability": ("1", "success probability"),
    "output_fidelity": ("1", "fidelity with the output without noise"),
    "success_probability_without": ("1", "success probability with one part perfect"),
    "output_fidelity_without": ("1", "fidelity of the output with one part perfect"),
    "gate_fidelity": ("1", "average fidelity of a gate between nodes"),
    "pairs": ("1", "pairs used"),
    "pair_time_s": ("s", "time in which all pairs are made"),
}
_DEFAULTS: Defaults = {
    "nodes.two_qubit_gate_fidelity": ("two_qubit_gate_fidelity", None),
    "nodes.one_qubit_gate_fidelity": ("one_qubit_gate_fidelity", 1.0),
    "nodes.readout_error": ("readout_error", None),
    "nodes.t1_s": ("storage.t1", None),
    "nodes.t2_s": ("storage.t2", None),
    "nodes.decay_exponent": ("storage.exponent", 1.0),
}


class PairTable(Table, frozen=True):
    """The pairs: their fidelity, the share of phase flips in their errors, and how long data qubits wait for each."""

    fidelity: PairFidelity
    phase_error_share: Probability = 1 / 3
    wait_s: NotNegative = 0.0


class CircuitTable(Table, frozen=True):
    """Gates as [name, qubit, ...], the node of each qubit, and the bits that are success: the likeliest if not given."""

    gates: list[Annotated[list[str | int], msgspec.Meta(min_length=2)]]
    assignment: list[str]
    wanted: str | None = None
    share_copies: bool = False


class Nodes(Table, frozen=True):
    """The nodes, all alike; fidelities are average gate fidelities, times may be infinite."""

    two_qubit_gate_fidelity: GateFidelity | None = None
    one_qubit_gate_fidelity: Annotated[float, msgspec.Meta(ge=0.5, le=1)] | None = None
    readout_error: Probability | None = None
    t1_s: Positive | None = None
    t2_s: Positive | None = None
    decay_exponent: Positive | None = None
    num_qubits: Annotated[int, msgspec.Meta(ge=1)] | None = None


class Message(Table, frozen=True):
    """How long a message takes from node to node, readout included."""

    latency_s: NotNegative = 0.0


class Reported(Table, frozen=True):
    """What was measured, for comparison: it enters no formula."""

    success_probability: Probability | None = None
    gate_fidelity: Probability | None = None


class Sweep(Table, frozen=True):
    """Fidelities of pairs, and of local gates on two qubits."""

    pair_fidelities: Span | Annotated[list[PairFidelity], msgspec.Meta(min_length=1)]
    gate_fidelities: Annotated[list[GateFidelity], msgspec.Meta(min_length=1)]


class DistributedCircuitScenario(Scenario, frozen=True, kw_only=True):
    """A circuit, an assignment of its qubits to nodes, and hardware. Numbers of ``platform`` stand in for those not given."""

    circuit: CircuitTable
    pair: PairTable
    sweep: Sweep
    kind: Literal["distributed-circuit"] = "distributed-circuit"
    platform: str | None = None
    nodes: Nodes = Nodes()
    message: Message = Message()
    reported: Reported = Reported()
    may_be_infinite: ClassVar[tuple[str, ...]] = ("nodes.t1_s", "nodes.t2_s")

    def problem(self) -> str | None:
        """Refuse platforms that there are not, outcomes of other numbers of bits, and fidelities that are none."""
        wanted, count = self.circuit.wanted, len(self.circuit.assignment)
        if wanted is not None and (len(wanted) != count or set(wanted) - set("01")):
            return f"key `circuit.wanted`: expected {count} bits, one for each qubit, but it is {wanted!r}."
        fidelities = self.sweep.pair_fidelities
        if isinstance(fidelities, Span) and not 0.25 <= fidelities.start <= fidelities.stop <= 1:
            found = f"{fidelities.start:g} to {fidelities.stop:g}"
            return f"key `sweep.pair_fidelities`: expected numbers from 0.25 to 1, but it is {found}."
        return platform_problem(self.platform) or super().problem()


def _circuit(scenario: DistributedCircuitScenario) -> Circuit:
    gates = []
    for k, (gate, *on) in enumerate(scenario.circuit.gates):
        if not isinstance(gate, str) or not all(isinstance(qubit, int) for qubit in on):
            raise ScenarioError(
                f"Scenario `{scenario.title}`: key `circuit.gates`: expected [name, qubit, ...], but gate {k} is {[gate, *on]}."
            )
        gates.append(Gate(gate, tuple(int(qubit) for qubit in on)))
    table = scenario.circuit
    return Circuit(tuple(gates), tuple(table.assignment), scenario.nodes.num_qubits, table.share_copies)


def evaluate(scenario: DistributedCircuitScenario) -> "xr.Dataset":
    """Return outcomes, success and fidelity of the circuit, what each part costs, and the gates between its nodes.

    Over the fidelities of pairs and of local gates in one call. All qubits are read at the end, with the nodes' readout error.
    """
    numbers = completed(scenario, scenario.platform, _DEFAULTS)
    values = {key: number.value for key, number in numbers.items()}
    circuit = _circuit(scenario)
    try:
        dataset = _dataset(scenario, values, circuit)
    except (ParameterError, DimensionError) as error:
        raise ScenarioError(f"Scenario `{scenario.title}`: {error}") from None
    return labelled(dataset, scenario, numbers, _LABELS)


def _dataset(scenario: DistributedCircuitScenario, values: dict[str, float], circuit: Circuit) -> "xr.Dataset":
    import xarray as xr

    links = pairs_per_link(circuit.gates, circuit.assignment, share_copies=circuit.share_copies)
    ideal = ideal_outcomes(circuit)
    wanted = int(np.argmax(ideal.round(9))) if scenario.circuit.wanted is None else int(scenario.circuit.wanted, 2)
    fidelities = np.sort(points(scenario.sweep.pair_fidelities))
    gates = np.array(scenario.sweep.gate_fidelities)
    swept = run({**values, "pair.fidelity": fidelities, "nodes.two_qubit_gate_fidelity": gates[:, None]}, circuit)
    success = outcomes(swept.state, values["nodes.readout_error"])[..., wanted]
    grid, axes = ("two_qubit_gate_fidelity", "pair_fidelity"), (len(gates), len(fidelities))
    parts = switched(values)
    without = run(parts, circuit)
    read = outcomes(without.state, parts["nodes.readout_error"])
    between = gate_fidelities(values, circuit)
    return xr.Dataset(
        {
            "outcome_probability": ("outcome", read[0]), "ideal_probability": ("outcome", ideal),
            "success_probability_without": ("part", read[:, wanted]),
            "output_fidelity_without": ("part", np.broadcast_to(without.fidelity, len(read))),
            "success_probability": (grid, np.broadcast_to(success, axes)),
            "output_fidelity": (grid, np.broadcast_to(swept.fidelity, axes)),
            "gate_fidelity": ("gate", [float(value) for value in between.values()]),
            "pairs": ("link", [float(count) for count in links.values()]),
            "pair_time_s": values["pair.wait_s"] * sum(links.values()),
        },
        {
            "outcome": [f"{k:0{len(circuit.assignment)}b}" for k in range(len(ideal))],
            "part": ["nothing", *PARTS], "pair_fidelity": fidelities, "two_qubit_gate_fidelity": gates,
            "gate": np.array(list(between), dtype=str), "link": np.array([f"{a}-{b}" for a, b in links], dtype=str),
        },
    )  # fmt: skip


def plot(dataset: "xr.Dataset") -> "Figure":
    """Draw the likeliest outcomes, success against the fidelity of pairs, and what each part costs."""
    figure, (read, curve, budget) = panels(3)
    _plot_outcomes(dataset, read)
    for k, fidelity in enumerate(dataset["two_qubit_gate_fidelity"].values):
        line = dataset["success_probability"].isel(two_qubit_gate_fidelity=k)
        curve.plot(dataset["pair_fidelity"], line, label=f"local gates {fidelity:g}", **line_style(k))
    curve.set_xlabel(axis_label(dataset["pair_fidelity"]))
    curve.set_ylabel(axis_label(dataset["success_probability"]))
    for axes in (read, curve):
        mark(axes, reported(dataset, "success_probability"), "reported")
    plot_gains(dataset["success_probability_without"], budget, "success")
    return finish(figure, dataset, note="a model of the parts, not a fit")


def _plot_outcomes(dataset: "xr.Dataset", axes: "Axes") -> None:
    """Draw the outcomes that are likeliest without noise or with it, beside each other."""
    highest = np.maximum(dataset["ideal_probability"].values, dataset["outcome_probability"].values)
    shown = np.sort(np.argsort(-highest, kind="stable")[:_MOST_SHOWN])
    for k, (name, label) in enumerate((("ideal_probability", "without noise"), ("outcome_probability", "with noise"))):
        at = np.arange(len(shown)) + 0.4 * k - 0.2
        axes.bar(at, dataset[name][shown], width=0.38, color=line_style((4, 0)[k])["color"], label=label)
    axes.set_xticks(np.arange(len(shown)), dataset["outcome"].values[shown], rotation=0 if len(shown) <= 4 else 60)
    axes.set_xlabel(axis_label(dataset["outcome"]))
    axes.set_ylabel(axis_label(dataset["outcome_probability"]))


def summarize(dataset: "xr.Dataset") -> str:
    """Return success for a few fidelities of pairs, the gates between nodes, pairs, and what each part costs."""
    rows = dataset["success_probability"]
    fidelities = rows["two_qubit_gate_fidelity"].values
    columns = {f"gates {f:g}": rows.sel(two_qubit_gate_fidelity=f) for f in fidelities}
    without = dataset["success_probability_without"]
    measured = [reported(dataset, name) for name in ("success_probability", "gate_fidelity")]
    said = ["" if value is None else f", reported {value:.3f}" for value in measured]
    gates = ", ".join(
        f"{g} {float(f):.4f}" for g, f in zip(dataset["gate"].values, dataset["gate_fidelity"], strict=True)
    )
    pairs = ", ".join(f"{int(n)} on {link}" for link, n in zip(dataset["link"].values, dataset["pairs"], strict=True))
    lines = [
        f"success {float(without[0]):.4f}{said[0]}; gates between nodes: {gates or 'none'}{said[1]}",
        f"pairs: {pairs or 'none'}, made in {float(dataset['pair_time_s']):.3g} s",
    ]  # fmt: skip
    table = row_table(dataset, "pair_fidelity", columns)
    wrapped = (part for line in lines for part in textwrap.wrap(line, 120))
    return "\n".join(["success by the fidelity of pairs", table, *wrapped, *gain_lines(without)])
