"""Questions for a model, each a call: what next, what is similar, which cluster."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypedDict, Unpack

from kindred.client import frames
from kindred.client.frames import Frame
from kindred.client.ways import JSON, Send
from kindred.errors import KindredError, UserError

NPY = "application/x-npy"

BODY = 4 << 20
"""Bytes of a request at the most: a serverless endpoint takes no more, the others take six million."""

Event = str | Mapping[str, Any]
"""An id, or an entry in full: `{"item_id": …, "rating": …, "timestamp": …}`."""


class Options(TypedDict, total=False):
    """What stands beside a question; docs/openapi/recommender.json says more."""

    n: int
    rank: Sequence[str]
    exclude: Sequence[str]
    allow: Sequence[str]
    filter: Mapping[str, Any]
    exclude_seen: bool
    diversity: float
    explain: bool


@dataclass(frozen=True, kw_only=True)
class Client:
    """A model, reached by `send`. Every method asks in as few requests as fit, and keeps the order.

    Raises UserError where the server refuses, `at` in terms of what was passed; KindredError where it failed.
    """

    send: Send

    def recommend(self, histories: Sequence[Sequence[Event]], **options: Unpack[Options]) -> Frame:
        """Return what next for each history, oldest first: a row a recommendation, columns as `frames.COLUMNS`."""
        for place, history in enumerate(histories):
            if isinstance(history, str):
                raise UserError(f"'{history[:40]}' is one id, a history is a list of ids", at=f"histories[{place}]")
        return frames.recommendations(self.ask([{"history": list(history)} for history in histories], **options))

    def similar(self, item_ids: Sequence[str], **options: Unpack[Options]) -> Frame:
        """Return the items that are like each of these: a row an item, columns as `frames.COLUMNS`."""
        if isinstance(item_ids, str):
            raise UserError(f"'{item_ids[:40]}' is one id, expected a list of ids", at="item_ids")
        return frames.recommendations(self.ask([{"item_id": item_id} for item_id in item_ids], **options))

    def clusters(self, rows: Any) -> Frame:
        """Return the nearest cluster of each row of numbers (n, d), and the distance; a frame's index is kept."""
        matrix = frames.matrix(rows)
        most = max(1, (BODY - len(frames.npy(matrix[:0]))) // max(1, matrix[:1].nbytes))
        parts = [(start, frames.npy(matrix[start : start + most])) for start in range(0, len(matrix), most)]
        return frames.nearest(self._answers(parts, NPY), index=rows.index if hasattr(rows, "columns") else None)

    def ask(self, instances: Sequence[Mapping[str, Any]], **options: Unpack[Options]) -> list[dict[str, Any]]:
        """Return a prediction for each instance, as the server's JSON has it."""
        return self._answers(_bodies(instances, options), JSON)

    def _answers(self, parts: "Sequence[tuple[int, bytes]] | Iterator[tuple[int, bytes]]", kind: str) -> list[Any]:
        found = []
        for start, body in parts:
            try:
                found += json.loads(self.send(body, kind))["predictions"]
            except KindredError as error:
                error.at = _moved(error.at, start)
                raise
        return found


def _bodies(instances: Sequence[Mapping[str, Any]], options: Mapping[str, Any]) -> Iterator[tuple[int, bytes]]:
    """Envelopes of at most BODY bytes, each with the place of its first instance; one that is larger goes alone."""
    head, tail = b'{"instances":[', b'],"configuration":%s}' % json.dumps(options).encode()
    start, pieces, size = 0, list[bytes](), 0
    for place, instance in enumerate(instances):
        piece = json.dumps(instance).encode()
        if pieces and size + len(piece) + len(head) + len(tail) > BODY:
            yield start, head + b",".join(pieces) + tail
            start, pieces, size = place, [], 0
        pieces.append(piece)
        size += len(piece) + 1
    if pieces:
        yield start, head + b",".join(pieces) + tail


def _moved(at: str | None, start: int) -> str | None:
    """The place of a mistake among all that was passed: a request holds a part, from `start` on."""
    return at and re.sub(r"^(instances\[|\[|record )(\d+)", lambda found: f"{found[1]}{int(found[2]) + start}", at)
