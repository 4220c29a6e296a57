"""What an examination of the installation finds."""

from dataclasses import dataclass
from typing import Literal

__all__ = ["Finding", "Verdict"]

Verdict = Literal["ok", "note", "BROKEN"]


@dataclass(frozen=True, slots=True)
class Finding:
    """A thing that was looked at: "ok", a "note" that costs nothing but comfort, or "BROKEN"."""

    subject: str
    verdict: Verdict
    text: str
