"""The ledger: a file of what was made in an account, one JSON object a line, only ever appended to.

A line is written before a call (`intend`) and after it (`made`, or `failed` where AWS refused it), and one more when it
is `undone`. So whatever happens in between, what may stand in the account stands here.
"""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_hex
from typing import Any, BinaryIO

from .papers import decode_all, encode
from .plan import Effect, Undo
from .refusals import Refused

HOME = Path("kindred-aws.ledger.jsonl")
CLOSING = ("failed", "undone")


@dataclass(frozen=True, kw_only=True)
class Entry:
    """Something that may stand in an account: `what`, where, and what takes it away."""

    number: str
    what: str
    account: str
    region: str
    undo: tuple[Effect, ...]


@dataclass(frozen=True)
class Ledger:
    """The file at `path`; it needs not exist. `where` is the account and the region of this run."""

    path: Path
    account: str = ""
    region: str = ""

    def intend(self, what: str, undo: Sequence[Effect]) -> str:
        """Write, before a call, what it is about to make; return the entry's number."""
        number = token_hex(6)
        where = {"account": self.account, "region": self.region}
        self._append({"number": number, "event": "intend", "what": what, **where, "undo": encode(list(undo))})
        return number

    def close(self, number: str, event: str) -> None:
        """Write what became of an entry: made, failed, or undone."""
        self._append({"number": number, "event": event})

    def standing(self) -> list[Entry]:
        """Return what may stand in the account, the newest first: that is the order in which to take it away."""
        lines = self._lines()
        closed = {line["number"] for line in lines if line["event"] in CLOSING}
        opened = [line for line in lines if line["event"] == "intend" and line["number"] not in closed]
        return [_entry(line) for line in reversed(opened)]

    def _lines(self) -> list[dict[str, Any]]:
        if not self.path.exists():
            return []
        texts = self.path.read_text(encoding="utf-8").splitlines()
        # A last line cut short by a crash was never acted upon: a call follows only a line that is whole on disk.
        return [_line(self.path, row, text) for row, text in enumerate(texts, 1) if row < len(texts) or _whole(text)]

    def _append(self, line: Mapping[str, Any]) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("ab+") as file:
            _mend(file)
            told = {"at": datetime.now(UTC).isoformat(timespec="seconds"), **line}
            file.write(json.dumps(told).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())


def undoing(entries: Sequence[Entry]) -> tuple[Undo, ...]:
    """Return what takes the entries away again."""
    return tuple(Undo(number=entry.number, what=entry.what, effects=entry.undo) for entry in entries)


def _entry(line: Mapping[str, Any]) -> Entry:
    return Entry(
        number=line["number"], what=line["what"], account=line["account"], region=line["region"],
        undo=decode_all(line["undo"]),
    )  # fmt: skip


def _whole(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def _line(path: Path, row: int, text: str) -> dict[str, Any]:
    try:
        line: dict[str, Any] = json.loads(text)
        line["number"], line["event"]
    except (ValueError, KeyError, TypeError):
        raise Refused(
            "this line of the ledger is damaged; mend it, or move the file away and look in the console what is left",
            at=f"{path}:{row}",
        ) from None
    return line


def _mend(file: BinaryIO) -> None:
    """Cut a last line that a crash left without its end, or end it where it is whole."""
    if not (size := file.seek(0, os.SEEK_END)) or _last_byte(file, size) == b"\n":
        return
    file.seek(0)
    content = file.read()
    start = content.rfind(b"\n") + 1
    if _whole(content[start:].decode(errors="replace")):
        file.write(b"\n")
    else:
        file.truncate(start)


def _last_byte(file: BinaryIO, size: int) -> bytes:
    file.seek(size - 1)
    return file.read(1)
