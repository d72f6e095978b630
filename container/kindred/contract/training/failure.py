"""What a person reads when training failed: one sentence, and a traceback only where the fault is ours."""

import errno
import logging
import traceback
from pathlib import Path

from kindred.contract.log import LOGGER
from kindred.errors import Bug, KindredError, UserError

SENTENCE = 1000
"""Characters of a sentence; SageMaker shows the first 1,024 of the file, the class's name included (line 72)."""

_MENDABLE = {
    errno.ENOSPC: "The disk is full{at}; give the job a larger volume (VolumeSizeInGB).",
    errno.EDQUOT: "The disk quota is used up{at}; give the job a larger volume (VolumeSizeInGB).",
    errno.EFBIG: "A file grew larger than may be written{at}; lift the limit on a file's size (ulimit -f, fsize).",
    errno.EROFS: "The file system is read-only{at}; training must be able to write there.",
    errno.EACCES: "Permission is denied{at}; run the container as root, as SageMaker does.",
    errno.EPERM: "Permission is denied{at}; run the container as root, as SageMaker does.",
}


def explained(error: BaseException) -> KindredError:
    """Return what `error` means to a person: itself if it is ours, a UserError where they can mend it, else a Bug."""
    if isinstance(error, KindredError):
        return error
    if isinstance(error, MemoryError):
        return UserError("the memory is used up; choose an instance type with more memory, or bring fewer rows")
    if isinstance(error, OSError) and error.errno in _MENDABLE:
        at = f" at {error.filename}" if error.filename else ""
        return UserError(_MENDABLE[error.errno].format(at=at))
    told = " ".join(str(error).split()) or "no message"
    return Bug(f"Training stopped on a bug of ours, please report it: {type(error).__name__}: {told}")


def sentence(error: KindredError) -> str:
    """Return `ClientError: …` or `AlgorithmError: …`, one line, cut to fit SageMaker's FailureReason (line 73)."""
    line = f"{'ClientError' if isinstance(error, UserError) else 'AlgorithmError'}: {' '.join(str(error).split())}"
    return line if len(line) <= SENTENCE else f"{line[: SENTENCE - 1]}…"


def tell(error: BaseException, *, file: Path) -> str:
    """Write the failure file, print the same to the log, return its first line. Raises nothing: a disk may be full.

    A traceback follows the first line when the fault is ours; a person cannot mend it, but can send it to us.
    """
    meant = explained(error)
    first = sentence(meant)
    trace = "" if isinstance(meant, UserError) else f"\n{''.join(traceback.format_exception(error))}"
    LOGGER.log(logging.ERROR, "%s%s", first, trace)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"{first}\n{trace}", encoding="utf-8", errors="replace")
    except OSError as unwritable:
        LOGGER.error("the failure file could not be written: %s", unwritable)
    return first
