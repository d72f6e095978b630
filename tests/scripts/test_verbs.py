"""What every verb has: the same flags, a dry run that is true, a price before it starts, a link, the next command."""

import inspect
import json
import os
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import pytest
from scripts.aws import cli
from scripts.aws.filling import fill
from scripts.aws.ledger import Ledger
from scripts.aws.papers import encode
from scripts.aws.plan import calls
from scripts.aws.prices import prices
from scripts.aws.runner import Runner
from scripts.aws.session import Account, places

from kit.pocket import Pocket
from kit.real_train import SAMPLE
from scripts import __main__ as command
from scripts import train

VERBS = [*command.VERBS, *command.LOCAL]
NEEDED = {
    "upload-data": [str(SAMPLE)], "register": ["--job", "j"], "deploy": ["--job", "j"], "invoke": ["--history", "a"],
    "transform": ["s3://films/requests", "--job", "j"], "pipeline": ["--start"], "prepare-data": [str(SAMPLE), "data"],
}  # fmt: skip
PAID = ["train", "tune", "deploy", "transform", "pipeline"]
ENDS = {"cleanup": "nothing is left to do after it"}
FACTS = {**places("eu-west-1"), "account": "111122223333"}
DONE = {
    "DescribeTrainingJob": {"TrainingJobStatus": "Completed", "ModelArtifacts": {"S3ModelArtifacts": "s3://f-f/m"}},
    "DescribeHyperParameterTuningJob": {
        "HyperParameterTuningJobStatus": "Completed", "BestTrainingJob": {"TrainingJobName": "best"},
    },
    "DescribeTransformJob": {"TransformJobStatus": "Completed"}, "DescribeEndpoint": {"EndpointStatus": "InService"},
    "CreateModelPackage": {"ModelPackageArn": "arn"}, "InvokeEndpoint": {"Body": b"{}"},
    "StartPipelineExecution": {"PipelineExecutionArn": "arn"},
}  # fmt: skip


@pytest.fixture
def verb(tmp_path, monkeypatch, capsys):
    """The command on a machine that has never heard of AWS, and where nobody answers questions."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, os.devnull)
    monkeypatch.chdir(tmp_path)

    def run(name, *words, account=Account):
        monkeypatch.setattr(sys, "argv", ["kindred-aws", name, *NEEDED.get(name, ()), *words])
        with pytest.raises(SystemExit) as ended:
            cli.main(command.VERBS, command.LOCAL, account=account)
        out, err = capsys.readouterr()
        return SimpleNamespace(status=int(ended.value.code or 0), out=out, err=err)

    return run


@dataclass
class Held(Pocket):
    """An account in the place of AWS, in which every job is done at once."""

    region: str = "eu-west-1"

    def facts(self):
        return FACTS


@pytest.fixture
def pocket():
    return Held(dict(DONE))


@pytest.mark.parametrize("name", VERBS)
def test_the_flags_that_every_verb_has(verb, name):
    said = verb(name, "--help").out
    assert [flag for flag in ("--dry-run", "--json", "--region", "--profile") if flag not in said] == []


@pytest.mark.parametrize("name", VERBS)
def test_a_dry_run_needs_no_account_and_leaves_nothing(verb, name, tmp_path):
    ended = verb(name, "--dry-run", "--region", "eu-west-1")
    assert ended.status == 0, ended.err
    assert ended.out.startswith("# ")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", VERBS)
def test_a_dry_run_for_programs_is_one_document(verb, name):
    assert isinstance(json.loads(verb(name, "--dry-run", "--json", "--region", "eu-west-1").out), dict)


@pytest.mark.parametrize("name", [name for name in command.VERBS if name != "cleanup"])
def test_what_a_dry_run_prints_is_what_is_sent(verb, name, tmp_path):
    """Both from one plan: the requests of a run, each of them among those that were printed, to the letter."""
    printed = json.loads(verb(name, "--dry-run", "--json", "--region", "eu-west-1").out)["effects"]
    pocket, known = Pocket(dict(DONE)), {**FACTS, "now": _now(printed)}
    plan = _plan(name)
    runner = Runner(aws=pocket, ledger=Ledger(tmp_path / "l"), known=known, say=lambda _: None, sleep=lambda _: None)
    runner.run(plan)
    requests = [fill(each, known) for each in _requests(printed)]
    assert pocket.asked
    for operation, parameters in pocket.asked:
        if operation != "Upload":
            assert {"operation": operation, "parameters": encode(parameters)} in requests


@pytest.mark.parametrize("name", PAID)
def test_what_is_paid_is_said_and_asked_for_first(verb, name, pocket):
    ended = verb(name, account=lambda **_: pocket)
    assert ended.status == 1
    assert re.search(r"Starts [12] x ml\.m5\.large: about 0\.\d+ USD an hour", ended.err)
    assert f"estimate for {prices().region} of {prices().as_of}" in ended.err
    assert "--yes" in ended.err
    assert pocket.asked == []


@pytest.mark.parametrize("name", [name for name in command.VERBS if name not in PAID])
def test_nothing_else_costs_by_the_hour(name):
    if name != "cleanup":
        assert not [call.operation for call in calls(_plan(name).effects) if call.cost]


@pytest.mark.parametrize("name", [name for name in command.VERBS if name not in ENDS])
def test_in_the_end_it_says_where_to_look_and_what_comes_next(verb, name, pocket):
    ended = verb(name, "--yes", account=lambda **_: pocket)
    assert ended.status == 0, ended.err
    assert "console: https://" in ended.err
    assert "next:    " in ended.err
    assert "${" not in ended.err


@pytest.mark.parametrize("name", [name for name in command.VERBS if name not in ENDS])
def test_programs_are_told_the_same(verb, name, pocket):
    told = json.loads(verb(name, "--yes", "--json", account=lambda **_: pocket).out)
    assert {"done", "answers", "links", "then"} <= set(told)


def test_cleanup_asks_before_it_deletes(verb, pocket, tmp_path):
    ledger = Ledger(tmp_path / "kindred-aws.ledger.jsonl", account=FACTS["account"], region=FACTS["region"])
    runner = Runner(aws=pocket, ledger=ledger, known={**FACTS, "now": "now"}, say=lambda _: None)
    runner.run(train.plan(wait=False))
    pocket.asked.clear()
    ended = verb("cleanup", account=lambda **_: pocket)
    assert (ended.status, pocket.asked) == (1, [])
    assert "Deletes training job kindred-now" in ended.err


def _plan(name):
    """The plan that the command makes of the same words."""
    plan = command.VERBS[name]
    words, flags = NEEDED.get(name, []), {}
    names = list(inspect.signature(plan).parameters)
    while words:
        word, *words = words
        if word == "--start":
            flags["start"] = True
        elif word.startswith("--"):
            flags[word[2:].replace("-", "_")], *words = words
        else:
            flags[names[0]] = SAMPLE if name == "upload-data" else word
    given = {"region": "eu-west-1", "ledger": Ledger(Path(os.devnull))}
    return plan(**flags, **{each: value for each, value in given.items() if each in names})


def _requests(value):
    if isinstance(value, list):
        return [each for one in value for each in _requests(one)]
    if not isinstance(value, dict):
        return []
    own = [{"operation": value["operation"], "parameters": value["parameters"]}] if value.get("kind") == "Call" else []
    return own + [each for one in value.values() for each in _requests(one)]


def _now(printed):
    found = re.search(r"\d{8}-\d{6}", json.dumps(printed))
    return found[0] if found else "now"
