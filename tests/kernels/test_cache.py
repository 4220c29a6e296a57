"""Compiled kernels are kept between runs, never stale, shared by processes, and not needed."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import qnet_core

SOURCE = Path(qnet_core.__file__).parent
RUN = """
import numpy as np, qnet_core
rho = qnet_core.ket("0+").apply(qnet_core.Channel.from_transfer(np.diag([1, 0.5, 0.5, 0.75]), 2), 0)
print(rho.expect("ZI"), rho.expect("IX"), qnet_core._jit._CACHE)
"""


@pytest.fixture
def copy(tmp_path):
    """A copy of the core that a test may edit."""
    shutil.copytree(SOURCE, tmp_path / "src" / "qnet_core", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def start(folder, **environment):
    kept = {key: value for key, value in os.environ.items() if key not in ("NUMBA_CACHE_DIR", "NUMBA_DISABLE_JIT")}
    settings = {"PYTHONPATH": str(folder / "src"), "XDG_CACHE_HOME": str(folder / "cache")} | environment
    command = [sys.executable, "-c", RUN]
    return subprocess.Popen(command, env=kept | settings, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def words(process):
    output, errors = process.communicate(timeout=300)
    assert (process.returncode, errors) == (0, "")
    return output.split()


def files(folder):
    return {path.name: path.stat().st_mtime_ns for path in (folder / "cache").rglob("*.nbc")}


def test_kernels_are_kept_and_used_again(copy):
    assert words(start(copy))[:2] == ["0.75", "1.0"]
    kept = files(copy)
    assert kept
    assert words(start(copy))[:2] == ["0.75", "1.0"]
    assert files(copy) == kept


def test_an_edited_kernel_is_compiled_anew(copy):
    """Even an edit that keeps the file's size and time, which are all that Numba looks at."""
    words(start(copy))
    kernel = copy / "src" / "qnet_core" / "_kernels" / "qubit.py"
    times = kernel.stat().st_atime_ns, kernel.stat().st_mtime_ns
    text = kernel.read_text(encoding="utf-8")
    assert "r30 * a + r31" in text
    kernel.write_text(text.replace("r30 * a + r31", "r30 * a - r31").replace("r33 * d", "-r33*d "), encoding="utf-8")
    os.utime(kernel, ns=times)
    assert words(start(copy))[0] == "-0.75"


def test_processes_share_an_empty_cache(copy):
    together = [start(copy) for _ in range(3)]
    assert [words(process)[:2] for process in together] == [["0.75", "1.0"]] * 3


@pytest.mark.parametrize("name", ["XDG_CACHE_HOME", "NUMBA_CACHE_DIR"])
def test_a_cache_that_cannot_be_written_is_done_without(copy, name):
    """A regular file stands where the folder would be, which stops root as well."""
    (copy / "file").write_text("")
    assert words(start(copy, **{name: str(copy / "file" / "cache")}))[:2] == ["0.75", "1.0"]
    assert not (copy / "cache").exists()
