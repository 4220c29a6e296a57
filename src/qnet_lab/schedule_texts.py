"""Distillation schedules as they are printed, read back."""

import re

from qnet_channels import Schedule
from qnet_core.errors import DimensionError, ParameterError

__all__ = ["schedule_of"]

_WORD = re.compile(r"[\w\[\]]+|[(),]")


def schedule_of(tree: str) -> Schedule:
    """Return the schedule that is printed so.

    >>> schedule = schedule_of("dejmps(bbpssw[h](pair, pair), pair)")
    >>> print(schedule, schedule.num_pairs)
    dejmps(bbpssw[h](pair, pair), pair) 3
    """
    words = _WORD.findall(tree)
    if "".join(words) != re.sub(r"\s", "", tree):
        raise _refusal(tree, "")
    try:
        found = _read(words)
    except (IndexError, ParameterError, DimensionError) as error:
        raise _refusal(tree, f" ({error})" if not isinstance(error, IndexError) else "") from None
    if words:
        raise _refusal(tree, "")
    return found


def _refusal(tree: str, why: str) -> ParameterError:
    return ParameterError(
        f'Parameter `tree` must be rounds within rounds as "dejmps(dejmps(pair, pair), pair)", but is {tree!r}{why}.'
    )


def _read(words: list[str]) -> Schedule:
    """Take the words of one schedule from the front."""
    protocol, parts = words.pop(0), []
    if words and words[0] == "(":
        while words.pop(0) != ")":  # or a comma
            parts.append(_read(words))
    return Schedule(protocol, tuple(parts))
