"""What the door says itself: values as JSON, and mistakes as one sentence with its place."""

from typing import Any

import msgspec
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from kindred.contract import negotiation
from kindred.errors import UserError

_LONGEST = 900
"""Characters; the caller of InvokeEndpoint is shown 2,048 of the whole body (contract line 107)."""


def json(value: Any, *, status: int = 200) -> Response:
    """Return the value as the answer."""
    return Response(msgspec.json.encode(value), status=status, content_type=negotiation.JSON.header)


def mistake(error: UserError) -> Response:
    """Return what the caller is told of a mistake."""
    answer = {"error": error.sentence, "at": error.at} if error.at else {"error": error.sentence}
    return json({key: value[:_LONGEST] for key, value in answer.items()}, status=error.status)


def refused(error: HTTPException, *, method: str, path: str) -> Response:
    """Return the answer to what HTTP itself forbids: an unknown path, a wrong method."""
    valid = f"; valid: {', '.join(methods)}" if (methods := sorted(getattr(error, "valid_methods", None) or ())) else ""
    response = json({"error": f"{method} {path[:60]}: {error.name}{valid}."}, status=error.code or 500)
    if methods:
        response.headers["Allow"] = ", ".join(methods)
    return response
