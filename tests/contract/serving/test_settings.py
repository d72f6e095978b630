"""The table of variables: names, precedence, defaults, refusals."""

import logging
from pathlib import Path

import pytest

from kindred.contract import negotiation
from kindred.contract.serving import settings
from kindred.errors import UserError
from kit.echo import ECHO
from kit.transports import in_process


@pytest.mark.parametrize(
    ("environ", "field", "expected"),
    [
        ({}, "port", 8080),
        ({"SAGEMAKER_BIND_TO_PORT": "9000", "SAGEMAKER_SAFE_PORT_RANGE": "9000-9999"}, "port", 9000),
        ({}, "workers", None),
        ({"MODEL_SERVER_WORKERS": "3"}, "workers", 3),
        ({"MODEL_SERVER_WORKERS": "3", "SAGEMAKER_MODEL_SERVER_WORKERS": "1"}, "workers", 1),
        ({"SAGEMAKER_MODEL_SERVER_WORKERS": " "}, "workers", None),
        ({}, "timeout_s", 60),
        ({"SAGEMAKER_BATCH": "TRUE"}, "timeout_s", 3600),
        ({"SAGEMAKER_BATCH": "true", "MODEL_SERVER_TIMEOUT": "90"}, "timeout_s", 90),
        ({"SAGEMAKER_BATCH": "false"}, "batch", False),
        ({"SAGEMAKER_BATCH": "True"}, "local", True),
        ({"SAGEMAKER_BATCH": "true"}, "local", False),
        ({}, "payload_bytes", 25 * 2**20),
        ({"SAGEMAKER_BATCH": "true"}, "payload_bytes", 100 * 2**20),
        ({"SAGEMAKER_BATCH": "true", "SAGEMAKER_MAX_PAYLOAD_IN_MB": "7"}, "payload_bytes", 7 * 2**20),
        ({"SAGEMAKER_MAX_PAYLOAD_IN_MB": "0"}, "payload_bytes", None),
        ({"SAGEMAKER_CONTAINER_LOG_LEVEL": "20"}, "log_level", logging.INFO),
        ({"SAGEMAKER_CONTAINER_LOG_LEVEL": "warning"}, "log_level", logging.WARNING),
        ({"SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT": "text/CSV"}, "accept", negotiation.CSV),
        ({"SAGEMAKER_PROGRAM": "x", "SAGEMAKER_REGION": "mars"}, "port", 8080),
    ],
)
def test_values(environ: dict[str, str], field: str, expected: object) -> None:
    """[93, 96, 111, 112, 121, 125, 132, 150] The first name that is set wins; an empty one is not set."""
    assert getattr(settings.read(environ), field) == expected


@pytest.mark.parametrize(
    ("environ", "at", "words"),
    [
        ({"SAGEMAKER_BIND_TO_PORT": "http"}, "SAGEMAKER_BIND_TO_PORT", "'http' is not a whole number from 1 to 65535"),
        ({"SAGEMAKER_BIND_TO_PORT": "0"}, "SAGEMAKER_BIND_TO_PORT", "from 1 to 65535"),
        (
            {"SAGEMAKER_BIND_TO_PORT": "8500", "SAGEMAKER_SAFE_PORT_RANGE": "9000-9999"},
            "SAGEMAKER_BIND_TO_PORT",
            "outside 9000-9999",
        ),
        ({"SAGEMAKER_SAFE_PORT_RANGE": "9000"}, "SAGEMAKER_SAFE_PORT_RANGE", "such as 9000-9999"),
        ({"MODEL_SERVER_WORKERS": "two"}, "MODEL_SERVER_WORKERS", "'two' is not a whole number"),
        ({"SAGEMAKER_CONTAINER_LOG_LEVEL": "loud"}, "SAGEMAKER_CONTAINER_LOG_LEVEL", "DEBUG, INFO"),
        ({"SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT": "image/png"}, "SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT", "text/csv"),
        ({"SAGEMAKER_BATCH_STRATEGY": "MultiRecord"}, "SAGEMAKER_BATCH_STRATEGY", "MULTI_RECORD, SINGLE_RECORD"),
    ],
)
def test_refusals(environ: dict[str, str], at: str, words: str) -> None:
    """A value that cannot be is refused by the name of its variable, with what could be."""
    with pytest.raises(UserError) as refused:
        settings.read(environ)
    assert refused.value.at == at
    assert words in refused.value.sentence


def test_the_default_type_of_answers(model: Path) -> None:
    """[103, 205] SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT answers who has no preference, and no one else."""
    client = in_process((ECHO,), model, {"SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT": "text/csv"})
    types = {
        accept: client.send("POST", "/invocations", body=b"[[1]]", headers={"Accept": accept}).headers["content-type"]
        for accept in ("", "*/*", "application/json")
    }
    assert types == {
        "": "text/csv; charset=utf-8",
        "*/*": "text/csv; charset=utf-8",
        "application/json": "application/json",
    }


def test_the_table_names_no_variable_twice() -> None:
    """Every variable sets one thing."""
    names = [name for row in settings.TABLE for name in row.names]
    assert len(names) == len(set(names))
