"""Where options come from: `configuration` for JSON, parameters and custom attributes for CSV."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pytest

from kindred.contract.serving import attributes
from kit.awkward import write_model
from kit.echo import ECHO, EchoPredictor
from kit.transports import InProcess, in_process


@dataclass(frozen=True, kw_only=True)
class Listener(EchoPredictor):
    """Answers a row with how long it is and the options that came with it."""

    def parse_row(self, cells: Sequence[str], options: Mapping[str, Any]) -> Any:
        return {"cells": len(cells), **options}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> InProcess:
    folder = write_model(tmp_path_factory.mktemp("options") / "model")
    return in_process((replace(ECHO, load=lambda _: Listener(counted={})),), folder)


@pytest.mark.parametrize(
    ("content_type", "attributes", "expected"),
    [
        ("text/csv", "", {}),
        ("text/csv; charset=utf-8", "n=20;input=user_id", {"n": "20", "input": "user_id"}),
        ('text/csv; N=5; input="item_id"', "", {"n": "5", "input": "item_id"}),
        ("text/csv; n=5; label_size=0", "N=20", {"n": "20", "label_size": "0"}),
        ("text/csv", "trace 7; =x; n = 3 ;;a=b=c", {"n": "3", "a": "b=c"}),
    ],
)
def test_options_of_csv(client: InProcess, content_type: str, attributes: str, expected: dict[str, str]) -> None:
    """[101, 105] Strings, by names in lower case; custom attributes win; what is no pair is left out."""
    headers = {"Content-Type": content_type, "Accept": "application/json"}
    if attributes:
        headers["X-Amzn-SageMaker-Custom-Attributes"] = attributes
    answer = client.send("POST", "/invocations", body=b"x\n", headers=headers)
    assert answer.json == {"predictions": [{"cells": 1, **expected}]}


@pytest.mark.parametrize("value", ["a\r\nSet-Cookie: x", "a\nb", "a\x00", "a\x7f", "é", "x" * 1025])
def test_no_header_is_injected(value: str) -> None:
    """[105] Only visible ASCII of a bounded length goes back into a header."""
    assert attributes.presentable(value, longest=1024) is False
    assert attributes.presentable("n=20;input=user_id", longest=1024) is True
