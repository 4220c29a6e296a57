"""What this machine gives to a computation: cores, threads, memory."""

import os
import platform
from pathlib import Path
from typing import Any

__all__ = ["cores", "machine", "memory_gb", "thread_pools"]


def cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def memory_gb() -> float | None:
    """Return the memory of the machine, or what its container may use; None where it isn't told."""
    try:
        whole = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return None
    limit = _text(Path("/sys/fs/cgroup/memory.max")).strip()
    return min(whole, int(limit) if limit.isdigit() else whole) / 1e9


def thread_pools() -> dict[str, int]:
    """Return the threads of each library that linear algebra is loaded with."""
    import numpy.linalg  # noqa: F401  that its library is loaded
    from threadpoolctl import threadpool_info

    return {str(pool["internal_api"]): int(pool["num_threads"]) for pool in threadpool_info()}


def machine() -> dict[str, Any]:
    """Return what a measurement depends on."""
    return {
        "processor": _processor(),
        "cores": cores(),
        "memory_gb": None if (found := memory_gb()) is None else round(found, 1),
        "system": f"{platform.system()} {platform.machine()}",
    }


def _processor() -> str:
    """Return the processor's name as far as the system tells it."""
    lines = _text(Path("/proc/cpuinfo")).splitlines()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def _text(path: Path) -> str:
    """Return what a file of the system says; nothing where there is no such file."""
    try:
        return path.read_text(encoding="ascii", errors="replace")
    except OSError:
        return ""
