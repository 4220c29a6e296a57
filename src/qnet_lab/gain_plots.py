"""What each part of the hardware costs: how much is gained where it alone is perfect."""

import textwrap
from typing import TYPE_CHECKING

from .style import line_style

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes

__all__ = ["gain_lines", "plot_gains"]


def plot_gains(without: "xr.DataArray", axes: "Axes", label: str) -> None:
    """Draw a bar for each part, in percentage points; ``without`` has first what there is if nothing is perfect."""
    gain = 100 * (without[1:] - float(without[0]))
    bars = axes.barh([str(part) for part in gain["part"].values], gain, color=line_style(2)["color"], height=0.6)
    axes.bar_label(bars, fmt="%.1f" if float(gain.max()) > 10 else "%.2f", padding=2)
    axes.invert_yaxis()
    axes.margins(x=0.2)
    axes.set_xlabel(f"gain in {label} if perfect [percentage points]")
    axes.set_ylabel("part made perfect")


def gain_lines(without: "xr.DataArray") -> list[str]:
    """Return the same in words, as lines of a terminal."""
    gains = zip(without["part"].values[1:], without[1:] - without[0], strict=True)
    text = "perfect parts gain: " + ", ".join(f"{part} {100 * float(gain):.2f} %" for part, gain in gains)
    return textwrap.wrap(text, 120)
