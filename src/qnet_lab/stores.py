"""Where a sweep keeps its finished blocks: a Zarr group on disk that xarray opens as the dataset of the sweep.

Every array has the sweep's axes first, and one chunk for each block. The chunk of ``failed`` is written last, so
that a block whose chunk of ``failed`` is there is complete. Chunks carry a checksum.
"""

import hashlib
import shutil
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from qnet_core.errors import ParameterError

from .blocks import Outcome
from .columns import Column, Layout, dimensions
from .datasets import attributes, coordinates, origin
from .grids import Block, Grid

__all__ = ["Plan", "Store", "created", "digest", "opened"]

_MARK = "qnet_sweep"  # the attribute that tells our groups from others
_FORMAT = 1
_ALL_CHUNKS: Any = {"write_empty_chunks": True}  # those that hold nothing but NaN too


class Plan(NamedTuple):
    """How a sweep is cut into blocks, and what comes out of each."""

    layout: Layout
    broadcasts: bool
    extents: tuple[int, ...]


class _Shape(NamedTuple):
    """What an array of the store is to be."""

    shape: tuple[int, ...]
    chunks: tuple[int, ...]
    dims: tuple[str, ...]
    dtype: Any  # str for texts
    filling: Any


class Store:
    """An open store of a sweep; its arrays are Zarr's."""

    def __init__(self, folder: Path, plan: Plan, arrays: Mapping[str, Any]) -> None:
        self._folder, self.plan, self._arrays = folder, plan, arrays

    def save(self, block: Block, outcome: Outcome) -> None:
        """Write a block; it counts once its last file is there."""
        shape = tuple(part.stop - part.start for part in block)
        for name, array in outcome.arrays.items():
            self._arrays[name][block] = array.reshape(shape + array.shape[1:])
        rows = range(int(np.prod(shape)))
        if outcome.errors:
            self._arrays["error"][block] = np.array([outcome.errors.get(row, "") for row in rows]).reshape(shape)
        self._arrays["failed"][block] = np.array([row in outcome.errors for row in rows]).reshape(shape)

    def has(self, block: Block) -> bool:
        """Say whether a block is complete."""
        return self._chunk("failed", block).exists()

    def load(self, block: Block) -> Outcome:
        """Return a complete block, or refuse the store where it is damaged."""
        failed = self._rows("failed", block)
        texts = self._rows("error", block) if failed.any() else failed
        arrays = {name: self._rows(name, block) for name in self.plan.layout}
        return Outcome(arrays, {int(row): str(texts[row]) for row in np.flatnonzero(failed)})

    def _rows(self, name: str, block: Block) -> NDArray[Any]:
        """Return what a chunk holds, a row for each point of the block."""
        path = self._chunk(name, block)
        if not path.exists():
            raise _damaged(self._folder, f"{path} is missing")
        try:
            values = np.asarray(self._arrays[name][block])
        except Exception as error:
            raise _damaged(self._folder, f"{path} can't be read ({error})") from None
        return values.reshape(-1, *values.shape[len(block) :])

    def _chunk(self, name: str, block: Block) -> Path:
        """Return the file of a block."""
        numbers = [part.start // extent for part, extent in zip(block, self.plan.extents, strict=True)]
        numbers += [0] * (self._arrays[name].ndim - len(block))
        return self._folder / name / ".".join(["c", *map(str, numbers)])


def created(folder: Path, contract: Mapping[str, Any], grid: Grid, plan: Plan, title: str) -> Store:
    """Make a new store; as long as it has no contract it is not finished, and is made anew by the next call."""
    import zarr

    folder.mkdir(parents=True, exist_ok=True)
    _remove_leftovers(folder)
    zarr.create_group(str(folder), attributes={_MARK: {"format": _FORMAT}})
    for name, values in coordinates(grid, plan.layout).items():
        kind, zero = (str, "") if values.dtype.kind == "U" else (values.dtype, values.dtype.type(0))
        shape = _Shape(values.shape, values.shape, (name,), kind, zero)
        _new_array(folder, name, shape, attributes(name))[:] = values
    for name, shape in _shapes(grid, plan).items():
        _new_array(folder, name, shape, attributes(name, plan.layout.get(name)))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # consolidated metadata are an extension of Zarr that xarray asks for
        group = zarr.consolidate_metadata(str(folder))
    group.attrs.update(origin(title) | {_MARK: {"format": _FORMAT, "contract": dict(contract), "plan": _written(plan)}})
    return _connected(folder, grid, plan)


def opened(folder: Path, contract: Mapping[str, Any], grid: Grid) -> Store | None:
    """Return the store of this very sweep, None where there is nothing yet; anything else is refused by its name."""
    if not folder.exists() or (folder.is_dir() and all(path.match("zarr.*.partial") for path in folder.iterdir())):
        return None
    mark = _mark(folder)
    _remove_leftovers(folder)
    if "contract" not in mark:
        shutil.rmtree(folder)
        return None
    _refuse_another(folder, mark["contract"], contract)
    return _connected(folder, grid, _read_plan(folder, mark))


def digest(values: NDArray[Any]) -> str:
    """Return a digest of the values of an axis."""
    ordered = values.astype(values.dtype.newbyteorder("<"))
    return hashlib.sha256(ordered.dtype.str.encode() + ordered.tobytes()).hexdigest()


def _remove_leftovers(folder: Path) -> None:
    """Remove files whose writing was cut short."""
    for path in folder.rglob("*.partial"):
        path.unlink(missing_ok=True)


def _mark(folder: Path) -> Mapping[str, Any]:
    """Return what the store says of itself."""
    import zarr

    try:
        mark = zarr.open_group(str(folder), mode="r").attrs.get(_MARK)
    except Exception as error:
        if (folder / "failed" / "zarr.json").exists():
            raise _damaged(folder, f"{folder / 'zarr.json'} can't be read ({error})") from None
        mark = None
    if not isinstance(mark, Mapping) or mark.get("format") != _FORMAT:
        raise ParameterError(
            f"Parameter `store` must be a new folder or the store of this sweep, but `{folder}` is something else."
        )
    return mark


def _refuse_another(folder: Path, found: Any, wanted: Mapping[str, Any]) -> None:
    if not isinstance(found, Mapping):
        raise _damaged(folder, "its contract can't be read")
    other = [name for name in wanted if name not in found or found[name] != wanted[name]]
    other += [name for name in found if name not in wanted]
    if other:
        raise ParameterError(
            f"Parameter `store` must be a new folder or the store of this sweep, but `{folder}` is the store of another "
            f"one: {', '.join(other)} differ{'s' * (len(other) == 1)}."
        )


def _damaged(folder: Path, what: str) -> ParameterError:
    return ParameterError(
        f"Parameter `store` must be sound, but `{folder}` is damaged: {what}. Without this folder the sweep begins anew."
    )


def _written(plan: Plan) -> dict[str, Any]:
    """Return a plan as JSON can keep it."""
    layout = {name: [list(c.shape), c.is_complex, list(c.dims)] for name, c in plan.layout.items()}
    return {"layout": layout, "broadcasts": plan.broadcasts, "extents": list(plan.extents)}


def _read_plan(folder: Path, mark: Mapping[str, Any]) -> Plan:
    try:
        plan = mark["plan"]
        layout = {name: Column(tuple(s), is_complex, tuple(d)) for name, (s, is_complex, d) in plan["layout"].items()}
        return Plan(layout, plan["broadcasts"], tuple(plan["extents"]))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise _damaged(folder, f"its plan can't be read ({error!r})") from None


def _shapes(grid: Grid, plan: Plan) -> dict[str, _Shape]:
    """Return how every array of results is to be, that which tells of complete blocks at the end."""
    axes, shape, extents = tuple(grid.axes), grid.shape, plan.extents
    shapes = {
        name: _Shape(shape + c.shape, extents + c.shape, axes + dimensions(name, c), c.dtype, c.dtype.type(np.nan))
        for name, c in plan.layout.items()
    }
    shapes["error"] = _Shape(shape, extents, axes, str, "")
    shapes["failed"] = _Shape(shape, extents, axes, np.dtype(bool), False)
    return shapes


def _new_array(folder: Path, name: str, shape: _Shape, about: dict[str, Any]) -> Any:
    import zarr
    from zarr.codecs import Crc32cCodec, ZstdCodec

    return zarr.create_array(
        str(folder), name=name, shape=shape.shape, chunks=shape.chunks, dtype=shape.dtype, fill_value=shape.filling,
        dimension_names=shape.dims, attributes=about, compressors=[ZstdCodec(level=1), Crc32cCodec()],
        chunk_key_encoding={"name": "default", "separator": "."}, config=_ALL_CHUNKS,
    )  # fmt: skip


def _connected(folder: Path, grid: Grid, plan: Plan) -> Store:
    """Open every array, and refuse the store where one is not as it should be."""
    for name, values in coordinates(grid, plan.layout).items():
        if _open_array(folder, name, slice(None))[1].tolist() != values.tolist():
            raise _damaged(folder, f"{folder / name} has other values")
    arrays = {}
    for name, wanted in _shapes(grid, plan).items():
        array, none = _open_array(folder, name, slice(0))
        same_kind = none.dtype.kind in "OT" if wanted.dtype is str else none.dtype == wanted.dtype
        if (array.shape, array.chunks, array.metadata.dimension_names) != wanted[:3] or not same_kind:
            raise _damaged(folder, f"{folder / name} has another shape or type")
        arrays[name] = array
    return Store(folder, plan, arrays)


def _open_array(folder: Path, name: str, part: slice) -> tuple[Any, NDArray[Any]]:
    """Return an array of the store, and a part of what it holds."""
    import zarr

    try:
        with zarr.config.set({f"array.{key}": value for key, value in _ALL_CHUNKS.items()}):
            array: Any = zarr.open_array(str(folder), path=name, mode="r+")
        return array, array[part]
    except Exception as error:
        raise _damaged(folder, f"{folder / name} can't be read ({error})") from None
