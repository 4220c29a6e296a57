"""Quantum key distribution by hardware: several protocols over one channel, and what none of them can exceed."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Annotated, Any, Literal, NamedTuple, TypeAlias

import msgspec
import numpy as np

from qnet_channels import Fiber
from qnet_core import _checks as checks
from qnet_protocols import (
    bb84,
    bbm92,
    decoy_bb84,
    finite_bb84,
    finite_decoy_bb84,
    gg02,
    mdi_qkd,
    repeaterless_bound,
    squashed_entanglement_bound,
    twin_field,
)

from ..axes import Axes, arguments, axis_label_of, axis_numbers, corners, in_words_of, is_logarithmic, titled
from ..fiber_tables import fiber_fields, fiber_numbers, fiber_table
from ..provenance import labelled, numbers_of
from ..schema import Numbers, Scenario, ScenarioError, Table
from ..signatures import function_of, one_of, table_of
from ..style import axis_label, finish, line_style, panels, use_logarithm
from ..tables import row_table

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure

__all__ = ["PROTOCOLS", "KeyRateScenario", "evaluate", "plot", "summarize"]

Floats = checks.Floats
_FLOOR = 1e-10  # of the largest key rate
_LABELS = {
    "protocol": ("1", "protocol"),
    "channel_transmissivity": ("1", "transmissivity of the channel from end to end"),
    "channel_loss_db": ("dB", "loss of the channel from end to end"),
    "secret_fraction": ("1", "secret bits per pulse"),
    "key_rate_bit_per_s": ("bit/s", "secret key rate"),
    "error_rate": ("1", "error rate of sifted bits"),
    "key_length_bit": ("bit", "length of the key of one block"),
    "plob_bound": ("1", "most secret bits per use without repeater (PLOB)"),
    "tgw_bound": ("1", "older bound on secret bits per use (TGW)"),
}


class Protocol(NamedTuple):
    """A function of key rates, and how many arms the channel has in it: 2 where something stands half-way."""

    function: Callable[..., Any]
    arms: int


PROTOCOLS: Mapping[str, Protocol] = {
    "bb84": Protocol(bb84, 1),
    "decoy-bb84": Protocol(decoy_bb84, 1),
    "bbm92": Protocol(bbm92, 2),
    "mdi-qkd": Protocol(mdi_qkd, 2),
    "twin-field": Protocol(twin_field, 2),
    "gg02": Protocol(gg02, 1),
    "finite-bb84": Protocol(finite_bb84, 1),
    "finite-decoy-bb84": Protocol(finite_decoy_bb84, 1),
}


class Loss(Table, frozen=True):
    """A channel by its loss from end to end, or by its transmissivity, which is the axis."""

    loss_db: Numbers | None = None
    transmissivity: Numbers | None = None


def _protocol_tables() -> list[type[Table]]:
    """Return a table for each protocol, in which every number is one number."""
    rest = Annotated[float, msgspec.Meta(ge=0, le=1, description="Of everything but the channel, per arm.")]
    return [
        table_of(
            function, __name__, tag=("protocol", name), leave_out=("transmissivity",), sweeps=False,
            more=(("transmissivity", rest, 1.0),),
        )
        for name, (function, _) in PROTOCOLS.items()
    ]  # fmt: skip


if TYPE_CHECKING:
    FiberTable: TypeAlias = Table
    ProtocolTable: TypeAlias = Table
else:
    FiberTable = fiber_table(__name__)
    ProtocolTable = one_of(_protocol_tables())


class KeyRateScenario(Scenario, frozen=True, kw_only=True):
    """Key rates against the loss of a channel: a ``fiber``, or a ``channel`` by its loss alone, with one axis in it.

    ``protocols`` are tables by the name that they have in results. The channel's transmissivity, or its root
    where something stands half-way, multiplies the ``transmissivity`` of each, which is that of everything else.
    """

    protocols: Annotated[dict[str, ProtocolTable], msgspec.Meta(min_length=1)]
    kind: Literal["key-rate"] = "key-rate"
    fiber: FiberTable | None = None
    channel: Loss | None = None

    def problem(self) -> str | None:
        """Refuse channels that are none or two, and what the functions refuse."""
        if text := Scenario.problem(self):
            return text
        if (self.fiber is None) == (self.channel is None):
            return "the file: expected either a table `fiber` or a table `channel`."
        axes = axis_numbers(self)
        if len(axes) != 1:
            return f"the file: expected one axis in its channel, but it has {', '.join(axes) or 'none'}."
        try:
            eta = _transmissivity(self, corners(axes))
            for name, table in self.protocols.items():
                _key(name, table, eta)
        except ScenarioError as error:
            return str(error)
        return None


def _transmissivity(scenario: KeyRateScenario, axes: Axes) -> Floats:
    """Return that of the channel from end to end."""
    if scenario.fiber is not None:
        with in_words_of("fiber"):
            return Fiber(**fiber_fields(scenario.fiber, axes)).transmissivity
    given = arguments(scenario.channel, "channel.", axes) if scenario.channel else {}
    if len(given) != 1:
        raise ScenarioError("table `channel`: expected either the key `loss_db` or the key `transmissivity`.")
    with in_words_of("channel"):
        if "loss_db" in given:
            return checks.plain(10 ** (-checks.real(given["loss_db"], "loss_db", low=0.0) / 10))
        return checks.probability(given["transmissivity"], "transmissivity")


def _key(name: str, table: Table, eta: Floats) -> dict[str, Floats]:
    """Return the key of one protocol over channels of these transmissivities."""
    function, arms = PROTOCOLS[function_of(table)]
    given = arguments(table, "", {})
    arm = eta if arms == 1 else np.sqrt(eta)
    with in_words_of(f"protocols.{name}"):
        result = function(**given | {"transmissivity": given["transmissivity"] * arm})
    found: dict[str, Floats] = result._asdict()
    if "key_length" in found:
        bits = found["key_length"]
        return {"secret_fraction": bits / max(1.0, given["num_pulses"]), "key_length_bit": bits}
    found["key_rate_bit_per_s"] = found["rate_hz"]
    return {label: found[label] for label in _LABELS if label in found}


def evaluate(scenario: KeyRateScenario) -> "xr.Dataset":
    """Return secret bits per pulse of each protocol along the channel, and the bounds of channels without repeater.

    Key rates per second are those of each protocol's ``repetition_rate_hz``, one pulse per second if not given. NaN is what
    a protocol does not tell: the length of a key in the limit of long keys, the error rate of Gaussian modulation.
    The bounds are for the channel alone, with perfect ends, per pulse.
    """
    import xarray as xr

    with titled(scenario):
        axes = axis_numbers(scenario)
        eta = _transmissivity(scenario, axes)
        keys = [_key(name, table, eta) for name, table in scenario.protocols.items()]
        numbers = numbers_of(scenario) | fiber_numbers(scenario.fiber)
    ((axis, values),) = axes.items()
    nothing = np.full_like(eta, np.nan)
    told = [name for name in _LABELS if any(name in key for key in keys)]
    with np.errstate(divide="ignore"):
        loss_db = 0.0 - 10 * np.log10(eta)
    dataset = xr.Dataset(
        {
            **{name: (("protocol", axis), np.stack([key.get(name, nothing) for key in keys])) for name in told},
            "channel_transmissivity": (axis, eta), "channel_loss_db": (axis, loss_db),
            "plob_bound": (axis, repeaterless_bound(eta)), "tgw_bound": (axis, squashed_entanglement_bound(eta)),
        },
        {"protocol": list(scenario.protocols), axis: values},
    )  # fmt: skip
    known = [str(name) for name in dataset.variables if name != axis]
    labels = {axis: axis_label_of(axis)} | {name: _LABELS[name] for name in known}
    return labelled(dataset, scenario, numbers, labels)


def plot(dataset: "xr.Dataset") -> "Figure":
    """Draw secret bits per pulse along the channel under the bounds."""
    figure, (axes,) = panels(1, width=9.5)
    (axis,) = dataset["plob_bound"].dims
    dataset = dataset.sortby(axis)
    fraction = dataset["secret_fraction"]
    for k, name in enumerate(dataset["protocol"].values):
        values = fraction.sel(protocol=name)
        axes.plot(dataset[axis], values.where(values > 0), label=str(name), **line_style(k))
    use_logarithm(axes, fraction, _FLOOR)
    low, high = axes.get_ylim()
    for name, text, dashes in (("plob_bound", "PLOB bound", "-"), ("tgw_bound", "TGW bound", ":")):
        axes.plot(dataset[axis], dataset[name], color="0.45", linewidth=1.2, linestyle=dashes, label=text)
    axes.set_ylim(low, 10 * high)
    axes.set_xlabel(axis_label(dataset[axis]))
    axes.set_ylabel(axis_label(fraction))
    if is_logarithmic(dataset[axis]):
        axes.set_xscale("log")
    return finish(figure, dataset, note="the bounds are for perfect ends")


def summarize(dataset: "xr.Dataset") -> str:
    """Return a few points along the channel for each protocol, by its number, and how far each makes key."""
    fraction, bound = dataset["secret_fraction"], dataset["plob_bound"]
    (axis,) = map(str, bound.dims)
    names = [str(name) for name in fraction["protocol"].values]
    columns = {f"({k + 1})": fraction[k] for k in range(len(names))}
    reached = [f"({k + 1}) {name}: {_reach(dataset, axis, fraction[k])}" for k, name in enumerate(names)]
    table = row_table(dataset, axis, columns | {"PLOB": bound})
    return "\n".join([f"secret bits per pulse against {axis}", table, *reached])


def _reach(dataset: "xr.Dataset", axis: str, fraction: "xr.DataArray") -> str:
    """Return how far along the channel there is key; the axis may go either way."""
    loss_db = np.where(fraction > 0, dataset["channel_loss_db"], -1.0)
    if loss_db.max() < 0:
        return "no key"
    farthest = loss_db.argmax()
    beyond = "at least " if loss_db[farthest] == dataset["channel_loss_db"].max() else ""
    unit = dataset[axis].attrs["units"].removeprefix("1")
    return f"key up to {beyond}{dataset[axis].values[farthest]:.4g} {unit}".rstrip()
