"""SageMaker's agent of the checkpoint folder: what is new there goes to S3, what is deleted there goes from S3."""

import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

IGNORED, UPLOADING, UPLOADED = ".sagemaker-ignore", ".sagemaker-uploading", ".sagemaker-uploaded"
"""Suffixes: of files that are never uploaded, and of the marks that the agent leaves beside those that are."""

ROUND_S = 0.02


@dataclass(frozen=True)
class Agent:
    """Mirrors `local` into `bucket`, a folder that stands for the S3 prefix.

    Files are copied in pieces, as they are at that time: what is written in place arrives in halves.
    """

    local: Path
    bucket: Path
    _sent: dict[str, tuple[int, int, int]] = field(default_factory=dict)

    def go_round(self) -> None:
        """Upload what is new or changed, delete what is gone."""
        found = dict(self._files())
        for name, path in found.items():
            with suppress(FileNotFoundError):
                self._upload(name, path)
        for name in self._sent.keys() - found.keys():
            del self._sent[name]
            (self.bucket / name).unlink(missing_ok=True)
            _mark(self.local / name, UPLOADED).unlink(missing_ok=True)

    def _files(self) -> Iterator[tuple[str, Path]]:
        for path in sorted(self.local.rglob("*")):
            if path.is_file() and not path.name.endswith((IGNORED, UPLOADING, UPLOADED)):
                yield path.relative_to(self.local).as_posix(), path

    def _upload(self, name: str, path: Path) -> None:
        stat = path.stat()
        stamp = (stat.st_ino, stat.st_mtime_ns, stat.st_size)
        if self._sent.get(name) == stamp:
            return
        uploading, uploaded = _mark(path, UPLOADING), _mark(path, UPLOADED)
        uploaded.unlink(missing_ok=True)
        uploading.touch()
        try:
            aside = self.bucket / f"{name}.{os.getpid()}"
            aside.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, aside)
            aside.rename(self.bucket / name)
            self._sent[name] = stamp
        finally:
            with suppress(FileNotFoundError):
                uploading.rename(uploaded)


@contextmanager
def uploading(local: Path, bucket: Path) -> Iterator[Agent]:
    """Let an agent go round until the block ends, and then no more: call `go_round` for what an orderly end uploads."""
    agent, over = Agent(local, bucket), threading.Event()
    bucket.mkdir(parents=True, exist_ok=True)
    thread = threading.Thread(target=_rounds, args=(agent, over), daemon=True)
    thread.start()
    try:
        yield agent
    finally:
        over.set()
        thread.join()


def restore(bucket: Path, local: Path) -> None:
    """Bring everything of the bucket to a new machine, before its container starts."""
    shutil.copytree(bucket, local, dirs_exist_ok=True)


def _rounds(agent: Agent, over: threading.Event) -> None:
    while not over.wait(ROUND_S):
        agent.go_round()


def _mark(path: Path, suffix: str) -> Path:
    return path.with_name(path.name + suffix)
