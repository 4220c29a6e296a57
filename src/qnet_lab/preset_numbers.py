"""Numbers that a scenario does not give, from the platform that it names."""

from collections.abc import Mapping

import msgspec

from qnet_channels import Quantity, preset, presets

from .provenance import numbers_of, unit_of
from .schema import Scenario, ScenarioError

__all__ = ["completed", "platform_problem"]

Defaults = Mapping[str, tuple[str | None, float | None]]


def platform_problem(name: str | None) -> str | None:
    """Return what is wrong with the name of a platform, or None."""
    if name is None or name in presets():
        return None
    return f"key `platform`: expected one of {', '.join(presets())}, but it is {name!r}."


def completed(scenario: Scenario, platform: str | None, keys: Defaults) -> dict[str, Quantity]:
    """Return every number of a scenario: its own, else its platform's, else the default.

    ``keys`` has for each number that may be left out what the platform calls it (a parameter, or as "storage.t2" that of a
    memory), and its default; None where there is none.
    """
    found = numbers_of(scenario)
    known = {} if platform is None else _of_platform(platform)
    for key, (name, default) in keys.items():
        if key in found:
            continue
        if name is not None and name in known:
            source = f"preset {platform}: {known[name].source}"
            found[key] = msgspec.structs.replace(known[name], source=source, unit=unit_of(key))
        elif default is not None:
            found[key] = Quantity(default, unit_of(key), "A", "default")
        else:
            reason = "no `platform` is given" if platform is None else f"platform `{platform}` has no value for it"
            raise ScenarioError(f"Scenario `{scenario.title}`: lacks the key `{key}`, and {reason}.")
    return found


def _of_platform(name: str) -> dict[str, Quantity]:
    """Return the parameters of a platform, and what it has of each of its memories."""
    platform = preset(name)
    times = {
        f"{role}.{field}": getattr(memory, field)
        for role, memory in platform.sheet.memories.items() for field in ("t1", "t2", "exponent")
    }  # fmt: skip
    errors = [platform.parameters[key] for key in ("readout_error_0", "readout_error_1") if key in platform.parameters]
    if errors:
        mean = sum(error.value for error in errors) / len(errors)
        times["readout_error"] = msgspec.structs.replace(
            errors[0], value=mean, source=f"mean over both outcomes; {errors[0].source}"
        )
    return {**platform.parameters, **times}
