"""A user of `sagemaker.KMeans` with another import and another image: record_set, fit, deploy, predict, two hosts."""

import numpy as np
from v2_session import ROLE, Asked, asked, fetched, session, tell

from kindred.sdk import KMeans, LocalSession

EVERYTHING = {
    "init_method": "random",
    "max_iterations": 50,
    "tol": 0.001,
    "num_trials": 2,
    "local_init_method": "kmeans++",
    "half_life_time_size": 0,
    "epochs": 2,
    "center_factor": 3,
    "eval_metrics": ["msd", "ssd"],
}


def main() -> None:
    given = asked()
    rows = np.load(f"{given.folder}/rows.npy")
    kept = session(given, kind=LocalSession)
    alone = estimator(given, kept, hosts=1)
    alone.fit(alone.record_set(rows))
    together = estimator(given, kept, hosts=2, **EVERYTHING)
    together.fit(
        [together.record_set(rows), together.record_set(rows[:100], channel="test", distribution="FullyReplicated")],
        mini_batch_size=100,
    )
    models = {
        name: fetched(given, each.model_data, name=name) for name, each in (("model", alone), ("together", together))
    }
    tell({**models, "records": answers(alone, rows[:50])})


def estimator(given: Asked, kept, *, hosts: int, **settings) -> KMeans:
    return KMeans(
        ROLE, hosts, "local", k=5, image_uri=given.image, sagemaker_session=kept, **settings,
        data_location=f"{given.s3}data/", output_path=f"{given.s3}models/",
    )  # fmt: skip


def answers(fitted: KMeans, rows: np.ndarray) -> list[dict[str, list[float]]]:
    predictor = fitted.deploy(1, "local", wait=False)
    try:
        records = predictor.predict(rows)
    finally:
        predictor.delete_endpoint()
    return [{name: list(value.float32_tensor.values) for name, value in record.label.items()} for record in records]


if __name__ == "__main__":
    main()
