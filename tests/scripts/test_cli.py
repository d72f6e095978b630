"""The command as a person types it: a dry run needs no account, and every failure is one sentence."""

import json
import os
import sys
from dataclasses import dataclass

import pytest

from scripts import __main__ as command

BARE = {"AWS_EC2_METADATA_DISABLED": "true", "AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}


@dataclass(frozen=True)
class Ended:
    returncode: int
    stdout: str
    stderr: str


@pytest.fixture
def verb(tmp_path, monkeypatch, capsys):
    """The command, in a folder of its own, on a machine that has never heard of AWS."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    for name, value in BARE.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)

    def run(*words):
        monkeypatch.setattr(sys, "argv", ["kindred-aws", *words])
        with pytest.raises(SystemExit) as ended:
            command.main()
        return Ended(int(ended.value.code or 0), *capsys.readouterr())

    return run


def test_a_dry_run_needs_no_account_and_leaves_nothing(verb, tmp_path):
    ended = verb("deploy", "--job", "j", "--region", "eu-west-1", "--dry-run")
    assert ended.returncode == 0, ended.stderr
    assert "sagemaker CreateEndpoint {" in ended.stdout
    assert "USD an hour" in ended.stdout
    assert list(tmp_path.iterdir()) == []


def test_a_dry_run_for_programs(verb):
    ended = verb("create-bucket", "my-films", "--region", "eu-west-1", "--dry-run", "--json")
    told = json.loads(ended.stdout)
    make = told["effects"][0]["missing"][0]
    assert (make["service"], make["operation"], make["parameters"]["Bucket"]) == ("s3", "CreateBucket", "my-films")
    assert told["usd_per_hour"] == 0


@pytest.mark.parametrize(
    ("region", "host"),
    [
        ("eu-west-1", "aws:iam::${account} amazonaws.com"),
        ("cn-north-1", "aws-cn:iam::${account} amazonaws.com.cn"),
        ("us-gov-west-1", "aws-us-gov:iam::${account} amazonaws.com"),
        ("eusc-de-east-1", "aws-eusc:iam::${account} amazonaws.eu"),
    ],
)
def test_every_partition_has_its_arns_and_its_hosts(verb, region, host):
    partition, suffix = host.split()
    said = verb("train", "--region", region, "--dry-run").stdout
    assert f'"RoleArn": "arn:{partition}:role/kindred"' in said
    assert f'"TrainingImage": "${{account}}.dkr.ecr.{region}.{suffix}/kindred:latest"' in said


@pytest.mark.parametrize(("words", "region"), [((), "eu-west-1"), (("--region", "eu-west-2"), "eu-west-2")])
def test_the_region_is_the_flags_then_the_environments_then_the_profiles(verb, tmp_path, monkeypatch, words, region):
    """As build_and_push.sh has it, so that the image lies where it is looked for."""
    (tmp_path / "config").write_text("[profile film]\nregion = us-west-2\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    said = ("create-bucket", "my-films", "--profile", "film", "--dry-run")
    assert "us-west-2" in verb(*said).stdout
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    assert f'"LocationConstraint": "{region}"' in verb(*said, *words).stdout


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("create-bucket", "--dry-run"), "no region is set"),
        (("create-bucket", "--dry-run", "--region", "mars-1"), "'mars-1' is not a region"),
        (("create-bucket", "My", "--dry-run", "--region", "eu-west-1"), "too short"),
        (("create-bucket", "--region", "eu-west-1"), "no credentials were found"),
        (("create-bucket", "--profile", "film", "--region", "eu-west-1"), "no profile 'film'"),
    ],
)
def test_a_failure_is_one_sentence(verb, words, says):
    ended = verb(*words)
    assert ended.returncode == 1
    assert says in ended.stderr
    assert "Traceback" not in ended.stderr
    assert ended.stdout == ""
