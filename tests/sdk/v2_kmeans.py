"""A user of `sagemaker.KMeans` with another image: record_set, fit, deploy, predict, all through the SDK's own code."""

import numpy as np
import sagemaker
from sagemaker.amazon.amazon_estimator import RecordSet
from v2_session import ROLE, asked, fetched, session, tell


def main() -> None:
    given = asked()
    rows = np.load(f"{given.folder}/rows.npy")
    kmeans = sagemaker.KMeans(
        role=ROLE,
        instance_count=1,
        instance_type="local",
        k=5,
        data_location=f"{given.s3}data/",
        output_path=f"{given.s3}models/",
        sagemaker_session=session(given),
    )
    kmeans.training_image_uri = lambda: given.image
    kmeans.fit(in_local_mode(kmeans.record_set(rows)))
    model = kmeans.create_model()
    model.image_uri = given.image
    predictor = model.deploy(initial_instance_count=1, instance_type="local", wait=False)
    try:
        records = predictor.predict(rows[:50])
    finally:
        predictor.delete_endpoint()
    told = [{name: list(value.float32_tensor.values) for name, value in record.label.items()} for record in records]
    tell({"model": fetched(given, kmeans.model_data, name="kmeans"), "records": told})


def in_local_mode(records: RecordSet) -> RecordSet:
    """The same objects by prefix: local mode reads no manifests, and shards nothing."""
    prefix = records.s3_data.rpartition("/")[0] + "/"
    return RecordSet(
        prefix, records.num_records, records.feature_dim, s3_data_type="S3Prefix", distribution="FullyReplicated"
    )


if __name__ == "__main__":
    main()
