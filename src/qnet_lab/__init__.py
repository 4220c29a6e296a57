"""The physicist's bench: scenarios, curves, figures and the command ``qnet``; imports are lazy, ``qnet --help`` is quick."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .chain_diagrams import plot_chain_diagram
    from .chain_points import scenario_points
    from .curve import fidelity_distance_curve
    from .evaluation import evaluate_scenario, plot_overview
    from .frontier_plots import plot_frontier
    from .generation_plots import compare_generations, plot_generations
    from .heat_maps import plot_heat_map
    from .json_schema import scenario_schema
    from .network_diagrams import plot_network
    from .pauli_plots import plot_bell_weights, plot_pauli_bars
    from .plots import plot_curve
    from .scenario import load_scenario
    from .scenario_requirements import HardwareRequirements, requirements
    from .scenario_sweeps import sweep_scenario
    from .schedule_plots import plot_schedules
    from .schema import Scenario, ScenarioError
    from .shipped import describe_scenarios, shipped_scenarios
    from .state_plots import plot_state_city, plot_state_hinton
    from .sweeps import sweep
    from .waiting_plots import plot_chain_result

__all__ = [
    "HardwareRequirements",
    "Scenario",
    "ScenarioError",
    "compare_generations",
    "describe_scenarios",
    "evaluate_scenario",
    "fidelity_distance_curve",
    "load_scenario",
    "plot_bell_weights",
    "plot_chain_diagram",
    "plot_chain_result",
    "plot_curve",
    "plot_frontier",
    "plot_generations",
    "plot_heat_map",
    "plot_network",
    "plot_overview",
    "plot_pauli_bars",
    "plot_schedules",
    "plot_state_city",
    "plot_state_hinton",
    "requirements",
    "scenario_points",
    "scenario_schema",
    "shipped_scenarios",
    "sweep",
    "sweep_scenario",
]

_HOME = {
    "compare_generations": "generation_plots",
    "Scenario": "schema",
    "ScenarioError": "schema",
    "describe_scenarios": "shipped",
    "evaluate_scenario": "evaluation",
    "fidelity_distance_curve": "curve",
    "load_scenario": "scenario",
    "plot_chain_result": "waiting_plots",
    "plot_curve": "plots",
    "plot_generations": "generation_plots",
    "plot_overview": "evaluation",
    "plot_schedules": "schedule_plots",
    "HardwareRequirements": "scenario_requirements",
    "requirements": "scenario_requirements",
    "scenario_points": "chain_points",
    "scenario_schema": "json_schema",
    "shipped_scenarios": "shipped",
    "sweep": "sweeps",
    "sweep_scenario": "scenario_sweeps",
    "plot_bell_weights": "pauli_plots",
    "plot_chain_diagram": "chain_diagrams",
    "plot_frontier": "frontier_plots",
    "plot_heat_map": "heat_maps",
    "plot_network": "network_diagrams",
    "plot_pauli_bars": "pauli_plots",
    "plot_state_city": "state_plots",
    "plot_state_hinton": "state_plots",
}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f".{_HOME[name]}", __name__), name)
