"""Training jobs of the recommender as the front door hands them over, and the worlds they learn from."""

import csv
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from kindred.algorithms import recommender
from kindred.contract import hyperparameters
from kindred.contract.port import Channel, Job, Outcome
from kindred.desk.predictor import Desk
from kindred.desk.response import Prediction

SAMPLE = Path(__file__).parents[2] / "sample"
SAMPLE_CHANNELS = {"interactions": SAMPLE / "interactions", "items": SAMPLE / "items"}
TASTES = ("red", "blue")
YEARS = {"red": 1960, "blue": 2010}


@dataclass(frozen=True, kw_only=True)
class Trained:
    """What a job left, opened."""

    base: Path
    outcome: Outcome
    desk: Desk

    def ask(self, instance: Any, **options: Any) -> Prediction:
        return ask(self.desk, instance, **options)


def trained(base: Path, channels: Mapping[str, Path], **asked: Any) -> Trained:
    task = job(base, channels, **asked)
    outcome = recommender.train(task)
    return Trained(base=base, outcome=outcome, desk=recommender.load(task.model))


def job(base: Path, channels: Mapping[str, Path], *, stopped: bool = False, threads: int = 1, **asked: Any) -> Job:
    """A job in `base`; `asked` are hyperparameters, sent as strings."""
    stop = threading.Event()
    if stopped:
        stop.set()
    texts = {name: str(value).lower() for name, value in asked.items()}
    for name in ("model", "output"):
        (base / name).mkdir(parents=True)
    return Job(
        name="a-job",
        hyperparameters=hyperparameters.typed(texts, table=recommender.ALGORITHM.hyperparameters, owner="recommender"),
        channels={name: Channel(name=name, folder=folder) for name, folder in channels.items()},
        model=base / "model",
        output=base / "output",
        checkpoints=None,
        host="algo-1",
        hosts=("algo-1",),
        threads=threads,
        memory_bytes=2**30,
        stop=stop,
        report=lambda *_: None,
    )


def ask(desk: Desk, instance: Any, **options: Any) -> Prediction:
    [prediction] = desk.predict([desk.parse(instance, options)])
    return prediction


def ids(prediction: Prediction) -> list[str]:
    return [recommendation.item_id for recommendation in prediction.recommendations]


def scores(prediction: Prediction) -> list[float]:
    return [recommendation.score for recommendation in prediction.recommendations]


@cache
def on_sample(base: Path) -> Trained:
    """The sample's model, made once a session; `base` is the session's folder."""
    return trained(base / "sample-model", SAMPLE_CHANNELS)


@cache
def truth(name: str) -> list[dict[str, str]]:
    return read(SAMPLE / "truth" / f"{name}.csv")


@cache
def films() -> dict[str, dict[str, str]]:
    return {film["item_id"]: film for film in read(SAMPLE / "items" / "films.csv")}


@cache
def films_of() -> dict[str, set[str]]:
    """Each taste's films, those that nobody has seen left out."""
    found: dict[str, set[str]] = {}
    for row in truth("tastes"):
        found.setdefault(row["taste"], set()).add(row["item_id"])
    return found


@cache
def views() -> list[dict[str, str]]:
    return read(SAMPLE / "interactions" / "views.csv")


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def table(folder: Path, rows: Sequence[Mapping[str, Any]], *, name: str = "part.csv") -> Path:
    """Write the rows as CSV in `folder`; return the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / name).open("w", encoding="utf-8", newline="") as lines:
        writer = csv.DictWriter(lines, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return folder


def two_tastes(*, users: int = 40, items: int = 20, hidden: int = 2) -> list[dict[str, Any]]:
    """Events without ratings or times: user u likes what shares their taste, all but `hidden` of it.

    Ids are such as `red-3`; the taste of user `u-4` is TASTES[4 % 2].
    """
    return [
        {"user_id": f"u-{user}", "item_id": f"{TASTES[user % 2]}-{item}"}
        for user in range(users)
        for item in range(items)
        if (item - user // 2) % items >= hidden
    ]


def two_taste_items(*, items: int = 20) -> list[dict[str, Any]]:
    return [
        {"item_id": f"{taste}-{item}", "title": f"{taste} {item}", "genres": taste.title(), "year": YEARS[taste] + item}
        for taste in TASTES
        for item in range(items)
    ]
