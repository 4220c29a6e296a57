"""Pairs from a link to their use: stored, swapped, distilled, and spent on a protocol; every number may be an axis."""

from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np

from qnet_core import bell_state, concurrence, fidelity, negativity

from ..axes import Axes, arguments, axes_problem, axis_label_of, axis_numbers, in_words_of, titled
from ..pair_pipeline import PairResults, pair_results
from ..pair_plots import plot, summarize
from ..pair_storage import pair_borrowed
from ..pair_tables import LinkTable, PairSteps, step_tables
from ..pair_uses import USES
from ..provenance import labelled, numbers_of
from ..schema import Scenario, Table
from ..signatures import function_of, one_of

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["PairsScenario", "evaluate", "plot", "summarize"]

_HALVES = ("pauli_left", "pauli_right")
_LABELS = {
    "bloch": ("1", "expectation of the Pauli operators"),
    "pauli_left": ("1", "Pauli operator on the left half"),
    "pauli_right": ("1", "Pauli operator on the right half"),
    "fidelity": ("1", "fidelity with phi+"),
    "concurrence": ("1", "concurrence"),
    "negativity": ("1", "negativity"),
    "retrieval_probability": ("1", "probability that both photons come back"),
    "link_probability": ("1", "success probability of a link per attempt"),
    "swap_probability": ("1", "probability that all swaps succeed"),
    "distillation_probability": ("1", "probability that all rounds of distillation succeed at once"),
    "links_per_pair": ("1", "links that one pair takes in the mean"),
    "teleportation_fidelity": ("1", "mean teleportation fidelity"),
    "message_success_probability": ("1", "probability of reading the right message"),
    "mutual_information_bit": ("bit", "mutual information per use"),
    "capacity_bit": ("bit", "capacity of superdense coding"),
    "chsh": ("1", "CHSH value S"),
    "square_win_probability": ("1", "probability of winning the magic square"),
    "gate_fidelity": ("1", "average fidelity of the remote gate"),
    "win_probability": ("1", "probability of winning the CHSH game"),
    "hashing_yield": ("1", "perfect pairs per pair, by hashing"),
    "key_fraction": ("1", "secret bits per sifted pair"),
}


if TYPE_CHECKING:
    UseTable: TypeAlias = Table
else:
    UseTable = one_of(step_tables(USES, "name", __name__))


class PairsScenario(PairSteps, frozen=True, kw_only=True):
    """Pairs from a link to their use, step by step.

    The order is: link with its fibre and converter, node, memory, noise, ensemble, station, distillation, protocol. Every
    table but ``link`` may be left out. Numbers may be axes, one or two in the file, which are dimensions of the
    results with the names of their keys. The loss of ``fiber`` multiplies the link's ``transmissivity``, which then is
    that of everything else and 1 if not given. Both halves of a pair wait in ``memory``; numbers of its ``platform`` stand
    in for those that are not given.
    """

    kind: Literal["pairs"] = "pairs"
    link: LinkTable
    protocol: UseTable | None = None

    def problem(self) -> str | None:
        """Refuse tables that don't fit together, and what the functions refuse: all is tried at the ends of the axes."""
        return Scenario.problem(self) or axes_problem(self, lambda axes: _used(self, axes))


def _used(scenario: PairsScenario, axes: Axes) -> PairResults:
    """Return the pair, and what the protocol makes of it with all other figures."""
    pair, figures = pair_results(scenario, axes)
    if scenario.protocol is None:
        return PairResults(pair, figures)
    with in_words_of("protocol"):
        use = USES[function_of(scenario.protocol)]
        return PairResults(pair, figures | use(pair, **arguments(scenario.protocol, "protocol.", axes)))


def evaluate(scenario: PairsScenario) -> "xr.Dataset":
    """Return the pair's state, what it is worth, and what it takes, along the axes of the file.

    Each step is conditioned on the success of all steps before it. ``links_per_pair`` counts what failed swaps and
    failed distillations cost; nothing else waits than what the table ``memory`` says. Where a step can't succeed, what comes
    after it is NaN.
    """
    import xarray as xr

    with titled(scenario):
        axes = axis_numbers(scenario)
        state, figures = _used(scenario, axes)
        numbers = numbers_of(scenario) | pair_borrowed(scenario)
    shape = tuple(map(len, axes.values()))
    state = state.broadcast_to(shape)
    figures = {
        "fidelity": fidelity(state, bell_state()), "concurrence": concurrence(state), "negativity": negativity(state),
        **figures,
    }  # fmt: skip
    paulis = {half: list("IXYZ") for half in _HALVES}
    dataset = xr.Dataset(
        {
            "bloch": ((*axes, *_HALVES), state.bloch),
            **{name: (tuple(axes), np.broadcast_to(values, shape)) for name, values in figures.items()},
        },
        {**axes, **paulis},
    )
    labels = {key: axis_label_of(key) for key in axes}
    return labelled(dataset, scenario, numbers, labels | {name: _LABELS[name] for name in (*paulis, "bloch", *figures)})
