"""invoke: ask an endpoint, in CSV or JSON, and show the answer as a table."""

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Annotated, Any

from typer import Option

from .aws import defaults, links, naming
from .aws.plan import Answer, Call, Plan
from .aws.refusals import Refused
from .aws.session import from_file


def plan(
    *,
    endpoint: Annotated[str, Option(help="the endpoint")] = defaults.ENDPOINT,
    history: Annotated[str, Option(help="ids by commas, oldest first: what next?")] = "",
    user_id: Annotated[str, Option(help="a user known from training: what next?")] = "",
    item_id: Annotated[str, Option(help="an item: what is similar?")] = "",
    n: Annotated[int, Option("-n", help="how many")] = 10,
    body: Annotated[str, Option(help="a file to send as it is; - is stdin")] = "",
    content_type: Annotated[str, Option(help="of --body; read off the file's name where not given")] = "",
    accept: Annotated[str, Option(help="the type of the answer")] = "",
    target_model: Annotated[str, Option(help="which model of a multi-model endpoint")] = "",
    s3_input: Annotated[str, Option(help="s3://… of a request, for an endpoint made with --async")] = "",
) -> Plan:
    """Ask an endpoint; a table for people, what the model said with --json."""
    if s3_input:
        return _later(endpoint, s3_input, content_type, accept)
    sent, kind = _sent(body, content_type) if body else (_question(history, user_id, item_id, n), "application/json")
    parameters: dict[str, Any] = {"EndpointName": endpoint, "Body": sent, "ContentType": kind, "Accept": accept or kind}
    if target_model:
        parameters["TargetModel"] = target_model
    asked = Call(
        service="sagemaker-runtime",
        operation="InvokeEndpoint",
        parameters=parameters,
        why=f"ask {endpoint}",
        name="answer",
    )
    return Plan(
        title=f"ask {endpoint}",
        effects=(asked,),
        links=(links.sagemaker(f"endpoints/{endpoint}"),),
        then="kindred-aws transform s3://BUCKET/REQUESTS --job JOB",
        show=table,
    )


def _later(endpoint: str, s3_input: str, content_type: str, accept: str) -> Plan:
    """Ask an asynchronous endpoint, which leaves its answer in the bucket."""
    kind = content_type or TYPES.get(PurePosixPath(s3_input).suffix, "application/json")
    asked = Call(
        service="sagemaker-runtime", operation="InvokeEndpointAsync", why=f"ask {endpoint}", name="answer",
        parameters={
            "EndpointName": endpoint, "InputLocation": naming.s3_uri(s3_input), "ContentType": kind,
            "Accept": accept or kind,
        },
    )  # fmt: skip
    return Plan(
        title=f"ask {endpoint}",
        effects=(asked,),
        links=(links.sagemaker(f"endpoints/{endpoint}"),),
        then="aws s3 cp '${answer.OutputLocation}' -",
        show=lambda answers: f"the answer will lie in {answers['answer'].get('OutputLocation', 'the bucket')}",
    )


def table(answers: Mapping[str, Answer]) -> str:
    """Return an answer in lines for a person; what is not JSON stays as it came."""
    text = answers["answer"]["Body"]
    text = text.decode(errors="replace") if isinstance(text, bytes) else str(text)
    try:
        told = json.loads(text)
    except ValueError:
        return text
    return "\n".join(_lines(told)) if isinstance(told, dict) and "predictions" in told else json.dumps(told, indent=2)


def _lines(told: Mapping[str, Any]) -> Iterator[str]:
    for number, prediction in enumerate(told["predictions"]):
        rows = prediction.get("recommendations") if isinstance(prediction, dict) else None
        if not isinstance(rows, list):
            yield json.dumps(prediction)
            continue
        if number:
            yield ""
        for rank, row in enumerate(rows, 1):
            yield _line(rank, row) if isinstance(row, dict) else f"{rank:3}. {row}"


def _line(rank: int, row: Mapping[str, Any]) -> str:
    name = row.get("title") or row.get("item_id") or ""
    score = row.get("score")
    return f"{rank:3}. {name:<44} {score:8.4f}" if isinstance(score, int | float) else f"{rank:3}. {name}"


def _question(history: str, user_id: str, item_id: str, n: int) -> bytes:
    given = {
        "history": [each.strip() for each in history.split(",")] if history else "",
        "user_id": user_id,
        "item_id": item_id,
    }
    subject = {key: value for key, value in given.items() if value}
    if len(subject) > 1:
        raise Refused("--history, --user-id and --item-id exclude one another")
    if n < 1:
        raise Refused("-n is at least 1")
    return json.dumps({"instances": [{**subject, "n": n}]}).encode()


TYPES = {
    ".csv": "text/csv", ".json": "application/json", ".jsonl": "application/jsonlines", ".npy": "application/x-npy",
    ".pbr": "application/x-recordio-protobuf",
}  # fmt: skip


def _sent(body: str, content_type: str) -> tuple[bytes, str]:
    content = sys.stdin.buffer.read() if body == "-" else from_file(Path(body))
    if not content.strip():
        raise Refused("the body is empty")
    guessed = "application/json" if content.lstrip()[:1] in (b"{", b"[") else "text/csv"
    return content, content_type or TYPES.get(Path(body).suffix, guessed)
