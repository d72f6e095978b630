"""The scripts' way on AWS, against a stand-in: what they ask for is taken, and what they deployed is deleted."""

import json
import subprocess
from pathlib import Path

import pytest

from kit.sdks import sdk
from kit.sources import ROOT

ACCOUNT, BUCKET = "123456789012", "scripts-stand-in"
ANSWERS = [
    {"Body": "a,b\n", "ContentType": "text/csv"},
    {"Body": json.dumps({"predictions": [{"recommendations": [{"title": "T", "because": ["u"]}]}]})},
]
PREPARE = f"""
import boto3, json, sys, urllib.request
boto3.client("s3").create_bucket(Bucket="{BUCKET}")
boto3.client("s3").put_object(Bucket="{BUCKET}", Key="sdk/answers/histories.csv.out", Body=b"x,y\\nz\\n")
told = {{"account_id": "{ACCOUNT}", "region": "us-east-1", "results": json.loads(sys.argv[2])}}
address = sys.argv[1] + "/moto-api/static/sagemaker/endpoint-results"
asked = urllib.request.Request(address, json.dumps(told).encode(), {{"Content-Type": "application/json"}})
urllib.request.urlopen(asked).read()
"""
LIST = """
import boto3, json
calls = boto3.client("sagemaker")
names = [job["TrainingJobName"] for job in calls.list_training_jobs()["TrainingJobSummaries"]]
jobs = [calls.describe_training_job(TrainingJobName=name) for name in names]
print(json.dumps({
    "left": [calls.list_endpoints()["Endpoints"], calls.list_endpoint_configs()["EndpointConfigs"],
             calls.list_models()["Models"]],
    "hosts": sorted(job["ResourceConfig"]["InstanceCount"] for job in jobs),
    "tuned": len(calls.list_hyper_parameter_tuning_jobs()["HyperParameterTuningJobSummaries"]),
}))
"""


@pytest.mark.slow
@pytest.mark.parametrize("name", ["sdk3", "sdk2"])
def test_a_script_on_aws(name: str, sdk2: Path, cloud, tmp_path: Path) -> None:
    """[29] jobs of one host and of two, an endpoint, a transform, a tuning job

    sagemaker.KMeans comes last in v2; the stand-in takes no binary body, so it fails, and cleans up all the same.
    """

    def run(*command: object, status: int = 0) -> str:
        ended = subprocess.run(
            [str(part) for part in command], env={**cloud.environ, "SAGEMAKER_VALIDATE_ROLE": "false"}, cwd=tmp_path,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=240, check=False,
        )  # fmt: skip
        assert ended.returncode == status, ended.stdout
        return ended.stdout

    python = sdk(name)
    run(sdk2, "-c", PREPARE, cloud.url, json.dumps(ANSWERS))
    before = json.loads(run(sdk2, "-c", LIST).splitlines()[-1])
    place = ("--aws", "--role", f"arn:aws:iam::{ACCOUNT}:role/kindred", "--bucket", BUCKET)
    image = f"{ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com/kindred:1"
    script = ROOT / "local_test" / f"sdk_v{name[-1]}.py"
    told = run(python, ROOT / "tests" / "sdk" / "hasty.py", script, *place, "--image", image, status=name == "sdk2")
    assert "CSV: a,b\nJSON: T, because of u\n" in told.replace("\n\n", "\n")
    assert "transform, model of two hosts: x,y\n" in told
    assert "tuning found: " in told
    assert name == "sdk3" or "when calling the InvokeEndpoint operation" in told
    after = json.loads(run(sdk2, "-c", LIST).splitlines()[-1])
    assert after["left"] == [[], [], []]
    assert after["hosts"] == sorted([*before["hosts"], 1, 2] + [1] * (name == "sdk2")), "KMeans is of v2 alone"
    assert after["tuned"] == before["tuned"] + 1
