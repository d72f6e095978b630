"""What `kindred.sdk` makes of its arguments, and what it refuses; nothing here starts a container."""

import boto3
import numpy as np
import sagemaker
from sagemaker.amazon.amazon_estimator import RecordSet
from v2_session import ROLE, Asked, asked, session, tell

from kindred.errors import UserError
from kindred.sdk import KMeans, KMeansModel, LocalSession


def main() -> None:
    given = asked()
    kept = session(given, kind=LocalSession)
    place = {"k": 5, "data_location": f"{given.s3}data/", "output_path": f"{given.s3}models/"}
    model = f"{given.s3}models/model.tar.gz"
    tell(
        {
            "session": [isinstance(KMeans(ROLE, 1, "local", **place).sagemaker_session, LocalSession)],
            "images": [
                KMeans(ROLE, 1, "local", image_uri="ours", sagemaker_session=kept, **place).training_image_uri(),
                KMeansModel(model, ROLE, kept, image_uri="ours").image_uri,
            ],
            "built_in": [
                KMeans(ROLE, 1, "local", sagemaker_session=kept, **place).training_image_uri(),
                KMeansModel(model, ROLE, kept).image_uri,
            ],
            "attached": attached(given, place),
            "refused": refused(given, KMeans(ROLE, 2, "local", image_uri="ours", sagemaker_session=kept, **place)),
        }
    )


def attached(given: Asked, place: dict[str, object]) -> dict[str, object]:
    """A job of SageMaker's, and the estimator that is made of its name; the stand-in wants a key named."""
    aws = sagemaker.Session(default_bucket=given.bucket)
    kmeans = KMeans(
        ROLE, 1, "ml.m5.large", image_uri="ours", tol=0.5, output_kms_key="key", sagemaker_session=aws, **place
    )
    kmeans.fit(kmeans.record_set(np.eye(4, dtype=np.float32)), wait=False)
    again = KMeans.attach(kmeans.latest_training_job.name, sagemaker_session=aws)
    return {
        "image": aws.describe_training_job(kmeans.latest_training_job.name)["AlgorithmSpecification"]["TrainingImage"],
        "model": again.create_model().image_uri,
        "hyperparameters": again.hyperparameters(),
    }


def refused(given: Asked, kmeans: KMeans) -> list[str]:
    """Manifests that cannot be followed."""
    contents = {"no.manifest": None, "broken.manifest": b"[", "missing.manifest": b'[{"prefix": "s3://BUCKET/"}, "no"]'}
    sentences = []
    for name, content in contents.items():
        if content is not None:
            body = content.replace(b"BUCKET", given.bucket.encode())
            boto3.client("s3").put_object(Bucket=given.bucket, Key=name, Body=body)
        try:
            kmeans.fit(RecordSet(given.s3 + name, num_records=1, feature_dim=1))
        except UserError as error:
            sentences.append(str(error))
    return sentences


if __name__ == "__main__":
    main()
