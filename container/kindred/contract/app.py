"""The HTTP face of a loaded model: /ping, /invocations, /execution-parameters."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from kindred.codecs import text
from kindred.contract import answers, attributes, body, negotiation, requests, transform
from kindred.contract.negotiation import Family, MediaType
from kindred.contract.port import MatrixPredictor, Predictor
from kindred.contract.settings import Settings
from kindred.contract.visit import Visit
from kindred.errors import UserError

_LONGEST = 900
"""Characters; the caller of InvokeEndpoint is shown 2,048 of the whole body (contract line 107)."""


@dataclass(frozen=True, kw_only=True)
class Service:
    """What is served. Where the model could not be loaded, `predictor` is None and `reason` says why, in a sentence."""

    settings: Settings
    workers: int
    predictor: Predictor | None
    reason: str = ""


def create(service: Service) -> Flask:
    """Return the WSGI application. A request to /invocations is logged as one JSON line, without its contents."""
    app = Flask("kindred", static_folder=None)
    app.config["PROVIDE_AUTOMATIC_OPTIONS"] = False
    app.url_map.merge_slashes = False
    app.add_url_rule("/ping", view_func=lambda: _ping(service), endpoint="ping", methods=["GET", "POST"])
    app.add_url_rule("/invocations", view_func=lambda: _invocations(service), endpoint="invocations", methods=["POST"])
    app.add_url_rule("/execution-parameters", view_func=lambda: _parameters(service), endpoint="parameters")
    app.register_error_handler(HTTPException, _refused)
    return app


def _ping(service: Service) -> Response:
    if service.predictor is None:
        return _json({"error": service.reason}, status=503)
    return Response(b"", headers={"Content-Length": "0"}, mimetype="text/plain")


def _parameters(service: Service) -> Response:
    return _json(transform.parameters(service.settings, workers=service.workers))


def _invocations(service: Service) -> Response:
    visit = Visit()
    try:
        response = _answer(service, visit)
    except UserError as error:
        response = _mistake(error)
    except Exception as error:  # noqa: BLE001 - whatever it is, the caller is answered and the log told
        visit.met(error)
        sentence = f"This is a fault of ours, not of the request; the log has it as {visit.id}."
        response = _json({"error": sentence, "id": visit.id}, status=500)
    echoed = attributes.echoed(request.headers)
    response.headers.update(echoed)
    visit.ended(response.status_code, inference_id=echoed.get(attributes.INFERENCE_ID))
    return response


def _answer(service: Service, visit: Visit) -> Response:
    if service.predictor is None:
        return _json({"error": service.reason}, status=503)
    # Not Flask's way: that would swallow what curl sends as a form, and cut a chunked body at the limit.
    sent = body.read(request.environ, limit=service.settings.payload_bytes)
    visit.bytes = len(sent)
    media = negotiation.media_type(request.headers.get("Content-Type"))
    content, family = _content(sent, media, spoken=_spoken(service.predictor))
    if not content:
        return _nothing(service, family)
    accepted = _accepted(service, family)
    options = {**media.parameters, **attributes.options(request.headers.get(attributes.CUSTOM))}
    options.pop("charset", None)
    batch = requests.read(content, family, service.predictor, options=options)
    visit.rows = len(batch.requests)
    predictions = _predictions(service.predictor, batch)
    answer = answers.write(predictions, accepted, service.predictor, batch=service.settings.batch)
    return Response(answer, content_type=accepted.header)


def _content(sent: bytes, media: MediaType, *, spoken: Sequence[Family]) -> tuple[str | bytes, Family]:
    """The body as its family reads it: a matrix as bytes, all else as text."""
    found = negotiation.stated(media, among=spoken) or negotiation.marked(sent, among=spoken)
    if found in negotiation.MATRICES:
        return sent, found
    content = text.decode(sent, media.parameters.get("charset"))
    return content, found or negotiation.sniffed(content)


def _nothing(service: Service, family: Family) -> Response:
    if not service.settings.batch:
        raise UserError("the body is empty; send at least one instance")
    return Response(b"", content_type=_accepted(service, family).header)


def _accepted(service: Service, family: Family) -> Family:
    default, spoken = service.settings.accept or family, _spoken(service.predictor)
    return negotiation.acceptable(request.headers.get("Accept"), default=default, among=spoken)


def _spoken(predictor: Predictor | None) -> Sequence[Family]:
    matrices = negotiation.MATRICES if isinstance(predictor, MatrixPredictor) else ()
    return (*negotiation.FAMILIES, *matrices)


def _predictions(predictor: Predictor, batch: requests.Batch) -> Sequence[Any]:
    try:
        predictions = predictor.predict(batch.requests) if batch.requests else []
    except UserError as error:
        found = re.match(r"\[(\d+)\](.*)", error.at or "", re.DOTALL)
        if found:
            error.at = requests.within(batch.place(int(found[1])), found[2])
        raise
    if len(predictions) != len(batch.requests):
        raise RuntimeError("predict returned another number of answers than it was given requests")
    return predictions


def _mistake(error: UserError) -> Response:
    answer = {"error": error.sentence, "at": error.at} if error.at else {"error": error.sentence}
    return _json({key: value[:_LONGEST] for key, value in answer.items()}, status=error.status)


def _refused(error: HTTPException) -> Response:
    """An answer to what HTTP itself forbids: an unknown path, a wrong method."""
    valid = f"; valid: {', '.join(methods)}" if (methods := sorted(getattr(error, "valid_methods", None) or ())) else ""
    response = _json({"error": f"{request.method} {request.path[:60]}: {error.name}{valid}."}, status=error.code or 500)
    if methods:
        response.headers["Allow"] = ", ".join(methods)
    return response


def _json(value: Any, *, status: int = 200) -> Response:
    return Response(msgspec.json.encode(value), status=status, content_type=negotiation.JSON.header)
