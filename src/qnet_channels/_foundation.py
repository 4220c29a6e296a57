"""Is the package below ours? Others publish a distribution ``qnet-core`` with a package of the same name."""

try:
    from qnet_core import DensityMatrix  # noqa: F401
except ImportError as error:
    if error.name != "qnet_core":  # something that it needs is missing
        raise
    raise ImportError(
        f"`qnet_core` in {error.path or 'no place'} isn't that of qnet-engine; another distribution, qnet-core, has a "
        "package of this name: pip uninstall qnet-core, then pip install --force-reinstall --no-deps qnet-engine.",
        name="qnet_core",
    ) from None
