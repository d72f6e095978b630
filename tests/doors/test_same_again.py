"""The same again, through the real doors: one seed, rows in any order, ids by other names, in process or over HTTP."""

import csv
import io
import json
from pathlib import Path

import numpy as np
import pytest

from kindred.algorithms import recommender
from kindred.recommender import metrics
from kindred.recommender.evaluation import ranking
from kit import transports
from kit.real_train import sample_channels, train

pytestmark = pytest.mark.slow

N = 20
ASKED = 40
"""Users whose answers are compared."""
CLOSE = 1e-4
"""Scores may differ by so much of the best: sums in another order end in other bits. Items whose scores are nearer to
each other than that may change places."""


def table(rows: list[dict[str, str]]) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def read(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(content.decode().splitlines()))


VIEWS = read(sample_channels()["interactions"]["views.csv"])
FILMS = read(sample_channels()["items"]["films.csv"])


def channels(views: list[dict[str, str]], films: list[dict[str, str]]) -> dict[str, dict[str, bytes]]:
    return {"interactions": {"views.csv": table(views)}, "items": {"films.csv": table(films)}}


def learnt(base: Path, brought: dict[str, dict[str, bytes]], **asked: str) -> Path:
    trained = train(base, brought, evaluate="false", **asked)
    assert trained.status == 0, trained.log
    return base


def answers(base: Path, instances: list[dict], *, n: int) -> list[dict[str, float]]:
    """For each instance, id → score, best first, from the real `serve`."""
    with transports.process("kit.real_serve", base) as served:
        body = json.dumps({"instances": instances, "configuration": {"n": n, "explain": False}}).encode()
        answer = served.http.send("POST", "/invocations", body=body, headers={"Content-Type": "application/json"})
    assert answer.status == 200, answer.body
    return [{one["item_id"]: one["score"] for one in each["recommendations"]} for each in answer.json["predictions"]]


def users() -> list[str]:
    return sorted({view["user_id"] for view in VIEWS})[:ASKED]


def assert_alike(found: list[dict[str, float]], wanted: list[dict[str, float]]) -> None:
    """Equal scores within CLOSE at every place, and equal items but for ties within CLOSE."""
    for one, other in zip(found, wanted, strict=True):
        room = CLOSE * max(abs(score) for score in other.values())
        np.testing.assert_allclose(list(one.values()), list(other.values()), atol=room, rtol=0)
        floor = list(other.values())[-1] + 2 * room
        assert {item for item, score in one.items() if score > floor} <= set(other)
        for item in one.keys() & other.keys():
            assert abs(one[item] - other[item]) <= room


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return learnt(tmp_path_factory.mktemp("plain") / "ml", channels(VIEWS, FILMS))


@pytest.fixture(scope="module")
def wanted(plain: Path) -> list[dict[str, float]]:
    return answers(plain, [{"user_id": user} for user in users()], n=N)


def test_one_seed_gives_one_artefact(plain: Path, tmp_path: Path):
    again = learnt(tmp_path / "ml", channels(VIEWS, FILMS))
    files = sorted(path.name for path in (plain / "model").iterdir())
    assert files == sorted(path.name for path in (again / "model").iterdir())
    for name in files:
        assert (plain / "model" / name).read_bytes() == (again / "model" / name).read_bytes(), name


def test_another_seed_gives_another(plain: Path, tmp_path: Path):
    other = learnt(tmp_path / "ml", channels(VIEWS, FILMS), seed="1")
    name = "arrays.safetensors"
    assert (plain / "model" / name).read_bytes() != (other / "model" / name).read_bytes()


def test_rows_in_another_order_give_the_same_recommendations(tmp_path: Path, wanted: list[dict[str, float]]):
    rng = np.random.default_rng(0)
    views = [VIEWS[row] for row in rng.permutation(len(VIEWS))]
    films = [FILMS[row] for row in rng.permutation(len(FILMS))]
    shuffled = learnt(tmp_path / "ml", channels(views, films))
    assert_alike(answers(shuffled, [{"user_id": user} for user in users()], n=N), wanted)


def test_ids_by_other_names_give_the_same_recommendations_renamed(tmp_path: Path, wanted: list[dict[str, float]]):
    """The new names sort otherwise, so that numbers, if they followed the ids, would be others."""
    rng = np.random.default_rng(1)
    items = sorted({film["item_id"] for film in FILMS} | {view["item_id"] for view in VIEWS})
    people = sorted({view["user_id"] for view in VIEWS})
    new_item = {old: f"x{number:05}" for old, number in zip(items, rng.permutation(len(items)), strict=True)}
    new_user = {old: f"y{number:05}" for old, number in zip(people, rng.permutation(len(people)), strict=True)}
    views = [view | {"item_id": new_item[view["item_id"]], "user_id": new_user[view["user_id"]]} for view in VIEWS]
    films = [film | {"item_id": new_item[film["item_id"]]} for film in FILMS]
    renamed = learnt(tmp_path / "ml", channels(views, films))
    old_item = {new: old for old, new in new_item.items()}
    found = answers(renamed, [{"user_id": new_user[user]} for user in users()], n=N)
    assert_alike([{old_item[item]: score for item, score in one.items()} for one in found], wanted)


def test_the_endpoint_reaches_what_the_benchmark_reaches_in_process(tmp_path: Path):
    """Train on some viewers; ask with most of the others' likings, n = 100, for the rest: the same metrics ± .0005."""
    rng = np.random.default_rng(2)
    people = sorted({view["user_id"] for view in VIEWS})
    hidden = set(rng.choice(people, len(people) // 5, replace=False).tolist())
    base = learnt(tmp_path / "ml", channels([view for view in VIEWS if view["user_id"] not in hidden], FILMS))
    liked: dict[str, list[str]] = {}
    for view in sorted(VIEWS, key=lambda view: float(view["timestamp"])):
        if view["user_id"] in hidden and float(view["rating"]) >= 4:
            liked.setdefault(view["user_id"], []).append(view["item_id"])
    desk = recommender.load(base / "model")
    stock = desk.stock
    cases = [stock.ids.numbers(list(dict.fromkeys(one))) for one in liked.values()]
    cases = [one[one >= 0].astype(np.int32) for one in cases if len(one) >= 5]
    histories, targets = [one[: -len(one) // 5] for one in cases], [one[-len(one) // 5 :] for one in cases]
    inside = ranking(stock.scorer, histories, recency=stock.facts.recency, k=100)
    found = answers(base, [{"history": stock.ids.many(one)} for one in histories], n=100)
    ranked = np.full((len(found), 100), -1)
    for row, one in enumerate(found):
        ranked[row, : len(one)] = stock.ids.numbers(list(one))
    for measure, k in ((metrics.ndcg, 100), (metrics.ndcg, 10), (metrics.recall, 20), (metrics.hit_rate, 10)):
        through, direct = measure(ranked, targets, k=k).mean(), measure(inside, targets, k=k).mean()
        assert through == pytest.approx(direct, abs=0.0005)
        assert direct > 0.05
