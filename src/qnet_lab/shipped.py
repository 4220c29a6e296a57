"""The scenarios that come with the package, as text; loads nothing else."""

from importlib.resources import files

__all__ = ["shipped_scenarios", "shipped_text"]


def shipped_scenarios() -> tuple[str, ...]:
    """Return the names of the scenarios that come with the package.

    >>> shipped_scenarios()[:4]
    ('eu_yso', 'fibre_or_satellite', 'ion_sr88_ca43', 'jinan_relay_12900km')
    >>> shipped_scenarios()[4:]
    ('micius_1200km', 'nv_delft', 'teleportation_400g')
    """
    folder = files(__package__).joinpath("scenarios")
    return tuple(sorted(item.name.removesuffix(".toml") for item in folder.iterdir() if item.name.endswith(".toml")))


def shipped_text(name: str) -> str:
    """Return the file of a shipped scenario."""
    return files(__package__).joinpath(f"scenarios/{name}.toml").read_text(encoding="utf-8")
