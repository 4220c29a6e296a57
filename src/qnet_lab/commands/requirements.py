"""The command ``qnet requirements``."""

import math
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from .errors import about
from .names import complete_scenarios, refuse_slips, shipped_note
from .output import Output, with_output
from .pages import listing

if TYPE_CHECKING:
    from ..scenario_requirements import HardwareRequirements, Need

__all__ = ["command"]

_EXAMPLES = listing(
    "Examples",
    "qnet requirements ion_sr88_ca43 --distance-km 50 --fidelity 0.9 --rate-hz 1",
    "qnet requirements my_chain.toml --distance-km 100 --key-rate 10 --repeaters 3",
    "qnet requirements nv_delft --distance-km 100 --fidelity 0.9 --vary memory.t2_s --vary station.gate_fidelity",
)
_GOALS = {"fidelity": "fidelity", "rate_hz": "pairs/s", "secret_key_rate_bit_per_s": "secret bits/s"}
_SCALE = listing(
    "What a factor k does",
    "probability that all goes well    x becomes x**(1/k): losses in dB are divided by k",
    "probability of an error           e becomes 1 - (1 - e)**(1/k): e/k where it is small",
    "lifetimes T1, T2; modes           multiplied by k",
    "durations, attenuation in dB      divided by k",
    "standard deviation of phases      divided by the square root of k",
)


@click.command(
    epilog=f"{_SCALE}\n\n{_EXAMPLES}\n\n{shipped_note()}", short_help="What hardware reaches a fidelity and a rate."
)
@click.argument("scenario", shell_complete=complete_scenarios)
@click.option("--distance-km", type=float, required=True, help="Between the ends.")
@click.option("--fidelity", type=float, help="Least fidelity of the pairs with phi+.")
@click.option("--rate-hz", type=float, help="Least number of pairs per second.")
@click.option("--key-rate", type=float, help="Least number of secret bits per second.")
@click.option("--vary", multiple=True, metavar="KEY", help="A number that may change, such as memory.t2_s; each by itself "
              "and then all of them.  [default: all of the nodes that are not perfect]")  # fmt: skip
@click.option("--repeaters", type=click.IntRange(min=0), multiple=True,
              help="A number of repeaters that may be used.  [default: those of the file]")  # fmt: skip
@with_output
def command(
    out: Output, scenario: str, distance_km: float, fidelity: float | None, rate_hz: float | None, key_rate: float | None,
    vary: tuple[str, ...], repeaters: tuple[int, ...],
) -> None:  # fmt: skip
    """Say what hardware a chain of repeaters needs for a fidelity and a rate over a distance.

    SCENARIO is a TOML file or the name of a shipped scenario, of kind chain. Each number is made better alone until the
    goal is reached, while the others stay; then all of them by the same factor. Where the hardware reaches the goal as it
    is, factors below 1 say how much worse it may be. The exit code is 1 where the goal is out of reach.
    """
    from ..scenario import load_scenario
    from ..scenario_requirements import requirements

    if fidelity is None and rate_hz is None and key_rate is None:
        raise click.UsageError("Give a goal: --fidelity, --rate-hz or --key-rate.")
    refuse_slips(scenario)
    loaded = load_scenario(scenario)
    with about(f"Scenario `{scenario}`"), out.step("searching"):
        found = requirements(
            loaded, distance_km=distance_km, fidelity=fidelity, rate_hz=rate_hz, secret_key_rate_bit_per_s=key_rate,
            vary=vary or None, repeaters=repeaters or None,
        )  # fmt: skip
    out.say("\n".join(_lines(loaded.title, found)))
    out.document(_document(found))
    sys.exit(math.isinf(found.together.factor))


def _lines(title: str, found: "HardwareRequirements") -> Iterator[str]:
    """Yield the goal, what there is now, and a row for each number."""
    goal = " and ".join(f"{_GOALS[name]} >= {value:g}" for name, value in found.goal.items())
    now = ", ".join(f"{found.now[name]:.4g} {unit}" for name, unit in _GOALS.items())
    yield title
    yield f"goal at {found.distance_km:g} km: {goal}"
    chosen = f"{_repeaters(int(found.now['repeaters']))}, which is best once all is as needed"
    yield f"as it is: {now} with {chosen}; {'reached' if found.reached else 'not reached'}"
    yield ""
    width = max(map(len, found.numbers)) + 2
    yield f"{'each alone':<{width}}{'is':>12}{'may be' if found.reached else 'needed':>12}{'factor':>12}"
    for key, need in found.alone.items():
        yield f"{key:<{width}}{found.numbers[key]:>12.4g}{_verdict(key, need)}"
    yield ""
    yield from _together(found, width)


def _verdict(key: str, need: "Need") -> str:
    """Return what a number has to be, in words where no factor is enough or any will do."""
    if need.factor == 0:
        return f"{'any':>12}"
    if math.isinf(need.factor):
        return "  not by this alone"
    return f"{need.values[key]:>12.4g}{need.factor:>12.4g}  with {_repeaters(need.repeaters)}"


def _together(found: "HardwareRequirements", width: int) -> Iterator[str]:
    need = found.together
    if not need.values:
        yield f"all together: {'no factor is enough' if need.factor else 'any will do'}"
        return
    yield f"{'all together':<{width}}{'':>24}{need.factor:>12.4g}  with {_repeaters(need.repeaters)}"
    yield from (f"{key:<{width}}{found.numbers[key]:>12.4g}{value:>12.4g}" for key, value in need.values.items())


def _repeaters(count: int | None) -> str:
    return f"{count} repeater{'' if count == 1 else 's'}"


def _document(found: "HardwareRequirements") -> dict[str, object]:
    """Return everything as plain values."""
    from dataclasses import asdict

    alone = {key: need._asdict() for key, need in found.alone.items()}
    return asdict(found) | {"alone": alone, "together": found.together._asdict()}
