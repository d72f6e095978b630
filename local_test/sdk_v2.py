"""Kindred with SageMaker SDK v2: fit, deploy, predict, two hosts, transform, KMeans; then all is deleted.

python local_test/sdk_v2.py                                 on this machine: SageMaker's local mode, no AWS
python local_test/sdk_v2.py --aws --role ARN --bucket NAME --image URI      on AWS, and a tuning job besides
"""

import sys

import numpy as np
import sagemaker
from sagemaker.amazon.amazon_estimator import RecordSet
from sagemaker.amazon.common import RecordSerializer
from sagemaker.deserializers import CSVDeserializer, JSONDeserializer
from sagemaker.estimator import Estimator
from sagemaker.local import LocalSession
from sagemaker.serializers import CSVSerializer, JSONSerializer
from sagemaker.tuner import ContinuousParameter, HyperparameterTuner, IntegerParameter

from kindred.sdk import KMeans
from place import SAMPLE, Place, once, place, say

HISTORY = ["alien-1979", "blade-runner-1982", "the-terminator-1984"]
NDCG = [{"Name": "test:ndcg_at_10", "Regex": r"test:ndcg_at_10=([-+]?[0-9.]+(?:e[-+]?[0-9]+)?)"}]


def main(here: Place) -> None:
    """Tell the whole story."""
    session = opened(here)
    films = {name: here.address(SAMPLE / name) for name in ("interactions", "items")}

    alone = estimator(here, session, hosts=1)
    alone.fit(films)
    ask(here, alone)

    together = estimator(here, session, hosts=2)
    together.fit(films)
    transform(here, together)

    if here.aws:
        tune(alone, films)

    clusters(here, session)


def opened(here: Place) -> sagemaker.Session:
    """A session of SageMaker, or of local mode."""
    if here.aws:
        return sagemaker.Session(default_bucket=here.bucket)
    session = LocalSession()
    session.config = {
        "local": {"local_code": True, "container_root": str(here.folder), "serving_port": here.port},
    }
    return session


def estimator(here: Place, session: sagemaker.Session, *, hosts: int) -> Estimator:
    """The recommender; hyperparameters are in docs/hyperparameters.md."""
    return Estimator(
        here.image,
        role=here.role,
        instance_count=hosts,
        instance_type=here.machine,
        hyperparameters={"seed": 7},
        metric_definitions=NDCG,
        sagemaker_session=session,
    )


def ask(here: Place, fitted: Estimator) -> None:
    """Deploy, ask in CSV and in JSON, delete."""
    predictor = fitted.deploy(
        1, here.machine, wait=here.aws, serializer=CSVSerializer(), deserializer=CSVDeserializer()
    )
    try:
        say("CSV:", ",".join(predictor.predict([HISTORY])[0]))
        predictor.serializer, predictor.deserializer = JSONSerializer(), JSONDeserializer()
        answer = predictor.predict({"instances": [{"history": HISTORY, "n": 3}]})["predictions"][0]
        for film in answer["recommendations"]:
            say(f"JSON: {film['title']}, because of {', '.join(film['because'])}")
    finally:
        predictor.delete_model()
        predictor.delete_endpoint()


def transform(here: Place, fitted: Estimator) -> None:
    """Answer a file of histories, a line each."""
    out = here.output("answers")
    transformer = fitted.transformer(1, here.machine, assemble_with="Line", accept="text/csv", output_path=out)
    histories = here.put("histories/histories.csv", f"{','.join(HISTORY)}\n{HISTORY[0]}\n".encode())
    transformer.transform(histories, content_type="text/csv", split_type="Line", logs=here.aws)
    transformer.wait(logs=here.aws)
    for line in here.read(out, "histories.csv.out").split():
        say("transform, model of two hosts:", line)
    transformer.delete_model()


def clusters(here: Place, session: sagemaker.Session) -> None:
    """sagemaker.KMeans, with nothing changed but the import and the image."""
    rows = np.repeat(np.eye(3, 4, dtype=np.float32), 50, axis=0)
    kmeans = KMeans(
        here.role, 1, here.machine, k=3, image_uri=here.image, sagemaker_session=session,
        data_location=f"s3://{here.bucket or 'unused'}/sdk/kmeans/",
    )  # fmt: skip
    kmeans.fit(kmeans.record_set(rows) if here.aws else on_this_machine(here, rows), mini_batch_size=50)
    predictor = kmeans.deploy(1, here.machine, wait=here.aws)
    try:
        found = predictor.predict(rows[::50])
        say("KMeans:", *(record.label["closest_cluster"].float32_tensor.values[0] for record in found))
    finally:
        predictor.delete_model()
        predictor.delete_endpoint()


def on_this_machine(here: Place, rows: np.ndarray) -> RecordSet:
    """What record_set makes in S3, without S3."""
    vectors = here.put("vectors/vectors.pbr", RecordSerializer().serialize(rows).read())
    return RecordSet(vectors, *rows.shape, s3_data_type="S3Prefix", distribution="FullyReplicated")


def tune(fitted: Estimator, films: dict[str, str]) -> None:
    """Look for better hyperparameters; local mode knows no tuning."""
    tuner = HyperparameterTuner(
        fitted,
        "test:ndcg_at_10",
        {"ridge": ContinuousParameter(30, 300, scaling_type="Logarithmic"), "block": IntegerParameter(100, 400)},
        NDCG,
        max_jobs=4,
        max_parallel_jobs=2,
        base_tuning_job_name=once("kindred"),
    )
    tuner.fit(films)
    say("tuning found:", tuner.best_training_job())


if __name__ == "__main__":
    with place(__doc__.partition("\n")[0], sys.argv[1:]) as here:
        main(here)
