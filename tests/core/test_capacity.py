"""What cannot fit in memory is refused at once, before anything is allocated."""

import re
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

import qnet_core as qc
from qnet_core.errors import CapacityError

RNG = np.random.default_rng(1)
EIGHT_QUBITS = qc.ket("0" * 8)
FOUR_QUBITS = qc.Channel.identity((2,) * 4)
QUBITS = qc.maximally_mixed_state(2)
FLIP = qc.Channel.from_unitary(np.array([[0, 1], [1, 0]]))
BIG_UNITARY = np.eye(512)
MANY = 100_000
ROW, COLUMN = QUBITS.broadcast_to((MANY,)), QUBITS.broadcast_to((MANY, 1))
ROW_OF_MAPS = qc.Channel.from_transfer(np.broadcast_to(np.eye(4), (MANY, 4, 4)), 2)
COLUMN_OF_MAPS = qc.Channel.from_transfer(np.broadcast_to(np.eye(4), (MANY, 1, 4, 4)), 2)

CALLS = {
    "maximally mixed": lambda: qc.maximally_mixed_state((2,) * 40),
    "maximally mixed qudit": lambda: qc.maximally_mixed_state(10**9),
    "ghz": lambda: qc.ghz_state(40),
    "w": lambda: qc.w_state(40),
    "ket": lambda: qc.ket("0" * 40),
    "random state": lambda: qc.random_state((2,) * 40, rng=RNG),
    "random batch": lambda: qc.random_state(2, batch_shape=(10**12,), rng=RNG),
    "random channel": lambda: qc.random_channel((2,) * 30, rng=RNG),
    "tensor": lambda: qc.tensor(*[EIGHT_QUBITS] * 5),
    "identity": lambda: qc.Channel.identity((2,) * 30),
    "channel tensor": lambda: FOUR_QUBITS.tensor(FOUR_QUBITS).tensor(FOUR_QUBITS),
    "unitary": lambda: qc.Channel.from_unitary(BIG_UNITARY),
    "kraus": lambda: qc.Channel.from_kraus(BIG_UNITARY[None]),
    "apply broadcast": lambda: COLUMN.apply(ROW_OF_MAPS, 0),
    "then broadcast": lambda: COLUMN_OF_MAPS.then(ROW_OF_MAPS),
    "tensor broadcast": lambda: qc.tensor(COLUMN, ROW),
    "broadcast": lambda: QUBITS.broadcast_to((10**12,)),
}


@pytest.fixture
def little_memory():
    """Let the process grow by one gibibyte at most, so that a missing check fails here and harms nobody."""
    try:
        import resource

        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    except (ImportError, OSError):
        yield
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + 2**30, hard))
    yield
    resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


@pytest.mark.usefixtures("little_memory")
@pytest.mark.parametrize("name", CALLS)
def test_too_much(name):
    tracemalloc.start()
    try:
        with pytest.raises(CapacityError) as caught:
            CALLS[name]()
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 50_000_000
    assert re.search(r"\d.* [kMGTPEZY]?i?B|bytes", str(caught.value))
    assert isinstance(caught.value, MemoryError)


def test_what_fits_is_made():
    assert qc.maximally_mixed_state((2,) * 9).bloch.nbytes == 8 * 4**9
