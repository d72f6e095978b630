"""Two ways to the model: InvokeEndpoint by boto3, and plain HTTP. Both raise what the server says."""

import json
import urllib.error
import urllib.request
from collections.abc import Callable
from http.client import HTTPException
from typing import Any, TypeAlias

from kindred import errors
from kindred.errors import KindredError, UserError

JSON = "application/json"

Send: TypeAlias = Callable[[bytes, str], bytes]
"""Send a body of a content type, return the answer in JSON. Raises KindredError."""

PATIENCE_S = 60
"""As long as SageMaker itself waits for an answer."""

_MEANT = {
    each.status: each
    for each in (errors.NotFound, errors.NotAcceptable, errors.PayloadTooLarge, errors.UnsupportedMedia)
}


def http(url: str) -> Send:
    """Return the way to /invocations of a server at `url`."""
    if not url.startswith(("http://", "https://")):
        raise UserError(f"'{url}' is no URL; expected one such as http://localhost:8080")
    asked = url.rstrip("/").removesuffix("/invocations") + "/invocations"

    def send(body: bytes, content_type: str) -> bytes:
        headers = {"Content-Type": content_type, "Accept": JSON}
        request = urllib.request.Request(asked, data=body, headers=headers)  # noqa: S310 - the scheme was looked at
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:  # noqa: S310
                return bytes(answer.read())
        except urllib.error.HTTPError as error:
            raise told(error.code, error.read().decode(errors="replace")) from None
        except (OSError, HTTPException) as error:
            raise UserError(
                f"nobody answers ({getattr(error, 'reason', error)}); is serve running there?", at=asked
            ) from None

    return send


def endpoint(name: str, *, session: Any = None) -> Send:
    """Return the way to the SageMaker endpoint `name`. Raises UserError where boto3 is missing or has no region."""
    try:
        import boto3
        from botocore.exceptions import BotoCoreError, ClientError
    except ImportError as error:
        raise UserError("boto3 is not installed, and an endpoint's name needs it; pip install boto3") from error
    try:
        runtime = (session or boto3).client("sagemaker-runtime")
    except BotoCoreError as error:
        raise UserError(f"boto3 is not set up: {error}") from error

    def send(body: bytes, content_type: str) -> bytes:
        try:
            answer = runtime.invoke_endpoint(EndpointName=name, Body=body, ContentType=content_type, Accept=JSON)
            return bytes(answer["Body"].read())
        except ClientError as error:
            raise _of_aws(error.response, name) from error
        except BotoCoreError as error:
            raise UserError(f"AWS was not reached: {error}", at=name) from error

    return send


def told(status: int, text: str) -> KindredError:
    """Return the error that an answer of this status stands for: the server's sentence and place, where it gave any."""
    try:
        said = json.loads(text)
    except ValueError:
        said = None
    if not isinstance(said, dict) or "error" not in said:
        said = {"error": " ".join(text.split())[:900] or "the server said nothing"}
    kind = _MEANT.get(status, UserError if 400 <= status < 500 else KindredError)
    return kind(str(said["error"]), at=said.get("at"))


def _of_aws(response: Any, name: str) -> KindredError:
    """What the model said where it was the model, what AWS said where it was AWS."""
    if "OriginalMessage" in response:
        return told(int(response.get("OriginalStatusCode", 500)), str(response["OriginalMessage"]))
    return UserError(str(response.get("Error", {}).get("Message", "AWS refused")), at=name)
