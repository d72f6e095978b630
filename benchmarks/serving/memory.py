"""What a process holds for itself."""

from pathlib import Path

MB = 1e6


def private_mb(pid: int) -> float:
    """Return what this process alone holds, without the pages of mapped files, which the kernel may drop."""
    return _field(Path(f"/proc/{pid}/smaps_rollup").read_text(), "Private_Dirty") / MB


def _field(text: str, name: str) -> int:
    line = next(line for line in text.splitlines() if line.startswith(f"{name}:"))
    return int(line.split()[1]) * 1024
