"""Result files: NetCDF, CSV and PNG, all of them or none."""

import errno
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from .evaluation import plot_overview

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["require_writable", "write_results"]


def require_writable(folder: Path) -> Path:
    """Make the folder if need be; OSError where nothing can be written to it."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=folder):
        return folder


def write_results(dataset: "xr.Dataset", folder: Path, name: str) -> list[Path]:
    """Write ``name``.nc, .csv and .png to the folder and return their paths; on an error none is left half written."""
    with tempfile.TemporaryDirectory(dir=require_writable(folder)) as draft:
        drafts = [Path(draft) / f"{name}{ending}" for ending in (".nc", ".csv", ".png")]
        dataset.to_netcdf(drafts[0], engine="h5netcdf")
        table = dataset.drop_dims(["pauli_left", "pauli_right"], errors="ignore").to_dataframe().reset_index()
        table.to_csv(drafts[1], index=False)
        plot_overview(dataset).savefig(drafts[2], dpi=150)
        for path in drafts:
            if (folder / path.name).is_dir():
                raise IsADirectoryError(errno.EISDIR, "a folder is in the way", str(folder / path.name))
        for path in drafts:
            os.replace(path, folder / path.name)
    return [folder / path.name for path in drafts]
