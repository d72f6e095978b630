"""Which folders are not on a disk but behind a program, such as the objects of S3 in FastFile mode (line 39)."""

from pathlib import Path

MOUNTS = Path("/proc/self/mounts")


def distant(path: Path, *, mounts: Path = MOUNTS) -> bool:
    """Tell whether a file lies on a FUSE file system: to read it in any but its own order costs a request a piece.

    False where the mounts cannot be known.
    """
    try:
        lines = [line.split() for line in mounts.read_text(errors="replace").splitlines()]
    except OSError:
        return False
    over = [(place, kind) for _, place, kind, *_ in lines if path.absolute().is_relative_to(_spelled(place))]
    return bool(over) and max(over, key=lambda mount: len(mount[0]))[1].startswith("fuse")


def _spelled(place: str) -> str:
    return place.replace("\\040", " ")
