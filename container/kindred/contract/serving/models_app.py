"""The paths of a multi-model endpoint: /models, and /invocations that name their model in a header (lines 136-145)."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

import msgspec

from kindred.contract.serving import body, handler, replies
from kindred.contract.serving.models import Models
from kindred.contract.serving.registry import Entry
from kindred.contract.serving.settings import Settings
from kindred.errors import UserError

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication

TARGET = "HTTP_X_AMZN_SAGEMAKER_TARGET_MODEL"

MOST = 100
"""Models on a page, unless fewer are asked for."""

_LARGEST = 1 << 20


class _Load(msgspec.Struct, frozen=True, kw_only=True):
    model_name: str
    url: str


Environ = Callable[[], dict[str, Any]]


def route(add_rule: Callable[..., None], environ: Environ, models: Models, settings: Settings) -> None:
    """Add the rules; `environ` returns the WSGI environment of the request under way."""

    def rule(path: str, view: "Callable[..., WSGIApplication]", *methods: str) -> None:
        add_rule(path, endpoint=f"{methods[0]} {path}", view_func=view, methods=list(methods))

    def invoke(name: str) -> "WSGIApplication":
        return handler.handle(environ(), lambda: models.lent(name), settings, model=name)

    def invocations() -> "WSGIApplication":
        target = environ().get(TARGET) or ""
        return handler.handle(environ(), lambda: models.targeted(_named(target)), settings, model=target or None)

    rule("/models", lambda: _told(lambda: _list(environ(), models)), "GET")
    rule("/models", lambda: _told(lambda: _load(environ(), models)), "POST")
    rule("/models/<path:name>", lambda name: _told(lambda: _shown(models.entry(name))), "GET")
    rule("/models/<path:name>", lambda name: _told(lambda: _unload(name, models)), "DELETE")
    rule("/models/<path:name>/invoke", invoke, "POST")
    rule("/invocations", invocations, "POST")


def _told(answer: Callable[[], Any]) -> "WSGIApplication":
    try:
        return replies.json(answer())
    except UserError as error:
        return replies.mistake(error)


def _list(environ: Mapping[str, Any], models: Models) -> Mapping[str, Any]:
    asked = parse_qs(environ.get("QUERY_STRING", ""))
    limit = asked.get("limit", [str(MOST)])[0]
    if not limit.isdecimal() or not 0 < int(limit[:9]) <= 10_000:
        raise UserError("the limit is not a whole number from 1 to 10000", at="limit")
    page, token = models.entries(after=asked.get("next_page_token", [None])[0], limit=int(limit))
    listed: dict[str, Any] = {"models": [_shown(entry) for entry in page]}
    return listed | ({"nextPageToken": token} if token is not None else {})


def _load(environ: Mapping[str, Any], models: Models) -> Mapping[str, Any]:
    try:
        asked = msgspec.json.decode(body.read(environ, limit=_LARGEST), type=_Load)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise UserError('the body is not {"model_name": "…", "url": "…"}') from None
    return _shown(models.load(asked.model_name, asked.url))


def _unload(name: str, models: Models) -> Mapping[str, Any]:
    models.unload(name)
    return {"modelName": name}


def _shown(entry: Entry) -> Mapping[str, Any]:
    return {"modelName": entry.name, "modelUrl": entry.url}


def _named(target: str) -> str:
    if not target:
        raise UserError("there are many models; name one in the header X-Amzn-SageMaker-Target-Model")
    return target
