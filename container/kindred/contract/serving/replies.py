"""Answers that are whole; and what the door says itself: values as JSON, mistakes as one sentence with its place."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import msgspec
from werkzeug.exceptions import HTTPException

from kindred.contract import negotiation
from kindred.errors import UserError

if TYPE_CHECKING:
    from wsgiref.types import StartResponse

_LONGEST = 900
"""Characters; the caller of InvokeEndpoint is shown 2,048 of the whole body (contract line 107)."""

_STATUS = {each.value: f"{each.value} {each.phrase}" for each in HTTPStatus}


@dataclass(kw_only=True, slots=True)
class Whole:
    """An answer of which every byte is known, as a WSGI application; werkzeug's Response takes longer than many a body.

    (A frozen one would take three times as long to make.)
    """

    body: bytes
    type: str
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)

    def __call__(self, _: Mapping[str, Any], start_response: "StartResponse") -> list[bytes]:
        """Answer the request."""
        headers = [("Content-Type", self.type), ("Content-Length", str(len(self.body)))]
        start_response(_STATUS[self.status], [*headers, *self.headers.items()] if self.headers else headers)
        return [self.body]


def json(value: Any, *, status: int = 200, headers: Mapping[str, str] | None = None) -> Whole:
    """Return the value as the answer."""
    return Whole(body=msgspec.json.encode(value), type=negotiation.JSON.header, status=status, headers=headers or {})


def mistake(error: UserError) -> Whole:
    """Return what the caller is told of a mistake."""
    answer = {"error": error.sentence, "at": error.at} if error.at else {"error": error.sentence}
    return json({key: value[:_LONGEST] for key, value in answer.items()}, status=error.status)


def refused(error: HTTPException, *, method: str, path: str) -> Whole:
    """Return the answer to what HTTP itself forbids: an unknown path, a wrong method."""
    valid = f"; valid: {', '.join(methods)}" if (methods := sorted(getattr(error, "valid_methods", None) or ())) else ""
    allowed = {"Allow": ", ".join(methods)} if methods else {}
    return json({"error": f"{method} {path[:60]}: {error.name}{valid}."}, status=error.code or 500, headers=allowed)
