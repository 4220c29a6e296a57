"""The errors that qnet-engine raises, each also a built-in error."""

__all__ = [
    "CapacityError",
    "ChannelError",
    "DimensionError",
    "KrausError",
    "ParameterError",
    "ParameterTypeError",
    "StateError",
]


class DimensionError(ValueError):
    """A shape, a subsystem or a batch does not fit."""


class StateError(ValueError):
    """A matrix or vector is not a quantum state."""


class ChannelError(ValueError):
    """A map is not completely positive, or raises the trace."""


class KrausError(ChannelError):
    """Kraus operators sum to more than the identity."""


class ParameterError(ValueError):
    """A physical parameter lies outside its allowed range."""


class ParameterTypeError(TypeError):
    """A parameter is not of the kind that is needed."""


class CapacityError(MemoryError):
    """The result would not fit in memory."""
