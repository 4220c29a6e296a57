"""The physicist's bench: scenarios, curves, figures and the command ``qnet``; imports are lazy, ``qnet --help`` is quick."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .curve import fidelity_distance_curve
    from .evaluation import evaluate_scenario, plot_overview
    from .generation_plots import compare_generations, plot_generations
    from .plots import plot_curve
    from .scenario import load_scenario
    from .schedule_plots import plot_schedules
    from .schema import Scenario, ScenarioError
    from .shipped import shipped_scenarios
    from .sweeps import sweep
    from .waiting_plots import plot_chain_result

__all__ = [
    "Scenario",
    "ScenarioError",
    "compare_generations",
    "evaluate_scenario",
    "fidelity_distance_curve",
    "load_scenario",
    "plot_chain_result",
    "plot_curve",
    "plot_generations",
    "plot_overview",
    "plot_schedules",
    "shipped_scenarios",
    "sweep",
]

_HOME = {
    "compare_generations": "generation_plots",
    "Scenario": "schema",
    "ScenarioError": "schema",
    "evaluate_scenario": "evaluation",
    "fidelity_distance_curve": "curve",
    "load_scenario": "scenario",
    "plot_chain_result": "waiting_plots",
    "plot_curve": "plots",
    "plot_generations": "generation_plots",
    "plot_overview": "evaluation",
    "plot_schedules": "schedule_plots",
    "shipped_scenarios": "shipped",
    "sweep": "sweeps",
}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f".{_HOME[name]}", __name__), name)
