"""The HTTP face of what is served: /ping, /invocations, /execution-parameters, and /models where there are many."""

from collections.abc import Iterable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flask import Flask, request
from werkzeug.exceptions import HTTPException

from kindred.contract.port import Predictor
from kindred.contract.serving import handler, models_app, transform
from kindred.contract.serving.models import Models
from kindred.contract.serving.replies import Whole, json, refused
from kindred.contract.serving.settings import Settings
from kindred.errors import UserError

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication


@dataclass(frozen=True, kw_only=True)
class Service:
    """What is served. Where the model could not be loaded, `predictor` is None and `reason` says why, in a sentence.

    A multi-model endpoint has `models` instead.
    """

    settings: Settings
    workers: int
    predictor: Predictor | None
    reason: str = ""
    models: Models | None = None


def create(service: Service) -> Flask:
    """Return the WSGI application. A request to a model is logged as one JSON line, without its contents."""
    app = Flask("kindred", static_folder=None)
    app.config["PROVIDE_AUTOMATIC_OPTIONS"] = False
    app.url_map.merge_slashes = False
    app.add_url_rule("/ping", view_func=lambda: _ping(service), endpoint="ping", methods=["GET", "POST"])
    app.add_url_rule("/execution-parameters", view_func=lambda: _parameters(service), endpoint="parameters")
    app.register_error_handler(HTTPException, _refused)
    if service.models is not None:
        models_app.route(app.add_url_rule, lambda: request.environ, service.models, service.settings)
        return app
    app.add_url_rule("/invocations", endpoint="invocations", methods=["POST"])
    app.wsgi_app = _straight(service, beside=app.wsgi_app)  # type: ignore[assignment, method-assign]
    return app


def _straight(service: Service, *, beside: "WSGIApplication") -> "WSGIApplication":
    """The way of a request to the model; all others go through Flask, which takes longer than many an answer."""

    def taken() -> AbstractContextManager[Predictor]:
        return nullcontext(_loaded(service))

    def straight(environ: dict[str, Any], start_response: "StartResponse") -> Iterable[bytes]:
        if environ["PATH_INFO"] != "/invocations" or environ["REQUEST_METHOD"] != "POST":
            return beside(environ, start_response)
        return handler.handle(environ, taken, service.settings)(environ, start_response)

    return straight


def _ping(service: Service) -> Whole:
    if service.predictor is None and service.models is None:
        return json({"error": service.reason}, status=503)
    return Whole(body=b"", type="text/plain; charset=utf-8")


def _parameters(service: Service) -> Whole:
    return json(transform.parameters(service.settings, workers=service.workers))


class _Unavailable(UserError):
    status = 503


def _loaded(service: Service) -> Predictor:
    if service.predictor is None:
        raise _Unavailable(service.reason)
    return service.predictor


def _refused(error: HTTPException) -> Whole:
    return refused(error, method=request.method, path=request.path)
