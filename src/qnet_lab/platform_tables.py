"""Data sheets of hardware as text, with every number that isn't read or derived marked as weak."""

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from qnet_channels.sheets import Grade, Quantity, Sheet, names, sheet

__all__ = ["platform_sheet", "platform_table"]

# grade: (mark, words), in the order in which they are counted
_GRADES: Mapping[Grade, tuple[str, str]] = {
    "R": ("", "read"),
    "M": ("?", "from memory, unverified"),
    "D": ("", "derived"),
    "A": ("~", "assumed"),
}
_LEGEND = "Weak numbers: " + "; ".join(f"{mark} {words}" for mark, words in _GRADES.values() if mark) + "."
_HEAD = ("platform", "storage T1", "storage T2", "scheme", "grades", "title")


def platform_table() -> str:
    """Return a row per platform: its storage times, how it links, how many numbers of each grade it has."""
    rows = [_HEAD, *(_row(sheet(name)) for name in names())]
    counted = "Grades: " + "; ".join(f"{grade} {words}" for grade, (_, words) in _GRADES.items()) + "."
    return "\n".join([*_aligned(rows), "", counted, _LEGEND])


def platform_sheet(name: str) -> str:
    """Return every number of a platform with its unit, grade and source, its devices and what it has shown."""
    shown = sheet(name)
    parts = [
        [shown.name, shown.title, f"scheme: {shown.scheme or 'unknown'}"],
        ["parameters", *_aligned(map(_line, shown.parameters, shown.parameters.values()))],
        ["roles", *_aligned(_line(role, quantity) for role, quantity in _roles(shown))],
        ["demonstrations", *map(_demonstration, shown.demonstrations)],
        [_LEGEND],
    ]
    return "\n\n".join("\n".join(part) for part in parts)


def _row(shown: Sheet) -> tuple[str, ...]:
    storage = shown.memories.get("storage")
    times = ("-", "-") if storage is None else (_marked(storage.t1), _marked(storage.t2))
    count = Counter(quantity.grade for quantity in shown.parameters.values())
    grades = " ".join(f"{grade}{count[grade]}" for grade in _GRADES if grade in count)
    return (shown.name, *times, shown.scheme or "-", grades, shown.title)


def _line(name: str, quantity: Quantity) -> tuple[str, ...]:
    mark, words = _GRADES[quantity.grade]
    return (mark, name, _amount(quantity), words, quantity.source)


def _roles(shown: Sheet) -> Iterator[tuple[str, Quantity]]:
    """Yield what each device is made of, under the names of device and role."""
    devices = {**shown.memories, "ensemble": shown.ensemble, "emitter": shown.emitter}
    for device, roles in devices.items():
        for role, quantity in (msgspec.structs.asdict(roles) if roles else {}).items():
            yield f"{device}.{role}", quantity


def _demonstration(text: str) -> str:
    marks = [mark for grade, (mark, _) in _GRADES.items() if mark and text.endswith(f"[{grade}]")]
    return f"{marks[0] if marks else ' '}  {text}"


def _marked(quantity: Quantity) -> str:
    mark, _ = _GRADES[quantity.grade]
    return f"{mark or ' '} {_amount(quantity)}"


def _amount(quantity: Quantity) -> str:
    """Return the value with its unit, where it has one."""
    return _engineering(quantity.value) + ("" if quantity.unit == "1" else f" {quantity.unit}")


def _engineering(value: float) -> str:
    """Return at most six digits, outside 0.01 to 1e4 with an exponent that is a multiple of three."""
    if not math.isfinite(value) or value == 0 or 0.01 <= abs(value) < 1e4:
        return f"{value:.6g}"
    mantissa, _, exponent = f"{value:.5e}".partition("e")
    shift = int(exponent) % 3
    return f"{float(mantissa) * 10**shift:.6g}e{int(exponent) - shift}"


def _aligned(rows: Iterable[Sequence[str]]) -> list[str]:
    """Return the rows as lines whose columns stand under each other."""
    cells = [tuple(row) for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return ["  ".join(map(str.ljust, row, widths)).rstrip() for row in cells]
