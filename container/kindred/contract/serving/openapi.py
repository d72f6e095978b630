"""The OpenAPI document of a model's endpoint, made of the types that its algorithm declares."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from kindred.contract.negotiation import ASKED, CSV, FAMILIES, JSON, JSON_LINES, LIBSVM, MATRICES, Family
from kindred.contract.port import Algorithm
from kindred.contract.serving import attributes, transform
from kindred.contract.serving.wishes import OPTIONS

OPENAPI = "3.1.0"

_REFERENCE = "#/components/schemas/{name}"

REFUSALS: Mapping[int, str] = {
    400: "What was sent cannot be understood; nothing of it was answered.",
    404: "An id, or a model, that is not known.",
    406: "None of the accepted types can be answered.",
    413: "The body is larger than the limit.",
    415: "The body is of a type that is not read.",
}
"""What a caller can mend, by status (contract line 107)."""

FAULTS: Mapping[int, str] = {
    408: "The body took too long to come.",
    500: "A fault of the container's, under an id that its log has too.",
    503: "There is no model that could be loaded.",
    504: "The answer took too long.",
}


class Mistake(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What every refusal says: one sentence, and the place in the body or the header that it is about."""

    error: str
    at: str | None = None
    id: str | None = None


class Model(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A loaded model of a multi-model endpoint."""

    model_name: str
    model_url: str


def document(algorithm: Algorithm, *, version: str) -> Mapping[str, Any]:
    """Return the document, ready for JSON."""
    shapes, components = msgspec.json.schema_components(
        (algorithm.instance, algorithm.answer, Mistake, Model), ref_template=_REFERENCE
    )
    instance, answer, mistake, model = shapes
    invocations = _invocations(algorithm, instance, answer, mistake)
    return {
        "openapi": OPENAPI,
        "info": {"title": f"Kindred: {algorithm.name}", "version": version, "license": {"name": "Apache-2.0"}},
        "paths": {
            "/ping": {"get": _ping(mistake), "post": _ping(mistake)},
            "/invocations": {"post": invocations},
            "/execution-parameters": {"get": _parameters()},
            **_models(invocations, model, mistake),
        },
        "components": {"schemas": components},
    }


def _invocations(algorithm: Algorithm, instance: Any, answer: Any, mistake: Any) -> Mapping[str, Any]:
    spoken = (*FAMILIES, *MATRICES) if algorithm.matrices else FAMILIES
    read = (*spoken, *ASKED) if algorithm.matrices else spoken
    return {
        "summary": "Answer every instance of the body, in order.",
        "parameters": [*_headers(), _TARGET],
        "requestBody": {"required": True, "content": _bodies(read, _asked(instance))},
        "responses": {
            "200": {"description": "An answer an instance.", "content": _bodies(spoken, _answered(answer, mistake))},
            **_refusals({**REFUSALS, **FAULTS}, mistake),
        },
    }


def _bodies(spoken: Sequence[Family], shape: Any) -> Mapping[str, Any]:
    binary = {"schema": {"type": "string", "format": "binary"}}
    lines = {type_: {"schema": {"type": "string", "description": told}} for type_, told in _LINES.items()}
    texts: Mapping[str, Any] = {JSON.type: {"schema": shape}, **lines}
    return {family.type: texts.get(family.type, binary) for family in spoken}


_LINES = {
    JSON_LINES.type: "A line of JSON for each instance, or for each answer; the schemas are those of the JSON bodies.",
    CSV.type: "A line for each instance, or for each answer, without a header.",
    LIBSVM.type: "A line for each instance: a label or none, then index:value pairs; indices count from 0 and ascend.",
}


def _asked(instance: Any) -> Mapping[str, Any]:
    """The forms of contract line 165 that a caller should use."""
    instances = {"type": "array", "items": instance}
    envelope = {
        "type": "object",
        "required": ["instances"],
        "properties": {"instances": instances, "configuration": {"type": "object"}},
        "additionalProperties": False,
    }
    return {"anyOf": [envelope, instances, instance]}


def _answered(answer: Any, mistake: Any) -> Mapping[str, Any]:
    either = {"anyOf": [answer, mistake]}
    return {
        "type": "object",
        "required": ["predictions"],
        "properties": {"predictions": {"type": "array", "items": either}},
    }


_TARGET: Mapping[str, Any] = {
    "name": "X-Amzn-SageMaker-Target-Model",
    "in": "header",
    "description": "Which model answers, where there are many.",
    "schema": {"type": "string"},
}


def _headers() -> Sequence[Mapping[str, Any]]:
    options = "; ".join(f"{name}: {option.description}" for name, option in OPTIONS.items())
    told = {
        attributes.CUSTOM: f"Comes back with the answer. key=value pairs between semicolons are options: {options}",
        attributes.INFERENCE_ID: "Comes back with the answer, and stands in the log.",
    }
    return [
        {"name": name, "in": "header", "description": text, "schema": {"type": "string", "maxLength": longest}}
        for (name, text), longest in zip(told.items(), attributes.LONGEST.values(), strict=True)
    ]


def _ping(mistake: Any) -> Mapping[str, Any]:
    ready = {"description": "Ready; no body."}
    return {"summary": "Tell whether requests can be answered.", "responses": {
        "200": ready, **_refusals({503: FAULTS[503]}, mistake)
    }}  # fmt: skip


def _parameters() -> Mapping[str, Any]:
    told = {
        "MaxConcurrentTransforms": {"type": "integer", "minimum": 1},
        "MaxPayloadInMB": {"type": "integer", "minimum": 0, "default": transform.PAYLOAD_MB},
        "BatchStrategy": {"enum": ["MULTI_RECORD", "SINGLE_RECORD"]},
    }
    content = {JSON.type: {"schema": {"type": "object", "properties": told}}}
    return {
        "summary": "Tell a batch transform how to ask.",
        "responses": {"200": {"description": "What suits this container.", "content": content}},
    }


def _models(invocations: Mapping[str, Any], model: Any, mistake: Any) -> Mapping[str, Any]:
    """The paths that there are where SAGEMAKER_MULTI_MODEL is true; elsewhere they are 404."""
    one = {"200": {"description": "The model.", "content": {JSON.type: {"schema": model}}}}
    listed = {
        "type": "object",
        "properties": {"models": {"type": "array", "items": model}, "nextPageToken": {"type": "string"}},
    }
    load = {
        "type": "object",
        "required": ["model_name", "url"],
        "properties": {"model_name": {"type": "string", "minLength": 1}, "url": {"type": "string"}},
    }
    unknown = _refusals({404: REFUSALS[404]}, mistake)
    full = {409: "It is loaded already.", 507: "There is no room for it."}
    name = {"name": "name", "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}
    return {
        "/models": {
            "get": {
                "summary": "List the loaded models, where there are many.",
                "parameters": [
                    {"name": "limit", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": 10_000}},
                    {"name": "next_page_token", "in": "query", "schema": {"type": "string"}},
                ],
                "responses": {
                    "200": {"description": "A page of them.", "content": {JSON.type: {"schema": listed}}},
                    **_refusals({400: REFUSALS[400], 404: REFUSALS[404]}, mistake),
                },
            },
            "post": {
                "summary": "Load a model.",
                "requestBody": {"required": True, "content": {JSON.type: {"schema": load}}},
                "responses": {**one, **_refusals({**REFUSALS, **full}, mistake)},
            },
        },
        "/models/{name}": {
            "parameters": [name],
            "get": {"summary": "Describe a loaded model.", "responses": {**one, **unknown}},
            "delete": {"summary": "Unload a model.", "responses": {
                "200": {"description": "It is unloaded, and its memory free."}, **unknown,
                **_refusals({503: "It is unloaded, and a request still uses it."}, mistake),
            }},
        },
        "/models/{name}/invoke": {"parameters": [name], "post": {**invocations, "parameters": [*_headers()]}},
    }  # fmt: skip


def _refusals(statuses: Mapping[int, str], mistake: Any) -> Mapping[str, Any]:
    content = {JSON.type: {"schema": mistake}}
    return {str(status): {"description": text, "content": content} for status, text in sorted(statuses.items())}
