"""A user of `Estimator`: fit on CSV, deploy, predict with CSV and JSON, then batch transform and two hosts."""

from pathlib import Path

from sagemaker.deserializers import CSVDeserializer, JSONDeserializer
from sagemaker.estimator import Estimator
from sagemaker.inputs import TrainingInput
from sagemaker.serializers import CSVSerializer, JSONSerializer
from v2_session import ROLE, Asked, asked, fetched, session, tell


def main() -> None:
    given = asked()
    kept = session(given)
    alone = estimator(given, kept, instances=1)
    alone.fit({"train": training(given)})
    answers = predictions(given, alone)
    answers["transformed"] = transformed(given, alone)
    together = estimator(given, kept, instances=2)
    together.fit({"train": training(given)})
    answers["model"] = fetched(given, alone.model_data, name="alone")
    answers["together"] = fetched(given, together.model_data, name="together")
    tell(answers)


def estimator(given: Asked, kept, *, instances: int) -> Estimator:
    return Estimator(
        given.image,
        role=ROLE,
        instance_count=instances,
        instance_type="local",
        hyperparameters={"algorithm": "kmeans", "k": 5, "feature_dim": 4},
        output_path=f"{given.s3}models/",
        sagemaker_session=kept,
    )


def training(given: Asked) -> TrainingInput:
    return TrainingInput(f"file://{given.folder}/train", content_type="text/csv;label_size=0")


def predictions(given: Asked, fitted: Estimator) -> dict[str, object]:
    lines = Path(f"{given.folder}/batch/rows.csv").read_text().splitlines()
    rows = [[float(cell) for cell in line.split(",")] for line in lines]
    predictor = fitted.deploy(1, "local", wait=False, serializer=CSVSerializer(), deserializer=CSVDeserializer())
    try:
        as_csv = predictor.predict(rows)
        predictor.serializer, predictor.deserializer = JSONSerializer(), JSONDeserializer()
        as_json = predictor.predict({"instances": [{"features": row} for row in rows]})
    finally:
        predictor.delete_endpoint()
    return {"csv": as_csv, "json": as_json}


def transformed(given: Asked, fitted: Estimator) -> str:
    transformer = fitted.transformer(
        1,
        "local",
        strategy="MultiRecord",
        assemble_with="Line",
        accept="text/csv",
        output_path=f"file://{given.folder}/out",
    )
    transformer.transform(f"file://{given.folder}/batch", content_type="text/csv", split_type="Line", logs=False)
    transformer.wait(logs=False)
    return Path(f"{given.folder}/out/rows.csv.out").read_text()


if __name__ == "__main__":
    main()
