"""The scenarios that come with the package, as text; loads nothing else."""

from importlib.resources import files
from typing import NamedTuple

__all__ = ["ScenarioDescription", "describe_scenarios", "shipped_scenarios", "shipped_text"]


class ScenarioDescription(NamedTuple):
    """A shipped scenario by name, its kind and its title."""

    name: str
    kind: str
    title: str


def shipped_scenarios() -> tuple[str, ...]:
    """Return the names of the scenarios that come with the package.

    >>> shipped_scenarios()[:4]
    ('backbone_with_satellite', 'bb84_with_eve', 'beijing_shanghai_backbone', 'conference_key_ions')
    >>> shipped_scenarios()[4:8]
    ('decoy_bb84_gys', 'eu_yso', 'fibre_or_satellite', 'grover_two_ion_modules')
    >>> shipped_scenarios()[8:12]
    ('ion_sr88_ca43', 'ions_two_links', 'jinan_relay_12900km', 'micius_1200km')
    >>> shipped_scenarios()[12:16]
    ('nv_delft', 'nv_distilled_pairs', 'nv_stored_carbons', 'qkd_protocols')
    >>> shipped_scenarios()[16:]
    ('repeater_generations', 'teleportation_400g', 'teleportation_three_nodes', 'unequal_segments')
    """
    folder = files(__package__).joinpath("scenarios")
    return tuple(sorted(item.name.removesuffix(".toml") for item in folder.iterdir() if item.name.endswith(".toml")))


def shipped_text(name: str) -> str:
    """Return the file of a shipped scenario."""
    return files(__package__).joinpath(f"scenarios/{name}.toml").read_text(encoding="utf-8")


def describe_scenarios() -> list[ScenarioDescription]:
    """Return name, kind and title of every scenario that comes with the package.

    >>> describe_scenarios()[1]
    ScenarioDescription(name='bb84_with_eve', kind='session', title='BB84 on 10 km of fibre, alone and with eavesdroppers')
    """
    import tomllib

    contents = {name: tomllib.loads(shipped_text(name)) for name in shipped_scenarios()}
    return [ScenarioDescription(name, raw.get("kind", "chain"), raw["title"]) for name, raw in contents.items()]
