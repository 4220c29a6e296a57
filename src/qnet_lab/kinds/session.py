"""Runs of BB84 by simulation, without and with eavesdroppers: what became of the bits, and what was noticed."""

from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeAlias

import msgspec
import numpy as np
from numpy.typing import ArrayLike

from qnet_channels import Detector, Fiber, depolarizing, erasure
from qnet_core import Channel
from qnet_core import _checks as checks
from qnet_protocols import (
    PhotonNumberSplitting,
    SessionResult,
    bb84_session,
    cloning_channel,
    intercept_resend_channel,
)

from ..axes import arguments, in_words_of, titled
from ..fiber_tables import fiber_fields, fiber_numbers, fiber_table
from ..provenance import labelled, numbers_of
from ..schema import Scenario, ScenarioError, Table
from ..session_plots import plot, summarize
from ..signatures import function_of, one_of, table_of

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["ATTACKS", "NOBODY", "SessionScenario", "evaluate", "plot", "summarize"]

NOBODY = "nobody"
ATTACKS: Mapping[str, Callable[..., Channel | PhotonNumberSplitting]] = {
    "intercept-resend": intercept_resend_channel,
    "cloning": cloning_channel,
    "photon-number-splitting": PhotonNumberSplitting,
}
_SECRET = ("sender_key", "receiver_key", "transcript")  # bits, and what was said about them
_OBJECTS = ("channel", "detector", "eavesdropper", "authentication_store", "rng")
_LABELS = {
    "eavesdropper": ("1", "eavesdropper"),
    "aborted": ("1", "why there is no key"),
    "is_simulation": ("1", "whether whoever has the seed has the key"),
    "keys_match": ("1", "whether there is a key, the same at both ends"),
    "key_length_bit": ("bit", "length of the secret key"),
    "leaked_bit": ("bit", "told by reconciliation"),
    "authentication_bit": ("bit", "spent on authentication"),
    "num_signals": ("1", "signals sent"),
    "num_detected": ("1", "signals detected"),
    "num_double_clicks": ("1", "double clicks"),
    "num_key_bits": ("1", "sifted bits of the key that were not told"),
    "num_test_bits": ("1", "sifted bits of the other basis"),
    "num_sample_bits": ("1", "bits of the key that were told"),
    "key_error_rate": ("1", "error rate in the basis of the key"),
    "test_error_rate": ("1", "error rate in the other basis"),
    "predicted_gain": ("1", "detections per signal, by density matrices"),
    "predicted_key_error_rate": ("1", "error rate in the basis of the key, by density matrices"),
    "predicted_test_error_rate": ("1", "error rate in the other basis, by density matrices"),
    "reconciliation_efficiency": ("1", "bits told per bit of the Shannon limit"),
    "phase_error_rate": ("1", "bound on the phase error rate"),
}


def line(*, mixing: ArrayLike = 0.0, transmissivity: ArrayLike = 1.0) -> Channel:
    """Return the channel of the photons: noise, then loss.

    Parameters
    ----------
    mixing : array_like
        Probability that a photon's polarization is replaced by the maximally mixed one.
    transmissivity : array_like
        Probability that it arrives, the detector's efficiency not included.
    """
    return depolarizing(mixing=mixing).then(erasure(transmissivity=transmissivity))


if TYPE_CHECKING:
    RunTable: TypeAlias = Table
    LineTable: TypeAlias = Table
    FiberTable: TypeAlias = Table
    DetectorTable: TypeAlias = Table
    AttackTable: TypeAlias = Table
else:
    _SEED = Annotated[int, msgspec.Meta(ge=0, description="Of the simulation; whoever knows it knows the key.")]
    RunTable = table_of(bb84_session, __name__, leave_out=_OBJECTS, more=[("seed", _SEED)])
    LineTable = table_of(line, __name__, sweeps=False)
    FiberTable = fiber_table(__name__, sweeps=False)
    DetectorTable = table_of(Detector, __name__, sweeps=False)
    AttackTable = one_of(
        table_of(attack, __name__, tag=("attack", name), sweeps=False) for name, attack in ATTACKS.items()
    )


class SessionScenario(Scenario, frozen=True, kw_only=True):
    """BB84 from the first signal to the key, or to the reason why there is none: once alone, and once with each eavesdropper.

    ``session`` has the parameters of ``bb84_session``, and a ``seed``, with which all runs begin. Fibre and ``channel`` follow
    one another; ``eavesdroppers`` are tables by the name that they have in results. Results hold no key.
    """

    session: RunTable
    kind: Literal["session"] = "session"
    channel: LineTable | None = None
    fiber: FiberTable | None = None
    detector: DetectorTable | None = None
    eavesdroppers: dict[str, AttackTable] = msgspec.field(default_factory=dict)

    def problem(self) -> str | None:
        """Refuse what the functions refuse: the runs are tried with a single signal."""
        if NOBODY in self.eavesdroppers:
            return f"key `eavesdroppers.{NOBODY}`: expected another name, as this is the run without eavesdropper."
        try:
            _runs(self, num_signals=1)
        except ScenarioError as error:
            return str(error)
        return None


def _line(scenario: SessionScenario) -> Channel:
    """Return the channel with its fibre."""
    given = arguments(scenario.channel, "", {}) if scenario.channel is not None else {}
    if scenario.fiber is not None:
        with in_words_of("fiber"):
            through = Fiber(**fiber_fields(scenario.fiber, {})).transmissivity
        with in_words_of("channel"):
            given["transmissivity"] = through * checks.probability(given.get("transmissivity", 1.0), "transmissivity")
    with in_words_of("channel"):
        return line(**given)


def _detector(scenario: SessionScenario) -> Detector | None:
    if scenario.detector is None:
        return None
    with in_words_of("detector"):
        return Detector(**arguments(scenario.detector, "", {}))


def _eavesdropper(name: str, table: Table) -> Channel | PhotonNumberSplitting:
    with in_words_of(f"eavesdroppers.{name}"):
        return ATTACKS[function_of(table)](**arguments(table, "", {}))


def _runs(scenario: SessionScenario, *, num_signals: int | None = None) -> dict[str, SessionResult]:
    """Return every run by the name of its eavesdropper; each begins with the same seed."""
    given = arguments(scenario.session, "", {})
    seed = given.pop("seed")
    own = {"num_signals": given["num_signals"] if num_signals is None else num_signals}
    channel, detector = _line(scenario), _detector(scenario)
    attacks = {name: _eavesdropper(name, table) for name, table in scenario.eavesdroppers.items()}
    with in_words_of("session"):
        return {
            name: bb84_session(
                **given | own, channel=channel, detector=detector, eavesdropper=attack, rng=np.random.default_rng(seed)
            )
            for name, attack in {NOBODY: None, **attacks}.items()
        }


def _told(run: SessionResult) -> dict[str, Any]:
    """Return what a run leaves that is no secret, by the names of variables."""
    found = {field.name: getattr(run, field.name) for field in fields(run) if field.name not in _SECRET}
    found |= {"aborted": run.aborted or "", "keys_match": run.keys_match, "key_length_bit": run.key_length}
    return found | {"leaked_bit": found.pop("leaked_bits"), "authentication_bit": found.pop("authentication_bits")}


def evaluate(scenario: SessionScenario) -> "xr.Dataset":
    """Return what both ends know after each run, and what density matrices say of it; no key and nothing of what was said."""
    import xarray as xr

    with titled(scenario):
        runs = _runs(scenario)
        numbers = numbers_of(scenario) | fiber_numbers(scenario.fiber)
    told = [_told(run) for run in runs.values()]
    dataset = xr.Dataset(
        {name: ("eavesdropper", np.array([one[name] for one in told])) for name in told[0]},
        {"eavesdropper": list(runs)},
    )
    return labelled(dataset, scenario, numbers, {str(name): _LABELS[str(name)] for name in dataset.variables})
