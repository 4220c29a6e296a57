"""``qnet doctor``: what is in place, and what it says where something isn't."""

import importlib.metadata
import sys
import types

import pytest
from lab.command_runner import document, qnet

import qnet_lab.health
import qnet_lab.installation
import qnet_lab.machine
from qnet_lab.findings import Finding

PROGRAM = "import sys; sys.path.insert(0, sys.argv.pop(1)); from qnet_lab.cli import main; main(prog_name='qnet')"


class Invented:
    """A distribution as ``importlib.metadata`` tells of one."""

    def __init__(self, requires=(), python=">=3.11", extras=(), files=()):
        self.version, self.requires, self.files = "9.9", list(requires), list(files)
        self.metadata = _Metadata({"Requires-Python": python}, extras)


class _Metadata(dict):
    def __init__(self, entries, extras):
        super().__init__(entries)
        self.extras = list(extras)

    def get_all(self, name):
        return self.extras if name == "Provides-Extra" else None


@pytest.fixture
def pretend(monkeypatch):
    """Let qnet-engine ask for something else, and other distributions have other versions."""

    def become(*, versions=None, **own):
        monkeypatch.setattr(qnet_lab.installation, "distribution", lambda name: Invented(**own))
        if versions is not None:
            monkeypatch.setattr(qnet_lab.installation, "version", _version_among(versions))

    return become


def _version_among(versions):
    def version(name):
        if name not in versions:
            raise importlib.metadata.PackageNotFoundError(name)
        return versions[name]

    return version


def test_this_installation_is_sound():
    result = qnet("doctor")
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert lines[-1] == "all in place"
    assert {line.split()[0] for line in lines[:-1]} <= {"ok", "note"}
    assert any(line.split()[1] == "numba" and importlib.metadata.version("numba") in line for line in lines)
    found, code = document("doctor")
    assert (found["sound"], code) == (True, 0)
    subjects = [finding["subject"] for finding in found["findings"]]
    assert {"qnet-engine", "python", "numpy", "compiler", "computation", "threads", "machine"} <= set(subjects)
    assert {"extra cluster", "extra notebook", "extra sdp", "extra verify"} <= set(subjects)


def test_every_dependency_is_looked_at():
    found = [finding.subject for finding in qnet_lab.installation.dependencies()]
    requires = importlib.metadata.requires("qnet-engine")
    assert len(found) == len([text for text in requires if "extra" not in text])
    assert "qutip" in found
    assert "dask" not in found


def test_missing_and_old_ones_are_broken(pretend):
    asked = ["there>=1.0", "old>=2.0", "missing>=1", "banned>=1,!=1.5", "dask>=1; extra == 'cluster'",
             "windows>=1; sys_platform == 'win95'"]  # fmt: skip
    pretend(requires=asked, extras=["cluster"], versions={"there": "1.0", "old": "1.9", "banned": "1.5"})
    found = {finding.subject: finding for finding in qnet_lab.installation.dependencies()}
    assert {name: finding.verdict for name, finding in found.items()} == {
        "there": "ok", "old": "BROKEN", "missing": "BROKEN", "banned": "BROKEN"
    }  # fmt: skip
    assert found["old"].text == "is 1.9, but needs >=2.0"
    assert found["missing"].text == "is missing; needs >=1"
    (extra,) = qnet_lab.installation.extras()
    assert (extra.verdict, extra.text) == ("note", "without dask: pip install 'qnet-engine[cluster]'")


def test_an_old_python_is_broken(pretend):
    pretend(python=">=4")
    assert [f.verdict for f in qnet_lab.installation.python() if f.subject == "python"] == ["BROKEN"]


def test_altered_files_are_found(pretend, tmp_path):
    """A file whose digest isn't that of the list of installed files, or that is gone."""
    (tmp_path / "same.py").write_bytes(b"")
    (tmp_path / "other.py").write_bytes(b"x = 1\n")
    empty = types.SimpleNamespace(mode="sha256", value="47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU")  # of no bytes

    def listed(name):
        place = tmp_path / name
        return types.SimpleNamespace(suffix=".py", hash=empty, locate=lambda: place, __str__=lambda self: name)

    pretend(files=[listed("same.py")], versions={})
    assert list(qnet_lab.installation.our_packages()) == []
    pretend(files=[listed("same.py"), listed("other.py"), listed("gone.py")], versions={"qnet-core": "0.3"})
    altered, stranger = qnet_lab.installation.our_packages()
    assert (altered.verdict, altered.text.startswith("2 were altered")) == ("BROKEN", True)
    assert (stranger.subject, stranger.verdict) == ("qnet-core", "note")
    assert "pip uninstall qnet-core" in stranger.text


def test_the_package_of_others_is_recognized(tmp_path, run_python):
    """Its name is that of ours, and it stands first on the path."""
    (tmp_path / "qnet_core").mkdir()
    (tmp_path / "qnet_core" / "__init__.py").write_text("def simulate(): pass\n")
    imported = run_python(f"import sys; sys.path.insert(0, {str(tmp_path)!r}); import qnet_channels")
    assert "isn't that of qnet-engine" in imported.stderr.splitlines()[-1]
    assert str(tmp_path) in imported.stderr.splitlines()[-1]
    curve = run_python(PROGRAM, tmp_path, "curve", "nv_delft", "-o", tmp_path / "results")
    assert (curve.returncode, curve.stdout, curve.stderr.count("\n")) == (2, "", 1)
    assert "pip uninstall qnet-core" in curve.stderr
    assert "`qnet doctor`" in curve.stderr
    doctor = run_python(PROGRAM, tmp_path, "doctor")
    assert doctor.returncode == 1
    (line,) = (line for line in doctor.stdout.splitlines() if line.split()[1] == "qnet_core")
    assert line.startswith("BROKEN")
    assert str(tmp_path) in line


def test_what_qnet_core_lacks_itself_is_told_as_it_is(tmp_path, run_python):
    (tmp_path / "numpy.py").write_text("raise ModuleNotFoundError(\"No module named 'numpy'\", name='numpy')\n")
    imported = run_python(f"import sys; sys.path.insert(0, {str(tmp_path)!r}); import qnet_channels")
    assert imported.stderr.splitlines()[-1] == "ModuleNotFoundError: No module named 'numpy'"


def test_a_wrong_number_is_broken(monkeypatch):
    monkeypatch.setattr("qnet_channels.dephasing", lambda probability: _dephasing(probability + 1e-9))
    (finding,) = qnet_lab.health.computation()
    assert finding.verdict == "BROKEN"
    assert "should have 0.75" in finding.text


def _dephasing(probability):
    from qnet_channels.noise import dephasing

    return dephasing(probability=probability)


def test_a_part_that_fails_is_a_finding(monkeypatch):
    def threads():
        raise RuntimeError("no such thing")
        yield

    monkeypatch.setattr(qnet_lab.health, "threads", threads)
    result = qnet("doctor")
    assert result.exit_code == 1
    assert "BROKEN  threads        RuntimeError: no such thing" in result.stdout.splitlines()
    assert result.stdout.splitlines()[-1] == "1 broken"
    quiet = qnet("doctor", "-q")
    assert (quiet.exit_code, quiet.stdout) == (1, "")
    assert quiet.stderr == "BROKEN  threads        RuntimeError: no such thing\n"


def test_the_compiler_says_where_it_keeps_its_work(monkeypatch):
    from qnet_core import _jit

    monkeypatch.delenv("NUMBA_DISABLE_JIT", raising=False)
    monkeypatch.setattr(_jit, "_CACHE", None)
    (finding,) = qnet_lab.health.compiler()
    assert (finding.verdict, "compiles anew" in finding.text) == ("note", True)
    monkeypatch.setattr(_jit, "_CACHE", "here")
    assert list(qnet_lab.health.compiler()) == [Finding("compiler", "ok", "keeps compiled kernels in here")]
    monkeypatch.setenv("NUMBA_DISABLE_JIT", "1")
    (finding,) = qnet_lab.health.compiler()
    assert finding.verdict == "note"


def test_more_threads_than_cores_are_noted(monkeypatch):
    monkeypatch.setattr(qnet_lab.health, "thread_pools", lambda: {"openblas": 64})
    monkeypatch.setattr(qnet_lab.health, "cores", lambda: 2)
    (finding,) = qnet_lab.health.threads()
    assert (finding.verdict, "OMP_NUM_THREADS" in finding.text) == ("note", True)


def test_the_memory_of_a_container_counts(monkeypatch):
    whole = qnet_lab.machine.memory_gb()
    monkeypatch.setattr(qnet_lab.machine, "_text", lambda path: "2000000000\n")
    assert qnet_lab.machine.memory_gb() == min(whole, 2.0)
    monkeypatch.setattr(qnet_lab.machine, "_text", lambda path: "max\n")
    assert qnet_lab.machine.memory_gb() >= whole


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells")
def test_the_machine_is_told():
    about = qnet_lab.machine.machine()
    assert set(about) == {"processor", "cores", "memory_gb", "system"}
    assert about["cores"] >= 1
    assert 0.1 < about["memory_gb"] < 1e5
