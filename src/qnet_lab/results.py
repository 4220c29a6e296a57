"""Result files: NetCDF, CSV and a figure, all of them or none."""

import errno
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .builds import build
from .evaluation import plot_overview

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr
    from matplotlib.figure import Figure

__all__ = ["require_writable", "save_figure", "write_results"]

# by format: what is left out, since it would differ from run to run, and where stands what made the figure
_METADATA: Mapping[str, tuple[str | None, str]] = {
    "png": (None, "Description"),
    "svg": ("Date", "Description"),
    "pdf": ("CreationDate", "Subject"),
}


def require_writable(folder: Path) -> Path:
    """Make the folder if need be; OSError where nothing can be written to it."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=folder):
        return folder


def save_figure(figure: "Figure", path: Path) -> None:
    """Save a figure in the format of the path's ending; equal figures give equal bytes."""
    from matplotlib import rc_context

    kind = path.suffix.removeprefix(".")
    left_out, place = _METADATA[kind]
    made_by = build()
    metadata: dict[str, Any] = {place: f"{made_by['version']}, source {made_by['source_sha256']}"}
    with rc_context({"svg.hashsalt": "qnet-engine"}):
        figure.savefig(path, dpi=150, format=kind, metadata=metadata | ({left_out: None} if left_out else {}))


def write_results(
    dataset: "xr.Dataset", folder: Path, name: str, *, figure: str = "png", kept: Path | None = None
) -> list[Path]:
    """Write ``name``.nc, .csv and a figure to the folder and return their paths; on an error none is left half written.

    The file ``kept`` is replaced by one with the same bytes only; otherwise it is a FileExistsError.
    """
    with tempfile.TemporaryDirectory(dir=require_writable(folder)) as draft:
        drafts = [Path(draft) / f"{name}{ending}" for ending in (".nc", ".csv", f".{figure}")]
        dataset.to_netcdf(drafts[0], engine="h5netcdf")
        _table(dataset.drop_dims(["pauli_left", "pauli_right"], errors="ignore")).to_csv(drafts[1], index=False)
        save_figure(plot_overview(dataset), drafts[2])
        for path in drafts:
            _refuse_in_the_way(path, folder / path.name, kept)
        for path in drafts:
            os.replace(path, folder / path.name)
    return [folder / path.name for path in drafts]


def _table(dataset: "xr.Dataset") -> "pd.DataFrame":
    """Return a row for every point; results along other axes follow below, not crossed with the first."""
    import pandas as pd

    axes = dict.fromkeys(frozenset(map(str, array.dims)) for array in dataset.data_vars.values())
    widest = [own for own in axes if not any(own < other for other in axes)]
    parts = [
        dataset[[name for name, array in dataset.data_vars.items() if own.issuperset(array.dims)]] for own in widest
    ]
    return pd.concat([part.to_dataframe().reset_index() for part in parts])


def _refuse_in_the_way(draft: Path, place: Path, kept: Path | None) -> None:
    """Refuse to replace a folder, or the file that must stay as it is."""
    if place.is_dir():
        raise IsADirectoryError(errno.EISDIR, "a folder is in the way", str(place))
    if kept is not None and place.exists() and place.samefile(kept) and draft.read_bytes() != kept.read_bytes():
        raise FileExistsError(
            errno.EEXIST, "the result that was to be made again would be replaced by other bytes", str(place)
        )
