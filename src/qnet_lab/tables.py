"""What the command line prints of a dataset: a few rows of its columns."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["chain_table", "chosen_rows", "row_table"]


def chosen_rows(number: int, rows: int = 8) -> list[int]:
    """Return about evenly spaced positions, the first and the last among them."""
    return sorted({round(i * (number - 1) / (rows - 1)) for i in range(rows)})


def row_table(dataset: "xr.Dataset", dimension: str, columns: Mapping[str, "xr.DataArray"]) -> str:
    """Return a few points along a dimension, a column for each variable under its heading."""
    positions = dataset[dimension].values
    unit = dataset[dimension].attrs["units"]
    first = dimension.rpartition(".")[2].replace("_", " ") if unit == "1" else unit
    widths = {heading: max(12, len(heading) + 2) for heading in columns}
    lines = [f"{first:>10}" + "".join(f"{heading:>{width}}" for heading, width in widths.items())]
    for i in chosen_rows(len(positions)):
        cells = (f"{float(columns[heading][i]):>{width}.4g}" for heading, width in widths.items())
        lines.append(f"{positions[i]:>{max(10, len(first))}.4g}" + "".join(cells))
    return "\n".join(lines)


def chain_table(dataset: "xr.Dataset") -> str:
    """Return a few distances of a chain, a column group for each number of repeaters, or for four of them."""
    dataset = dataset.isel(repeaters=chosen_rows(dataset.sizes["repeaters"], 4))
    distances = dataset["distance_km"].values
    repeaters = dataset["repeaters"].values
    head = f"{'':>10}" + "".join(f"{f'{r} repeater' + ('' if r == 1 else 's'):^34}" for r in repeaters)
    names = f"{'km':>10}" + f"{'fidelity':>10}{'pairs/s':>12}{'key bit/s':>12}" * len(repeaters)
    lines = [head, names]
    for i in chosen_rows(len(distances)):
        point = dataset.isel(distance_km=i)
        cells = (
            f"{f:>10.4f}{rate:>12.3g}{key:>12.3g}"
            for f, rate, key in zip(
                point["fidelity"].values,
                point["rate_hz"].values,
                point["secret_key_rate_bit_per_s"].values,
                strict=True,
            )
        )
        lines.append(f"{distances[i]:>10.4g}" + "".join(cells))
    return "\n".join(lines)
