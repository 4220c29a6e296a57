"""A store that is damaged, foreign, or that of another sweep is refused by name and left as it is."""

import functools
import json
import shutil

import pytest
import xarray as xr
import zarr
from lab.sweep_functions import contents, product, scalar_only, slow

from qnet_core.errors import ParameterError
from qnet_lab import sweep

AXES = {"a": range(2), "b": [3, 4, 8]}  # slow() fails at b = 8


def flip(path):
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def cut(path):
    path.write_bytes(path.read_bytes()[:-3])


def edit(path, old, new):
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


DAMAGES = {
    "a flipped bit in a result": lambda store: flip(store / "x" / "c.1.1"),
    "a result cut short": lambda store: cut(store / "z" / "c.1.1"),
    "an empty result": lambda store: (store / "z" / "c.1.1").write_bytes(b""),
    "a result that is gone": lambda store: (store / "x" / "c.0.0").unlink(),
    "a flipped bit in the list of failures": lambda store: flip(store / "failed" / "c.1.0"),
    "an error that is gone": lambda store: (store / "error" / "c.0.2").unlink(),
    "a flipped bit in an error": lambda store: flip(store / "error" / "c.0.2"),
    "a flipped bit in an axis": lambda store: flip(store / "b" / "c.0"),
    "an axis that is gone": lambda store: shutil.rmtree(store / "a"),
    "other values of an axis": lambda store: zarr.open_array(str(store / "b"), mode="r+").__setitem__(1, 33),
    "a variable that is gone": lambda store: shutil.rmtree(store / "x"),
    "metadata of a variable that cannot be read": lambda store: cut(store / "x" / "zarr.json"),
    "metadata that cannot be read": lambda store: cut(store / "zarr.json"),
    "metadata that are gone": lambda store: (store / "zarr.json").unlink(),
    "another shape": lambda store: edit(store / "x" / "zarr.json", "3", "4"),
    "another type": lambda store: edit(store / "x" / "zarr.json", "float64", "float32"),
    "a plan without blocks": lambda store: edit(store / "zarr.json", '"extents"', '"extent"'),
    "a plan with other variables": lambda store: edit(store / "zarr.json", '"layout": {', '"layout": {"y": [[], 0, []],'),
}  # fmt: skip


@pytest.fixture(scope="module")
def sound_store(tmp_path_factory):
    store = tmp_path_factory.mktemp("sweep") / "store"
    sweep(slow, AXES, store=store)
    return store


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_store_is_refused_by_name(sound_store, tmp_path, damage):
    store = tmp_path / "store"
    shutil.copytree(sound_store, store)
    DAMAGES[damage](store)
    before = contents(store)
    with pytest.raises(ParameterError, match=r"`store` must be sound, but `.*store` is damaged: ") as caught:
        sweep(slow, AXES, store=store)
    assert str(store) in str(caught.value)
    assert contents(store) == before


def write_a_text(path):
    path.write_text("a text")


def make_a_folder(path):
    path.mkdir()
    (path / "notes.txt").write_text("mine")


def make_another_group(path):
    xr.Dataset({"x": ("a", [1.0])}).to_zarr(path, consolidated=False)


def make_a_later_format(path):
    sweep(slow, {"a": [1], "b": [2]}, store=path)
    edit(path / "zarr.json", '"format": 1', '"format": 2')


@pytest.mark.parametrize("make", [write_a_text, make_a_folder, make_another_group, make_a_later_format])
def test_what_is_no_store_of_a_sweep_is_refused_and_left_alone(tmp_path, make):
    path = tmp_path / "thing"
    make(path)
    before = contents(path) if path.is_dir() else path.read_bytes()
    with pytest.raises(
        ParameterError, match=r"must be a new folder or the store of this sweep, but `.*thing` is something else"
    ):
        sweep(slow, AXES, store=path)
    assert (contents(path) if path.is_dir() else path.read_bytes()) == before


@pytest.mark.parametrize(
    ("function", "axes", "options", "difference"),
    [
        (scalar_only, AXES, {}, "the function, the function's code or values that it uses differ"),
        (functools.partial(slow, pause_s=0.1), AXES, {}, "one: the function's code or values that it uses differs"),
        (slow, AXES | {"a": range(3)}, {}, "the values of the axis `a` differs"),
        (slow, AXES | {"a": [0.0, 1.0]}, {}, "the values of the axis `a` differs"),
        (slow, dict(reversed(AXES.items())), {}, "the names of the axes differs"),
        (slow, AXES | {"pause_s": [0.0]}, {}, "the names of the axes, the values of the axis `pause_s` differ"),
        (slow, AXES, {"broadcasts": False}, "`broadcasts` differs"),
        (slow, AXES, {"block_size": 3}, "`block_size` differs"),
    ],
)
def test_the_store_of_another_sweep_is_refused(sound_store, function, axes, options, difference):
    before = contents(sound_store)
    with pytest.raises(ParameterError, match="is the store of another one: ") as caught:
        sweep(function, axes, store=sound_store, **options)
    assert difference in str(caught.value)
    assert contents(sound_store) == before


def test_the_store_of_another_version_is_refused(sound_store, tmp_path):
    shutil.copytree(sound_store, tmp_path / "store")
    edit(tmp_path / "store" / "zarr.json", '"the version of qnet-engine": "', '"the version of qnet-engine": "0.0.')
    with pytest.raises(ParameterError, match="the version of qnet-engine differs"):
        sweep(slow, AXES, store=tmp_path / "store")


def test_a_store_that_cannot_be_written_says_so(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(OSError, match="file"):
        sweep(product, {"a": [1.0], "b": [1.0]}, store=tmp_path / "file" / "store")


def test_the_contract_is_readable(sound_store):
    mark = json.loads((sound_store / "zarr.json").read_text())["attributes"]["qnet_sweep"]
    assert mark["contract"]["the function"] == "lab.sweep_functions.slow"
    assert mark["plan"]["extents"] == [1, 1]
