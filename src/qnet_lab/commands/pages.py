"""Paragraphs of help pages."""

__all__ = ["listing"]


def listing(title: str, *lines: str) -> str:
    """Return the paragraph of a help page whose lines stay as they are."""
    return "\b\n" + "\n  ".join([f"{title}:", *lines])
