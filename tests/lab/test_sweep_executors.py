"""Sweeps on threads, processes and a Dask cluster: the same dataset, also where a worker is killed, on one thread each."""

import contextlib
import functools
import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pytest
from lab.sweep_functions import deadly, scalar_only, slow, stored_link, threads
from threadpoolctl import threadpool_info, threadpool_limits

import qnet_lab
from qnet_lab import sweep

AXES = {"a": range(6), "b": range(10)}
PLACES = os.pathsep.join(map(str, [Path(__file__).parents[1], Path(qnet_lab.__file__).parents[1]]))
HERE = {"PYTHONPATH": PLACES, "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "3"}


def pool(workers=2):
    """Spawned processes: what they know of this module they import."""
    return ProcessPoolExecutor(workers, get_context("spawn"))


@pytest.fixture(scope="module")
def processes():
    with pool() as executor:
        yield executor


def started(module, *arguments):
    return subprocess.Popen(
        [sys.executable, "-m", f"distributed.cli.{module}", *arguments],
        env=os.environ | HERE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


@contextlib.contextmanager
def cluster(folder, workers=2):
    """A scheduler and its workers, all of them processes of their own that talk on loopback; yields a client and them."""
    distributed = pytest.importorskip("distributed")
    address = folder / "scheduler.json"
    host = ["--host", "127.0.0.1", "--no-dashboard"]
    scheduler = started("dask_scheduler", "--scheduler-file", str(address), "--port", "0", *host)
    own = ["--scheduler-file", str(address), "--nthreads", "1", "--no-nanny", "--local-directory", str(folder)]
    crew = [started("dask_worker", *own, *host) for _ in range(workers)]
    try:
        with distributed.Client(scheduler_file=str(address), timeout=60) as client:
            client.wait_for_workers(workers, timeout=60)
            yield client, scheduler, crew
    finally:
        for process in (*crew, scheduler):
            process.kill()
            process.wait()


def killed_when(condition, process):
    """Start a thread that kills a process as soon as something is so."""

    def kill():
        limit = time.monotonic() + 60
        while not condition() and time.monotonic() < limit:
            time.sleep(0.005)
        process.send_signal(signal.SIGKILL)

    thread = threading.Thread(target=kill, daemon=True)
    thread.start()
    return thread


@pytest.fixture(scope="module")
def serial():
    return sweep(slow, AXES)


def same(dataset, expected):
    return dataset.drop_attrs().identical(expected.drop_attrs())


def test_threads_and_processes_give_the_same_digits(processes):
    axes = {"length_km": np.linspace(0, 60, 13), "storage_s": np.linspace(0, 0.4, 20)}
    here = sweep(stored_link, axes)
    assert sweep(stored_link, axes, executor=processes).identical(here)
    with ThreadPoolExecutor(3) as executor:
        assert sweep(stored_link, axes, executor=executor).identical(here)


def test_a_pool_stays_usable_after_a_sweep(processes, serial):
    assert same(sweep(slow, AXES, executor=processes), serial)
    assert processes.submit(abs, -3).result() == 3


def test_failures_come_from_workers_too(processes):
    axes = {"a": [1, 3], "b": [0, 2]}
    assert sweep(scalar_only, axes, executor=processes).identical(sweep(scalar_only, axes))
    with pytest.raises(ValueError, match="no such thing as b = 2") as caught:
        sweep(scalar_only, axes, executor=processes, on_error="raise")
    assert caught.value.__notes__ == ["at a=3, b=2"]


class Unsendable(Exception):
    """An error that can be written but not read again."""

    def __init__(self, one, two):
        super().__init__(f"{one} and {two}")


def complains(a):
    raise Unsendable(a, "more")


def test_errors_that_cannot_be_sent_are_told(processes):
    dataset = sweep(complains, {"a": [1]}, executor=processes)
    assert dataset["error"].values.tolist() == ["Unsendable: 1 and more"]
    with pytest.raises(RuntimeError, match="Unsendable: 1 and more"):
        sweep(complains, {"a": [1]}, executor=processes, on_error="raise")


def test_a_killed_process_costs_no_results(tmp_path, serial, caplog):
    graves = tmp_path / "graves"
    graves.mkdir()
    with pool() as executor:
        dataset = sweep(
            functools.partial(deadly, folder=str(graves)), AXES, executor=executor, store=tmp_path / "store"
        )
    assert len(list(graves.iterdir())) == 1
    assert same(dataset, serial)
    assert caplog.text.count("a worker process died") == 1


def test_work_that_kills_every_worker_ends_the_sweep_but_keeps_the_rest(tmp_path, serial, monkeypatch):
    monkeypatch.setattr("qnet_lab.executors._NEW_POOLS", 1)
    graves = tmp_path / "graves"
    graves.mkdir()
    function = functools.partial(deadly, folder=str(graves), deaths=2)
    with pool() as executor, pytest.raises(BrokenProcessPool) as caught:
        sweep(function, AXES, executor=executor, store=tmp_path / "store", broadcasts=False)
    assert "What was finished is in the store" in caught.value.__notes__[-1]
    assert same(sweep(function, AXES, store=tmp_path / "store", broadcasts=False), serial)  # two deaths were enough


def test_a_function_that_cannot_be_sent_is_explained(processes):
    with pytest.raises(Exception, match=r"[Pp]ickle|local object") as caught:
        sweep(lambda a: a, {"a": [1]}, executor=processes)
    assert "must be defined in a module" in caught.value.__notes__[-1]


def test_every_worker_keeps_to_one_thread(processes):
    before = {pool["filepath"]: pool["num_threads"] for pool in threadpool_info()}
    with threadpool_limits(limits=2):
        for executor in (processes, ThreadPoolExecutor(2)):
            dataset = sweep(threads, {"a": range(8)}, executor=executor)
            assert set(dataset["numba"].values) == {1}
            assert set(dataset["blas"].values) == {1}
            assert (dataset["pools"] >= 1).all()
        assert max(pool["num_threads"] for pool in threadpool_info()) == 2
    after = {pool["filepath"]: pool["num_threads"] for pool in threadpool_info()}
    assert before.items() <= after.items()
    executor.shutdown()


def test_here_too_linear_algebra_keeps_to_one_thread():
    with threadpool_limits(limits=2):
        assert set(sweep(threads, {"a": [1]})["blas"].values) == {1}
        assert max(pool["num_threads"] for pool in threadpool_info()) == 2


def test_a_cluster_gives_the_same_when_one_of_its_workers_is_killed(tmp_path, serial):
    calls = tmp_path / "calls"
    calls.mkdir()
    function = functools.partial(slow, folder=str(calls), pause_s=0.03)

    def workers_seen():
        return {int(path.name.split("-")[2]) for path in calls.iterdir()}

    with cluster(tmp_path) as (client, _, crew):
        both = {process.pid for process in crew}
        killer = killed_when(lambda: workers_seen() == both, crew[0])
        dataset = sweep(function, AXES, executor=client.get_executor(), store=tmp_path / "store")
        killer.join(60)
        assert crew[0].wait(10) == -signal.SIGKILL
        assert same(dataset, serial)
        assert len(list(calls.iterdir())) > 60
        alone = sweep(threads, {"a": range(4)}, executor=client.get_executor())
        assert set(alone["numba"].values) == set(alone["blas"].values) == {1}
    assert same(sweep(function, AXES, store=tmp_path / "store"), serial)


def test_a_sweep_whose_scheduler_is_lost_goes_on_from_its_store(tmp_path, serial):
    store = tmp_path / "store"
    function = functools.partial(slow, pause_s=0.05)

    with cluster(tmp_path) as (client, scheduler, _):
        killer = killed_when(lambda: len(list((store / "failed").glob("c.*"))) >= 7, scheduler)
        with pytest.raises(Exception) as caught:
            sweep(function, AXES, executor=client.get_executor(), store=store)
        killer.join(60)
    assert "the same call goes on from there" in caught.value.__notes__[-1]
    assert 7 <= len(list((store / "failed").glob("c.*"))) < 60
    assert same(sweep(function, AXES, store=store), serial)
