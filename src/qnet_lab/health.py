"""Does it work here? Installation, compiler, a computation, and what the machine gives."""

import os
import time
from collections.abc import Callable, Iterator

from .findings import Finding
from .installation import dependencies, extras, our_packages, python
from .machine import cores, machine, thread_pools

__all__ = ["examine"]


def examine() -> Iterator[Finding]:
    """Yield what is found, part by part; a part that fails is a finding too.

    >>> [finding.subject for finding in examine()][:2]
    ['qnet-engine', 'python']
    """
    for part in (python, dependencies, our_packages, compiler, computation, threads, resources, extras):
        yield from _guarded(part)


def _guarded(part: Callable[[], Iterator[Finding]]) -> Iterator[Finding]:
    try:
        yield from part()
    except Exception as error:  # whatever is wrong here is what was asked for
        yield Finding(part.__name__.replace("_", " "), "BROKEN", f"{type(error).__name__}: {error}")


def compiler() -> Iterator[Finding]:
    """Find where compiled kernels are kept."""
    from qnet_core import _jit

    if os.environ.get("NUMBA_DISABLE_JIT", "0") not in ("", "0"):
        yield Finding("compiler", "note", "is off (NUMBA_DISABLE_JIT): kernels run as Python, slowly")
    elif _jit._CACHE is None:
        text = (
            "compiled kernels can't be kept: no folder for caches can be written to, so that every start compiles anew"
        )
        yield Finding("compiler", "note", f"{text}; XDG_CACHE_HOME or NUMBA_CACHE_DIR names one")
    else:
        yield Finding("compiler", "ok", f"keeps compiled kernels in {_jit._CACHE}")


def computation() -> Iterator[Finding]:
    """Find whether kernels run and give the right number: Z with probability 1/4 leaves a Bell pair the fidelity 3/4."""
    start = time.perf_counter()
    from qnet_channels import dephasing
    from qnet_core import bell_state, fidelity

    pair = bell_state()
    found = float(fidelity(pair.apply(dephasing(probability=0.25), 0), pair))
    text = f"a dephased Bell pair has fidelity {found:.6g}, in {time.perf_counter() - start:.1f} s with loading"
    right = abs(found - 0.75) < 1e-12
    yield Finding("computation", "ok" if right else "BROKEN", text if right else f"{text}, but should have 0.75")


def threads() -> Iterator[Finding]:
    """Find how many threads there are, and whether linear algebra takes more than there are cores."""
    pools, available = thread_pools(), cores()
    told = ", ".join(f"{name} {number}" for name, number in pools.items()) or "one thread"
    crowded = any(number > available for number in pools.values())
    text = f"{available} cores; linear algebra: {told}; our kernels use one thread each"
    yield Finding("threads", "note" if crowded else "ok", text + ("; OMP_NUM_THREADS limits it" if crowded else ""))


def resources() -> Iterator[Finding]:
    """Find what the machine is and has."""
    about = machine()
    memory = "unknown" if about["memory_gb"] is None else f"{about['memory_gb']:g} GB"
    yield Finding("machine", "ok", f"{about['processor']}, {about['system']}; memory {memory}")
