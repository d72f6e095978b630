"""The head: as small as it can be and still answer like a full scan."""

import numpy as np
import pytest
from scipy import sparse

from kindred.engine.pool import Threads
from kindred.recommender import head
from kindred.recommender.fit import fit
from kindred.recommender.ranking import Ranker
from kindred.recommender.scorer import history
from kindred.recommender.settings import Settings


@pytest.fixture(scope="module")
def world():
    """Viewers of one taste in ten, popular items first."""
    rng = np.random.default_rng(0)
    tastes = np.arange(400) % 10
    chances = np.where(tastes == (np.arange(600) % 10)[:, None], 0.5, 0.01) * np.linspace(1, 0.05, 400)
    x = sparse.csr_array((rng.random((600, 400)) < chances).astype(np.float32))
    settings = Settings(items_per_cluster=20, block=30, keep=10, width=10)
    model = fit(x, content=None, settings=settings, rng=rng, pool=Threads(1))
    return model, [x[[user]].indices.astype(np.int32) for user in range(600)]


def top(model, one):
    numbers, scores = Ranker(model).candidates(history(one.astype(np.int64), recency=0.0))
    kept = ~np.isin(numbers, one)
    return numbers[kept][np.argsort(-scores[kept], kind="stable")][:20]


def agreement(model, histories):
    full = head.of_size(model, len(model.tastes))
    return np.mean([len(np.intersect1d(top(model, one), top(full, one))) / 20 for one in histories])


def test_it_is_no_larger_than_it_has_to_be(world, monkeypatch):
    monkeypatch.setattr(head, "LEAST", 1)
    model, histories = world
    found = head.measured(model, histories, recency=0.0, pool=Threads(1))
    size = len(found.model.head)
    assert 1 < size < len(model.tastes)
    assert found.agreement >= head.AGREEMENT
    tried = [histories[at] for at in np.linspace(0, 599, head.HISTORIES).astype(int)]
    assert agreement(found.model, tried) == pytest.approx(found.agreement)
    assert agreement(head.of_size(model, int(size * 0.8)), tried) < found.agreement


def test_those_not_tried_are_answered_as_well(world, monkeypatch):
    monkeypatch.setattr(head, "LEAST", 1)
    model, histories = world
    found = head.measured(model, histories[::2], recency=0.0, pool=Threads(2))
    assert agreement(found.model, histories[1::6]) >= 0.99


def test_few_items_are_all_in_it(world):
    model, histories = world
    found = head.measured(model, histories, recency=0.0, pool=Threads(1))
    assert found.model.head.tolist() == list(range(400))
    assert found.agreement == 1.0


def test_without_histories_it_is_the_usual_size(world, monkeypatch):
    monkeypatch.setattr(head, "LEAST", 10)
    model, _ = world
    nobody = [np.zeros(0, dtype=np.int32)]
    assert len(head.measured(model, nobody, recency=0.0, pool=Threads(1)).model.head) == head.usual(400) == 80


def test_as_asked_it_holds_the_longest_tastes(world):
    model, _ = world
    lengths = np.linalg.norm(model.tastes, axis=1)
    found = head.of_size(model, 7).head
    assert found.dtype == np.int32
    assert found.tolist() == sorted(found.tolist())
    assert lengths[found].min() >= np.delete(lengths, found).max()
    assert len(head.of_size(model, 10**9).head) == 400
