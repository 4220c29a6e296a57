"""The physicist's bench: scenarios, curves, figures and the command ``qnet``; imports are lazy, ``qnet --help`` is quick."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .curve import fidelity_distance_curve
    from .evaluation import evaluate_scenario, plot_overview
    from .plots import plot_curve
    from .scenario import load_scenario
    from .schema import Scenario, ScenarioError
    from .shipped import shipped_scenarios

__all__ = [
    "Scenario",
    "ScenarioError",
    "evaluate_scenario",
    "fidelity_distance_curve",
    "load_scenario",
    "plot_curve",
    "plot_overview",
    "shipped_scenarios",
]

_HOME = {
    "Scenario": "schema",
    "ScenarioError": "schema",
    "evaluate_scenario": "evaluation",
    "fidelity_distance_curve": "curve",
    "load_scenario": "scenario",
    "plot_curve": "plots",
    "plot_overview": "evaluation",
    "shipped_scenarios": "shipped",
}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f".{_HOME[name]}", __name__), name)
