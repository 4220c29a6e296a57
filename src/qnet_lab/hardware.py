"""From a scenario and its platform to one table of numbers, each with its unit, grade and source."""

import math
from collections.abc import Collection, Mapping

import msgspec
import numpy as np
from numpy.typing import ArrayLike

from qnet_channels import Platform, Quantity, preset

from .kinds.chain import ChainScenario
from .provenance import graded
from .schema import ScenarioError

__all__ = ["NUMBERS", "refuse_idle", "require_physical_times", "resolve"]

# key of the scenario: (unit, name of the platform's parameter or None, default or None where there is none)
NUMBERS: Mapping[str, tuple[str, str | None, float | None]] = {
    "link.photon_detection_probability": ("1", "photon_detection_probability", None),
    "link.frequency_conversion_efficiency": ("1", None, 1.0),
    "link.bright_population": ("1", "bright_population", None),
    "link.visibility": ("1", "visibility", None),
    "link.phase_std_rad": ("rad", "phase_std", 0.0),
    "link.dark_count_probability": ("1", None, 0.0),
    "link.preparation_s": ("s", None, 0.0),
    "link.multiplexing": ("1", "modes", 1.0),
    "fiber.attenuation_db_per_km": ("dB/km", None, 0.2),
    "fiber.insertion_loss_db": ("dB", None, 0.0),
    "fiber.group_index": ("1", None, 1.468),
    "memory.t1_s": ("s", None, None),
    "memory.t2_s": ("s", None, None),
    "memory.excited_population": ("1", "excited_population", 0.0),
    "memory.swap_in_fidelity": ("1", "swap_to_memory_fidelity", 1.0),
    "memory.retrieval_efficiency": ("1", "memory_efficiency", 1.0),
    "station.gate_fidelity": ("1", "two_qubit_gate_fidelity", 1.0),
    "station.readout_error": ("1", None, 0.0),
    "station.success_probability": ("1", None, 1.0),
    "direct.repetition_rate_hz": ("1/s", "attempt_rate", None),
}
_SINGLE_CLICK = ("link.bright_population", "link.phase_std_rad")


def resolve(scenario: ChainScenario, without: Collection[str] = ()) -> dict[str, Quantity]:
    """Return every number the scenario needs, by its key: its own, else its platform's, else the default.

    The keys ``without`` are left out: they are given elsewhere.
    """
    platform = None if scenario.platform is None else preset(scenario.platform)
    _refuse_idle_keys(scenario)
    found = {}
    for key, (unit, name, default) in NUMBERS.items():
        if key in without or (key in _SINGLE_CLICK and scenario.link.scheme == "double-click"):
            continue
        quantity = _own(scenario, key, unit) or _of_platform(scenario, platform, key, name)
        found[key] = _default(scenario, key, unit, default) if quantity is None else quantity
        found[key] = msgspec.structs.replace(found[key], unit=unit)
    if not {"memory.t1_s", "memory.t2_s"} & set(without):
        require_physical_times(scenario, found["memory.t1_s"].value, found["memory.t2_s"].value)
    return found


def require_physical_times(scenario: ChainScenario, t1_s: ArrayLike, t2_s: ArrayLike) -> None:
    """Refuse coherence that outlives what relaxation leaves of it."""
    t1, t2 = np.broadcast_arrays(np.asarray(t1_s, float), np.asarray(t2_s, float))
    if (wrong := t2 > 2 * t1).any():
        at = np.unravel_index(wrong.argmax(), wrong.shape)
        raise ScenarioError(
            f"Scenario `{scenario.title}`: key `memory.t2_s`: expected at most 2 * t1_s = {2 * t1[at]:g}, but it is {t2[at]:g}."
        )


def _refuse_idle_keys(scenario: ChainScenario) -> None:
    """Refuse numbers that the scheme does not use, and sources of numbers that there are not."""
    for key in _SINGLE_CLICK:
        refuse_idle(scenario, key, getattr(scenario.link, key.removeprefix("link.")))
    for key in scenario.sources:
        if key not in NUMBERS:
            raise ScenarioError(
                f"Scenario `{scenario.title}`: key `sources`: expected only {', '.join(NUMBERS)}, but it has {key!r}."
            )


def refuse_idle(scenario: ChainScenario, key: str, value: object) -> None:
    """Refuse a number that the scheme does not use."""
    if value is not None and key in _SINGLE_CLICK and scenario.link.scheme == "double-click":
        raise ScenarioError(
            f"Scenario `{scenario.title}`: key `{key}`: expected only with scheme single-click, but it is {value}."
        )


def _own(scenario: ChainScenario, key: str, unit: str) -> Quantity | None:
    """Return the scenario's own number, if it gives one."""
    table, _, field = key.partition(".")
    value = getattr(getattr(scenario, table), field)
    if value is None:
        return None
    return graded(scenario, key, value, unit)


def _of_platform(scenario: ChainScenario, platform: Platform | None, key: str, name: str | None) -> Quantity | None:
    if platform is None:
        return None
    if key in ("memory.t1_s", "memory.t2_s"):
        quantity: Quantity | None = _storage_time(scenario, platform, key)
    elif key == "station.readout_error":
        quantity = _mean_readout_error(platform)
    else:
        quantity = platform.parameters.get(name or "")
    return quantity and msgspec.structs.replace(quantity, source=f"preset {platform.name}: {quantity.source}")


def _storage_time(scenario: ChainScenario, platform: Platform, key: str) -> Quantity:
    """Return T1 or T2 of the platform's storage, which the chain needs to decay exponentially."""
    storage = platform.sheet.memories["storage"]
    if key == "memory.t2_s" and storage.exponent.value != 1:
        raise ScenarioError(
            f"Scenario `{scenario.title}`: lacks the key `memory.t2_s` of exponential decay, as the chain needs: the memory of "
            f"platform `{platform.name}` dephases as exp(-(t/T2)^{storage.exponent.value:g})."
        )
    return storage.t1 if key == "memory.t1_s" else storage.t2


def _mean_readout_error(platform: Platform) -> Quantity | None:
    """Return the mean of the two readout errors: the station's is symmetric."""
    errors = [platform.parameters.get(f"readout_error_{bit}") for bit in (0, 1)]
    given = [error for error in errors if error is not None]
    if not given:
        return None
    mean = math.fsum(error.value for error in given) / len(given)
    return msgspec.structs.replace(given[0], value=mean, source=f"mean over both outcomes; {given[0].source}")


def _default(scenario: ChainScenario, key: str, unit: str, default: float | None) -> Quantity:
    if default is None:
        platform = (
            f"platform `{scenario.platform}` has no value for it" if scenario.platform else "no `platform` is given"
        )
        raise ScenarioError(f"Scenario `{scenario.title}`: lacks the key `{key}`, and {platform}.")
    return Quantity(default, unit, "A", "default")
