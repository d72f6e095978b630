"""What this container may use: its share of the machine's processors, its share of the memory."""

import os
from pathlib import Path

CGROUP = Path("/sys/fs/cgroup")
"""Where a container sees its own limits, of version 2 (first) or 1 (second) of control groups."""

_QUOTAS = (("cpu.max",), ("cpu/cpu.cfs_quota_us", "cpu/cpu.cfs_period_us"))
_LIMITS = ("memory.max", "memory/memory.limit_in_bytes")


def threads(cgroup: Path = CGROUP) -> int:
    """Return how many threads can really run at once: the affinity, cut to whole processors of the quota; at least 1.

    Contract line 63: `os.cpu_count()` tells of the machine, not of the container.
    """
    return max(1, min([_affinity(), *_quota(cgroup)]))


def memory_bytes(cgroup: Path = CGROUP) -> int:
    """Return the memory that this container may fill: the machine's, or the limit where that is lower."""
    machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    limits = [int(text) for name in _LIMITS if (text := _read(cgroup / name)).isdecimal()]
    return min([machine, *limits])


def _affinity() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _quota(cgroup: Path) -> list[int]:
    readings = [" ".join(_read(cgroup / name) for name in names).split() for names in _QUOTAS]
    return [int(pair[0]) // int(pair[1]) for pair in readings if len(pair) == 2 and pair[0].isdecimal()]


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="ascii").strip()
    except OSError:
        return ""
