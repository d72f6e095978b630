"""What AWS says and what we say: every row of the table has its example, and the example finds its row."""

import re

import pytest
from botocore import exceptions
from scripts.aws import page, reasons
from scripts.aws.reasons import Reason
from scripts.aws.refusals import reason, refused

ROWS = reasons.reasons()
REMEDY = re.compile(
    r"run |set |ask for|--\w+|wait|take |correct|name |delete|raise|choose|kindred-aws|mend|make |build|push|use |see |"
    r"send |check|trusted|give |log|report|lift|finish|left|ended with|the model answered|"
    r"refuses the data|nothing was sent|"
    r"ask again|list-profiles|look like|always right|needs kms|lacks|letters, digits"
)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.about}: {row.code[:24]} {row.says[:24]}")
def test_an_example_finds_its_own_row(row: Reason):
    for code in _codes(row.code):
        assert reason(code, row.example, operation=_operation(row)) == row


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.about}: {row.code[:24]} {row.says[:24]}")
def test_a_sentence_says_what_to_do_and_is_filled_in(row: Reason):
    said = refused(_codes(row.code)[0], row.example, operation=_operation(row)).sentence
    assert REMEDY.search(said), said
    assert not re.search(r"\{\w+\}", said)
    assert said[0].islower() or said[0] in "'h/" or said.split()[0] in ("AWS", "S3", "IAM's", "SageMaker")
    assert not said.endswith(".")
    assert "\n" not in said


def test_there_are_sixty_ways():
    assert len(ROWS) >= 60


def test_the_words_of_aws_are_handed_on():
    said = refused(
        "AccessDeniedException",
        "User: arn:aws:iam::1:user/a is not authorized to perform: sagemaker:CreateModel"
        " on resource: arn:aws:x because no",
        operation="CreateModel",
    )
    assert "ask for the permission sagemaker:CreateModel (on arn:aws:x)" in said.sentence
    assert refused("JobFailed", "ClientError: a.csv:3: no id").sentence.endswith("a.csv:3: no id")
    assert "'ml.m5.large for endpoint usage' is 0" in refused("ResourceLimitExceeded", _example("quota '")).sentence


def test_an_error_that_nobody_foresaw_keeps_its_own_words():
    said = refused("Strange", "something new\nhappened " + "x" * 1000, operation="CreateModel")
    assert said.sentence.startswith("AWS says Strange: something new happened")
    assert len(said.sentence) < 500


@pytest.mark.parametrize(
    "error",
    [
        exceptions.NoCredentialsError(), exceptions.NoRegionError(), exceptions.ProfileNotFound(profile="film"),
        exceptions.PartialCredentialsError(provider="env", cred_var="aws_secret_access_key"),
        exceptions.EndpointConnectionError(endpoint_url="https://x"), exceptions.InvalidRegionError(region_name="a b"),
        exceptions.ConnectTimeoutError(endpoint_url="https://x"), exceptions.SSLError(endpoint_url="x", error="y"),
        exceptions.ProxyConnectionError(proxy_url="http://proxy"), exceptions.ParamValidationError(report="x"),
        exceptions.UnauthorizedSSOTokenError(), exceptions.SSOTokenLoadError(error_msg="x"),
        exceptions.ReadTimeoutError(endpoint_url="https://x"),
        exceptions.UnknownServiceError(service_name="x", known_service_names=[]),
        exceptions.ConnectionClosedError(endpoint_url="https://x"),
    ],
    ids=lambda error: type(error).__name__,
)  # fmt: skip
def test_what_boto3_raises_itself_is_in_the_table(error):
    assert reason(type(error).__name__, str(error)) is not None


def test_the_page_is_the_one_that_would_be_written():
    text = page.PAGE.read_text(encoding="utf-8")
    assert text == page.written(text), "python -m scripts.aws.page writes it again"
    assert reasons.page() in text


def _example(words: str) -> str:
    (row,) = [row for row in ROWS if words in row.says]
    return row.example


def _codes(pattern: str) -> list[str]:
    """The codes that a pattern stands for: its alternatives, what is optional left out, `\\w*` taken for nothing."""
    plain = re.sub(r"\((\w+(\|\w+)*)\)\?", "", pattern)
    plain = re.sub(r"\((\w+)\|[\w|]+\)", r"\1", plain)
    return [code for each in plain.split("|") if (code := each.replace(r"\w*", "").replace(r"\d", "0"))]


def _operation(row: Reason) -> str:
    first = re.sub(r"\((\w+)\|[\w|]+\)", r"\1", row.operation).split("|")[0]
    return first.replace(r"\w*", "") or "CreateTrainingJob"
