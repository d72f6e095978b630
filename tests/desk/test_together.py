"""A batch is answered as one by one, to the byte, and as if every candidate had been scored."""

from dataclasses import replace

import msgspec
import numpy as np
import pytest
from benchmarks.serving import stocks

from algorithms.jobs import Trained, films, ids, scores
from kindred.desk import stock as desk_stock
from kindred.desk.answering import MOST_ITEMS, TOGETHER
from kindred.desk.predictor import Desk
from kindred.errors import UserError
from kindred.recommender.ranking import Ranker
from kindred.recommender.singly import Singly

ITEMS = 4_000
REQUESTS = 96


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    folder = stocks.recommender(tmp_path_factory.mktemp("generated") / "model", items=ITEMS, scored=400)
    return Desk(stock=desk_stock.take(folder))


class Scan(Ranker):
    """Blocks of which every candidate is scored."""

    def together(self, given):
        return Singly(self, given)


def instances(count: int) -> list[dict]:
    chance = np.random.default_rng(0)

    def some(most: int) -> list[str]:
        return [f"item-{number}" for number in (ITEMS * chance.random(int(chance.integers(0, most))) ** 2).astype(int)]

    kinds = (
        lambda: {"n": int(chance.integers(1, 300))},
        lambda: {"diversity": float(chance.random())},
        lambda: {"explain": False},
        lambda: {"exclude_seen": False, "exclude": [*some(20), "no such item"]},
        lambda: {"rank": some(30)},
        lambda: {"filter": {"genres": ["genre 3"]}},
        lambda: {"history": ["no such item", *some(10), *some(10)]},
        lambda: {"history": some(5000)},
        lambda: {"history": [{"item_id": one, "rating": 1.0, "timestamp": 5.0} for one in some(20)]},
        dict,
        dict,
        dict,
    )
    others = ({"user_id": "user-7"}, {"item_id": "item-3"}, {}, {"item_id": "item-9", "explain": False})
    made = [{"history": some(60), **kinds[place % len(kinds)]()} for place in range(count)]
    return [others[place // 9 % 4] if place % 9 == 0 else one for place, one in enumerate(made)]


def answered(desk: Desk, asked: list[dict]) -> list:
    return desk.predict([desk.parse(one, {}) for one in asked])


def test_a_batch_is_its_answers_one_by_one_to_the_byte(desk: Desk):
    asked = instances(REQUESTS)
    assert REQUESTS > 2 * TOGETHER
    distinct = [len({str(each) for each in one.get("history", ())}) for one in asked]
    assert any(sum(distinct[n : n + TOGETHER]) > MOST_ITEMS for n in range(0, REQUESTS, TOGETHER))
    together = answered(desk, asked)
    for one, found in zip(asked, together, strict=True):
        assert msgspec.json.encode(answered(desk, [one])) == msgspec.json.encode([found])


def test_a_trained_model_answers_a_batch_as_one_by_one(sample: Trained):
    chance, known = np.random.default_rng(1), sorted(films())
    lengths = chance.integers(0, 40, 150)
    asked = [{"history": chance.choice(known, int(length), replace=False).tolist()} for length in lengths]
    for one, found in zip(asked, answered(sample.desk, asked), strict=True):
        assert msgspec.json.encode(answered(sample.desk, [one])) == msgspec.json.encode([found])


def test_what_is_left_out_would_not_have_been_chosen(desk: Desk):
    scan = Desk(stock=replace(desk.stock, scorer=Scan(desk.stock.scorer.model)))
    asked = instances(REQUESTS // 2)
    for found, scanned in zip(answered(desk, asked), answered(scan, asked), strict=True):
        assert scores(found) == pytest.approx(scores(scanned), rel=1e-5, abs=1e-7)
        assert len(set(ids(found)) ^ set(ids(scanned))) <= 2  # rounding may settle the last two otherwise


def test_the_first_mistake_of_a_batch_is_told(desk: Desk):
    asked = [{"history": ["item-1"]}] * TOGETHER
    wrong = [{"history": ["item-1"], "filter": {"colour": ["red"]}}, {"user_id": "nobody"}]
    with pytest.raises(UserError) as caught:
        answered(desk, [*asked, asked[0], *wrong])
    assert caught.value.at == f"[{TOGETHER + 1}].filter.colour"
    with pytest.raises(UserError) as caught:
        answered(desk, [*asked, asked[0], *reversed(wrong)])
    assert caught.value.at == f"[{TOGETHER + 1}].user_id"


def test_an_empty_batch_has_no_answers(desk: Desk):
    assert desk.predict([]) == []
