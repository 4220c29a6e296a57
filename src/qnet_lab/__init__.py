"""The physicist's bench: scenarios, curves, figures and the command ``qnet``; imports are lazy, ``qnet --help`` is quick."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .curve import fidelity_distance_curve
    from .plots import plot_curve, plot_overview
    from .scenario import Scenario, ScenarioError, load_scenario, shipped_scenarios

__all__ = [
    "Scenario",
    "ScenarioError",
    "fidelity_distance_curve",
    "load_scenario",
    "plot_curve",
    "plot_overview",
    "shipped_scenarios",
]

_HOME = {
    "fidelity_distance_curve": "curve",
    "plot_curve": "plots",
    "plot_overview": "plots",
} | dict.fromkeys(["Scenario", "ScenarioError", "load_scenario", "shipped_scenarios"], "scenario")


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f".{_HOME[name]}", __name__), name)
