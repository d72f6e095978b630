"""Kindred with SageMaker SDK v3: train, an endpoint asked in CSV and JSON, two hosts, transform; then all is deleted.

python local_test/sdk_v3.py                                 on this machine: SageMaker's local mode, no AWS
python local_test/sdk_v3.py --aws --role ARN --bucket NAME --image URI      on AWS, and a tuning job besides
"""

import json
import sys
import uuid
from typing import Any

from sagemaker.core.helper.session_helper import Session
from sagemaker.core.local.local_session import LocalSession
from sagemaker.core.parameter import ContinuousParameter, IntegerParameter
from sagemaker.core.shapes import OutputDataConfig
from sagemaker.train import ModelTrainer
from sagemaker.train.configs import Compute, InputData
from sagemaker.train.model_trainer import Mode
from sagemaker.train.tuner import HyperparameterTuner

from place import SAMPLE, Place, once, place, say

HISTORY = ["alien-1979", "blade-runner-1982", "the-terminator-1984"]
NDCG = [{"Name": "test:ndcg_at_10", "Regex": r"test:ndcg_at_10=([-+]?[0-9.]+(?:e[-+]?[0-9]+)?)"}]
NAME = f"kindred-{uuid.uuid4().hex[:8]}"


def main(here: Place) -> None:
    """Tell the whole story."""
    session = opened(here)
    films = [
        InputData(channel_name=name, data_source=here.address(SAMPLE / name).removeprefix("file://"))
        for name in ("interactions", "items")
    ]
    alone = trained(here, films, hosts=1)
    ask(here, session, model=alone)
    together = trained(here, films, hosts=2)
    transform(here, session, model=together)
    if here.aws:
        tune(here, films)


def opened(here: Place) -> Any:
    """A session of SageMaker, or of local mode: its clients know the same calls."""
    if here.aws:
        return Session(default_bucket=here.bucket)
    session = LocalSession()
    session.config = {"local": {"local_code": True, "container_root": str(here.folder), "serving_port": here.port}}
    session.sagemaker_runtime_client.config = session.config
    return session


def trainer(here: Place, *, hosts: int) -> ModelTrainer:
    """The recommender. `source_code` stays unset: it would take the place of the image's own program."""
    (root := here.folder / f"trained-by-{hosts}").mkdir(exist_ok=True)
    mode = Mode.SAGEMAKER_TRAINING_JOB if here.aws else Mode.LOCAL_CONTAINER
    return ModelTrainer(
        training_mode=mode,
        training_image=here.image,
        role=here.role,
        base_job_name=NAME,
        compute=Compute(
            instance_type="local_cpu" if mode is Mode.LOCAL_CONTAINER else here.machine, instance_count=hosts
        ),
        hyperparameters={"seed": 7},
        output_data_config=OutputDataConfig(s3_output_path=here.output("models")) if here.aws else None,
        local_container_root=str(root),
    )


def trained(here: Place, films: list[InputData], *, hosts: int) -> str:
    """Train, and return where model.tar.gz lies."""
    job = trainer(here, hosts=hosts)
    job.train(input_data_config=films, wait=True)
    if here.aws:
        return str(job._latest_training_job.model_artifacts.s3_model_artifacts)
    return f"file://{job.local_container_root}/compressed_artifacts/model.tar.gz"


def ask(here: Place, session: Any, *, model: str) -> None:
    """Deploy, ask in CSV and in JSON, delete."""
    calls = session.sagemaker_client
    created(here, calls, model)
    variant = {"VariantName": "all", "ModelName": NAME, "InitialInstanceCount": 1, "InstanceType": here.machine}
    calls.create_endpoint_config(EndpointConfigName=NAME, ProductionVariants=[variant])
    try:
        calls.create_endpoint(EndpointName=NAME, EndpointConfigName=NAME)
        if here.aws:
            calls.get_waiter("endpoint_in_service").wait(EndpointName=NAME)
        say("CSV:", invoked(session, ",".join(HISTORY), "text/csv").strip())
        asked = json.dumps({"instances": [{"history": HISTORY, "n": 3}]})
        for film in json.loads(invoked(session, asked, "application/json"))["predictions"][0]["recommendations"]:
            say(f"JSON: {film['title']}, because of {', '.join(film['because'])}")
    finally:
        calls.delete_endpoint(EndpointName=NAME)
        calls.delete_endpoint_config(EndpointConfigName=NAME)
        calls.delete_model(ModelName=NAME)


def created(here: Place, calls: Any, model: str) -> None:
    """Make the model that endpoints and transforms name."""
    container = {"Image": here.image, "ModelDataUrl": model, "Environment": {}}
    calls.create_model(ModelName=NAME, PrimaryContainer=container, ExecutionRoleArn=here.role)


def invoked(session: Any, body: str, kind: str) -> str:
    """Ask the endpoint."""
    runtime = session.sagemaker_runtime_client
    answer = runtime.invoke_endpoint(EndpointName=NAME, Body=body.encode(), ContentType=kind, Accept=kind)
    return str(answer["Body"].read().decode())


def transform(here: Place, session: Any, *, model: str) -> None:
    """Answer a file of histories, a line each."""
    calls, out = session.sagemaker_client, here.output("answers")
    histories = here.put("histories/histories.csv", f"{','.join(HISTORY)}\n{HISTORY[0]}\n".encode())
    created(here, calls, model)
    try:
        calls.create_transform_job(
            TransformJobName=NAME,
            ModelName=NAME,
            TransformInput={
                "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": histories}},
                "ContentType": "text/csv",
                "SplitType": "Line",
            },
            TransformOutput={"S3OutputPath": out, "Accept": "text/csv", "AssembleWith": "Line"},
            TransformResources={"InstanceCount": 1, "InstanceType": here.machine},
        )
        if here.aws:
            calls.get_waiter("transform_job_completed_or_stopped").wait(TransformJobName=NAME)
        for line in here.read(out, "histories.csv.out").split():
            say("transform, model of two hosts:", line)
    finally:
        calls.delete_model(ModelName=NAME)


def tune(here: Place, films: list[InputData]) -> None:
    """Look for better hyperparameters; local mode knows no tuning."""
    ranges = {"ridge": ContinuousParameter(30, 300, scaling_type="Logarithmic"), "block": IntegerParameter(100, 400)}
    tuner = HyperparameterTuner(
        trainer(here, hosts=1),
        "test:ndcg_at_10",
        ranges,
        NDCG,
        max_jobs=4,
        max_parallel_jobs=2,
        base_tuning_job_name=once("kindred"),
    )
    tuner.tune(inputs=films)
    tuner.wait()
    say("tuning found:", tuner.best_training_job())


if __name__ == "__main__":
    with place(__doc__.partition("\n")[0], sys.argv[1:]) as here:
        main(here)
