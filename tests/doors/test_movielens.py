"""Real ratings through the real doors: what comes over HTTP is as good as what the benchmark measures in process."""

import csv
import io
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from benchmarks.quality import films, ours
from benchmarks.quality.questions import STRONG
from benchmarks.quality.trial import matrix

from kindred.data import pantry
from kindred.data.values import Pantry
from kindred.engine.pool import Threads
from kindred.recommender import metrics
from kindred.recommender.choosing import best, without
from kindred.recommender.fit import fit
from kindred.recommender.ranking import Ranker
from kindred.recommender.scorer import history
from kit import transports
from kit.movielens import movielens_folder
from kit.real_train import train

pytestmark = pytest.mark.slow

N = 100
TOGETHER = 20
"""Histories in one request."""


def ratings(goods: Pantry, users: Sequence[int]) -> bytes:
    """The lines of ratings.csv of these users."""
    events, kept = goods.interactions, np.isin(goods.interactions.users, users)
    text = io.StringIO()
    lines = csv.writer(text)
    lines.writerow(["userId", "movieId", "rating", "timestamp"])
    lines.writerows(
        zip(
            np.array(events.user_ids)[events.users[kept]],
            np.array(goods.catalogue.ids)[events.items[kept]],
            events.ratings[kept],
            events.timestamps[kept].astype(np.int64),
            strict=True,
        )
    )
    return text.getvalue().encode()


def through_the_doors(base: Path, histories: Sequence[Sequence[str]]) -> list[list[str]]:
    found = []
    with transports.process("kit.real_serve", base) as served:
        for start in range(0, len(histories), TOGETHER):
            instances = [{"history": one} for one in histories[start : start + TOGETHER]]
            asked = {"instances": instances, "configuration": {"n": N, "explain": False}}
            headers = {"Content-Type": "application/json"}
            answer = served.http.send("POST", "/invocations", body=json.dumps(asked).encode(), headers=headers)
            assert answer.status == 200, answer.body
            found += [[one["item_id"] for one in each["recommendations"]] for each in answer.json["predictions"]]
    return found


def in_process(folder: Path, histories: Sequence[Sequence[str]]) -> list[list[str]]:
    """The benchmark's own fit of the ratings in a folder, and its answers."""
    liked, ids = films.read(folder), np.array(pantry.read({"train": folder}).catalogue.ids)
    x = matrix(liked.users, liked.items, (int(liked.users.max()) + 1, len(ids)))
    settings, by_number = ours.DEFAULTS, np.arange(len(ids))
    ranker = Ranker(fit(x, content=liked.content, settings=settings, rng=np.random.default_rng(0), pool=Threads(1)))
    numbers = {str(one): number for number, one in enumerate(ids)}

    def answer(one: Sequence[str]) -> list[str]:
        seen = np.array([numbers[each] for each in one], dtype=np.int64)
        left = without(*ranker.candidates(history(seen, recency=0.0)), seen)
        return ids[best(*left, n=N, id_ranks=by_number).numbers].tolist()

    return [answer(one) for one in histories]


def test_the_endpoint_reaches_what_the_benchmark_reaches(tmp_path: Path):
    """P1 at the defaults: the hidden fifth of the users, n = 100. Both sides learn from the same rows with one seed."""
    folder = movielens_folder()
    goods, liked = pantry.read({"train": folder}), films.read(folder)
    split = STRONG.hide(liked.users, liked.items, liked.times, np.random.default_rng(0))
    files = {"ratings.csv": ratings(goods, split.users), "movies.csv": (folder / "movies.csv").read_bytes()}
    learnt = tmp_path / "learnt"
    learnt.mkdir()
    for name, content in files.items():
        (learnt / name).write_bytes(content)
    trained = train(tmp_path / "ml", {"train": files}, evaluate="false", ridge="100", recency="0")
    assert trained.status == 0, trained.log
    ids = np.array(goods.catalogue.ids)[split.items]
    numbers = {str(one): number for number, one in enumerate(ids)}
    histories = [ids[one].tolist() for one in split.histories]

    def ndcg(answers: list[list[str]]) -> float:
        ranked = np.array([[numbers.get(one, -1) for one in each] for each in answers])
        return float(metrics.ndcg(ranked, split.targets, k=N).mean())

    direct = ndcg(in_process(learnt, histories))
    assert direct > 0.32
    assert ndcg(through_the_doors(tmp_path / "ml", histories)) == pytest.approx(direct, abs=0.0005)
