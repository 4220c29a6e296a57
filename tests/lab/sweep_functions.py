"""Functions that the tests sweep, where worker processes can import them, and what is in a folder."""

import os
import signal
import time
from pathlib import Path

import numpy as np

from qnet_channels import Fiber, Memory, double_click_link


def stored_link(length_km, storage_s):
    """A link whose left half is stored: it broadcasts, and gives a state and a probability."""
    link = double_click_link(transmissivity=Fiber(length_km / 2).transmissivity, dark_count_probability=1e-6)
    return link._replace(state=link.state.apply(Memory(t1_s=1.0, t2_s=0.5).decay(duration_s=storage_s), 0))


def product(a, b):
    """Broadcasts, and its digits can be foretold."""
    return {"product": a * b, "ratio": a / (1 + b)}


def scalar_only(a, b):
    """Does not broadcast: it decides by the values, and raises at one of them."""
    if a == 3 and b > 1:
        raise ValueError(f"no such thing as b = {b}")
    return {"sum": a + b, "pair": [a, b]}


def slow(a, b, folder=None, pause_s=0.002):
    """Leaves a file for each call, so that it can be counted how often it was called, and where."""
    if folder:
        (Path(folder) / f"{a}-{b}-{os.getpid()}-{time.monotonic_ns()}").touch()
    time.sleep(pause_s)
    if b > 7:
        raise ArithmeticError(f"b = {b}")
    return {"x": np.sin(a + 0.5) * np.exp(-b), "z": complex(a, b)}


def deadly(a, b, folder, deaths=1):
    """Kills the process that it runs in at one point, as often as asked."""
    graves = Path(folder)
    if a == 2 and b == 3 and len(list(graves.iterdir())) < deaths:
        (graves / str(time.monotonic_ns())).touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return slow(a, b)


def known(word):
    """Has a constant whose order is another one in every process."""
    return word in {"fft", "direct", "sampled", "closed", "series", "walk"}


def threads(a):
    """The number of threads that Numba and the libraries of linear algebra would use."""
    import numba
    import scipy.linalg
    from threadpoolctl import threadpool_info

    scipy.linalg.eigh(np.eye(3))
    time.sleep(0.05)  # both workers get something
    pools = [pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"]
    return {"numba": numba.get_num_threads(), "blas": max(pools), "pools": len(pools), "process": os.getpid()}


def contents(folder):
    """Every file of a folder with its bytes."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}
