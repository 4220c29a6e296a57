"""The store of a sweep: it survives what stops the sweep, ends with the same bytes, and is refused if it is not sound."""

import functools
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
import zarr
from lab.sweep_functions import contents, product, scalar_only, slow, stored_link

import qnet_lab
from qnet_lab import sweep

TESTS, SOURCES = Path(__file__).parents[1], Path(qnet_lab.__file__).parents[1]
AXES = {"a": range(6), "b": range(10)}  # slow() fails at b = 8 and 9
SCRIPT = """
import functools, sys
from concurrent.futures import ProcessPoolExecutor
from contextlib import nullcontext
from multiprocessing import get_context
from lab.sweep_functions import slow
from qnet_lab import sweep

if __name__ == "__main__":
    crew = ProcessPoolExecutor(2, get_context("spawn")) if "workers" in sys.argv else nullcontext()
    with crew as executor:
        function = functools.partial(slow, pause_s=float(sys.argv[2]))
        sweep(function, {"a": range(6), "b": range(10)}, store=sys.argv[1], executor=executor)
"""


def finished_blocks(store):
    return len(list((store / "failed").glob("c.*")))


def interrupted(tmp_path, store, how, *arguments, blocks=7, pause_s=0.02):
    """Start the script in a group of processes of its own, stop it when some blocks are there, and return its exit code."""
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    process = subprocess.Popen(
        [sys.executable, str(script), str(store), str(pause_s), *arguments],
        env=os.environ | {"PYTHONPATH": f"{TESTS}{os.pathsep}{SOURCES}"},
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    limit = time.monotonic() + 60
    while finished_blocks(store) < blocks and process.poll() is None and time.monotonic() < limit:
        time.sleep(0.002)
    os.killpg(process.pid, how)
    try:
        process.communicate(timeout=60)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
    return process.returncode


def whole(store, pause_s=0.02):
    return sweep(functools.partial(slow, pause_s=pause_s), AXES, store=store)


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory):
    """A store that was filled in one go, what is in it, and the dataset that the sweep returned."""
    store = tmp_path_factory.mktemp("sweep") / "store.zarr"
    dataset = whole(store)
    return contents(store), dataset


@pytest.mark.parametrize(
    ("how", "code", "arguments"),
    [
        (signal.SIGKILL, -signal.SIGKILL, []),
        (signal.SIGINT, -signal.SIGINT, []),
        (signal.SIGINT, -signal.SIGINT, ["workers"]),
        (signal.SIGKILL, -signal.SIGKILL, ["workers"]),
    ],
)
def test_a_sweep_that_was_stopped_ends_with_the_same_bytes(tmp_path, uninterrupted, how, code, arguments):
    store = tmp_path / "store.zarr"
    assert interrupted(tmp_path, store, how, *arguments) == code
    done = finished_blocks(store)
    assert 7 <= done < 60
    dataset = whole(store)
    assert contents(store) == uninterrupted[0]
    assert dataset.identical(uninterrupted[1])


def test_only_what_was_not_finished_is_computed_again(tmp_path):
    calls = tmp_path / "calls"
    calls.mkdir()
    function = functools.partial(slow, folder=str(calls), pause_s=0.0)
    store = tmp_path / "store"
    first = sweep(function, AXES, store=store)
    for number in (3, 58, 20):
        (store / "failed" / f"c.{number // 10}.{number % 10}").unlink()
    for path in calls.iterdir():
        path.unlink()
    assert sweep(function, AXES, store=store).identical(first)
    assert {tuple(path.name.split("-")[:2]) for path in calls.iterdir()} == {("0", "3"), ("5", "8"), ("2", "0")}
    assert len(list(calls.iterdir())) == 3


def test_a_finished_sweep_calls_nothing(tmp_path):
    calls = tmp_path / "calls"
    calls.mkdir()
    function = functools.partial(slow, folder=str(calls), pause_s=0.0)
    first = sweep(function, AXES, store=tmp_path / "store")
    number = len(list(calls.iterdir()))
    assert sweep(function, AXES, store=str(tmp_path / "store"), progress=False, on_error="record").identical(first)
    assert len(list(calls.iterdir())) == number


def test_with_and_without_a_store_the_dataset_is_the_same(tmp_path):
    axes = {"length_km": [0.0, 10.0, 30.0], "storage_s": [0.0, 0.1]}
    kept = sweep(stored_link, axes, store=tmp_path / "new" / "store")
    assert kept.identical(sweep(stored_link, axes))


@pytest.mark.parametrize(
    ("function", "axes"),
    [(stored_link, {"length_km": [0.0, 10.0], "storage_s": [0.0, 0.1]}), (slow, {"a": [1, 2], "b": [7, 8]})],
)
def test_xarray_opens_a_store_as_the_dataset(tmp_path, function, axes):
    dataset = sweep(function, axes, store=tmp_path / "store")
    with xr.open_zarr(tmp_path / "store", chunks=None) as opened:
        opened.attrs.pop("qnet_sweep")
        assert opened.attrs == dataset.attrs
        assert set(opened.variables) == set(dataset.variables)
        for name in dataset.variables:
            assert opened[name].dims == dataset[name].dims
            assert opened[name].attrs == dataset[name].attrs
            np.testing.assert_array_equal(opened[name].values.astype(dataset[name].dtype), dataset[name].values)


def test_an_unfinished_store_is_a_dataset_with_holes(tmp_path):
    store = tmp_path / "store"
    sweep(product, {"a": [1.0, 2.0, 3.0], "b": [1.0]}, store=store, block_size=1)
    for name in ("failed", "product", "ratio"):
        (store / name / "c.1.0").unlink()
    with xr.open_zarr(store, chunks=None) as opened:
        assert opened["product"].values.ravel().tolist() == pytest.approx([1.0, np.nan, 3.0], nan_ok=True)


def test_words_and_flags_are_axes_of_a_store(tmp_path):
    def result(scheme, fast):
        return len(scheme) + fast

    axes = {"scheme": ["one", "three"], "fast": [True, False]}
    first = sweep(result, axes, store=tmp_path / "store")
    assert first["value"].values.tolist() == [[4, 3], [6, 5]]
    assert sweep(result, axes, store=tmp_path / "store").identical(first)


def test_points_that_fail_are_kept_with_their_errors(tmp_path):
    axes = {"a": [1, 3], "b": [0, 2]}
    first = sweep(scalar_only, axes, store=tmp_path / "store")
    again = sweep(scalar_only, axes, store=tmp_path / "store")
    assert again.identical(first)
    assert again["error"].values[1, 1] == "ValueError: no such thing as b = 2"
    with pytest.raises(RuntimeError, match="no such thing as b = 2"):
        sweep(scalar_only, axes, store=tmp_path / "store", on_error="raise")


def test_a_point_that_ends_the_sweep_is_not_kept(tmp_path):
    axes = {"a": [3], "b": [0, 1, 2]}
    with pytest.raises(ValueError, match="no such thing"):
        sweep(scalar_only, axes, store=tmp_path / "store", on_error="raise")
    assert finished_blocks(tmp_path / "store") == 2


def test_a_sweep_without_results_has_a_store_too(tmp_path):
    axes = {"a": [3], "b": [2, 3]}
    first = sweep(scalar_only, axes, store=tmp_path / "store")
    assert sweep(scalar_only, axes, store=tmp_path / "store").identical(first)
    assert first["failed"].all()


@pytest.mark.parametrize("state", ["empty", "cut short", "before its contract"])
def test_a_store_whose_making_was_stopped_is_made_anew(tmp_path, state):
    store, sound = tmp_path / "store", tmp_path / "sound"
    sweep(product, {"a": [1.0, 2.0], "b": [3.0]}, store=sound)
    store.mkdir()
    if state == "cut short":
        (store / "zarr.0123456789abcdef.partial").write_text("{")
    elif state == "before its contract":
        zarr.create_group(str(store), attributes={"qnet_sweep": {"format": 1}}).create_array(
            "a", shape=(2,), dtype="f8"
        )
    sweep(product, {"a": [1.0, 2.0], "b": [3.0]}, store=store)
    assert contents(store) == contents(sound)


def test_files_that_were_being_written_are_removed(tmp_path):
    store = tmp_path / "store"
    sweep(product, {"a": [1.0, 2.0], "b": [3.0]}, store=store)
    before = contents(store)
    (store / "product" / "c.0.0123456789abcdef.partial").write_bytes(b"half")
    (store / "failed" / "c.0.0").unlink()
    sweep(product, {"a": [1.0, 2.0], "b": [3.0]}, store=store)
    assert contents(store) == before
