"""Ranking against the dense formula score = c·W + (c·Φ)·V."""

from dataclasses import fields, replace

import numpy as np
import pytest
from scipy import sparse

from kindred.engine.pool import Threads
from kindred.recommender.fit import fit
from kindred.recommender.model import ARRAYS, Model
from kindred.recommender.ranking import Ranker
from kindred.recommender.scorer import History, history
from kindred.recommender.settings import Settings
from kit.checkerboard import checkerboard

ITEMS, WIDTH, FEATURES = 60, 5, 4


@pytest.fixture(scope="module")
def whole():
    """A model of random numbers, a few weights a row and none in some; every item is in the head."""
    rng = np.random.default_rng(0)
    weights = sparse.random_array((ITEMS, ITEMS), density=0.08, format="csr", rng=rng, data_sampler=rng.normal)
    weights.sort_indices()
    normal = lambda *shape: rng.normal(size=shape).astype(np.float32)  # noqa: E731
    centroids = normal(3, WIDTH)
    return Model(
        block_starts=weights.indptr.astype(np.int64),
        block_targets=weights.indices.astype(np.int32),
        block_weights=weights.data.astype(np.float32),
        profiles=normal(ITEMS, WIDTH),
        tastes=normal(ITEMS, WIDTH),
        strengths=np.sort(rng.random(WIDTH).astype(np.float32))[::-1].copy(),
        head=np.arange(ITEMS, dtype=np.int32),
        clusters=rng.integers(0, 3, ITEMS).astype(np.int32),
        centroids=centroids / np.linalg.norm(centroids, axis=1, keepdims=True),
        popularity=rng.random(ITEMS).astype(np.float32),
        content_map=normal(FEATURES, 2 * WIDTH),
    )


@pytest.fixture(params=[ITEMS, 7, 1], ids=["all in the head", "seven in the head", "one in the head"])
def model(request, whole):
    head = np.sort(np.random.default_rng(1).permutation(ITEMS)[: request.param])
    return replace(whole, head=head.astype(np.int32))


def local(model):
    return sparse.csr_array((model.block_weights, model.block_targets, model.block_starts), shape=(ITEMS, ITEMS))


def dense(model, given):
    c = np.zeros(ITEMS)
    c[given.numbers] = given.weights
    return c @ local(model).toarray() + (c @ model.profiles.astype(np.float64)) @ model.tastes.T


def some_history(seed, size=8):
    return history(np.random.default_rng(seed).permutation(ITEMS)[:size], recency=1.0)


@pytest.mark.parametrize("seed", range(5))
def test_candidates_have_the_scores_of_the_formula(model, seed):
    given = some_history(seed)
    numbers, scores = Ranker(model).candidates(given)
    np.testing.assert_allclose(scores, dense(model, given)[numbers], atol=1e-5)
    assert scores.dtype == np.float64


@pytest.mark.parametrize("seed", range(5))
def test_candidates_are_the_head_and_all_that_the_history_pulls_once(model, seed):
    given = some_history(seed)
    numbers, _ = Ranker(model).candidates(given)
    pulled = np.flatnonzero(np.diff(local(model)[given.numbers].tocsc().indptr))
    assert sorted(numbers.tolist()) == sorted({*model.head.tolist(), *pulled.tolist()})


@pytest.mark.parametrize("seed", range(5))
def test_scores_of_any_items_are_those_of_the_formula(model, seed):
    given = some_history(seed)
    numbers = np.random.default_rng(100 + seed).permutation(ITEMS)[:25]
    np.testing.assert_allclose(Ranker(model).scores(given, numbers), dense(model, given)[numbers], atol=1e-5)


def test_scores_are_those_of_the_candidates(model):
    given = some_history(1)
    numbers, scores = Ranker(model).candidates(given)
    np.testing.assert_allclose(Ranker(model).scores(given, numbers), scores, atol=1e-6)


def test_scores_of_no_items_are_none(model):
    assert Ranker(model).scores(some_history(1), np.array([], dtype=np.int64)).tolist() == []


def test_nothing_chosen_scores_nothing(model):
    nothing = history(np.array([], dtype=np.int64), recency=1.0)
    numbers, scores = Ranker(model).candidates(nothing)
    assert numbers.tolist() == model.head.tolist()
    assert not scores.any()


@pytest.mark.parametrize("seed", range(5))
def test_contributions_sum_to_the_scores(model, seed):
    given = some_history(seed)
    numbers = np.random.default_rng(100 + seed).permutation(ITEMS)[:25]
    found = Ranker(model).contributions(given, numbers)
    np.testing.assert_allclose(found.whole.sum(axis=0), Ranker(model).scores(given, numbers), atol=1e-5)
    expected = given.weights[:, None] * local(model).toarray()[np.ix_(given.numbers, numbers)]
    np.testing.assert_allclose(found.local, expected, atol=1e-6)


def test_the_order_of_a_history_without_recency_does_not_matter(model):
    numbers = np.array([5, 9, 2, 40])
    one, other = (Ranker(model).scores(history(n, recency=0.0), np.arange(ITEMS)) for n in (numbers, numbers[::-1]))
    np.testing.assert_allclose(one, other, atol=1e-5)


def test_the_head_holds_its_own_when_the_arrays_are_read_only(whole):
    locked = {}
    for name in ARRAYS:
        locked[name] = getattr(whole, name).copy()
        locked[name].setflags(write=False)
    given = History(numbers=np.array([3, 4]), weights=np.array([0.5, 1.0]))
    for array in (given.numbers, given.weights):
        array.setflags(write=False)
    ranker = Ranker(Model(**locked))
    np.testing.assert_array_equal(ranker.candidates(given)[1], Ranker(whole).candidates(given)[1])
    ranker.contributions(given, given.numbers)
    ranker.similar(3, np.arange(ITEMS))


@pytest.mark.parametrize("item", [0, 17, 59])
def test_likeness_is_half_the_share_of_the_best_score_and_half_the_cosine_held_back_by_popularity(model, item):
    numbers = np.arange(ITEMS)
    alone = dense(model, History(numbers=np.array([item]), weights=np.ones(1)))
    reach = np.setdiff1d(np.union1d(model.head, local(model)[[item]].indices), [item])
    share = np.clip(alone / max(alone[reach].max(), 1e-12), 0, 1)
    rows = model.profiles * model.strengths
    cosines = rows @ rows[item] / np.linalg.norm(rows, axis=1) / np.linalg.norm(rows[item])
    held_back = model.popularity / (model.popularity + model.popularity.mean())
    found = Ranker(model).similar(item, numbers)
    np.testing.assert_allclose(found, (0.5 * share + 0.5 * cosines) * held_back, atol=1e-4)
    assert found.max() <= 1 + 1e-6


def test_an_item_of_which_nothing_is_known_is_like_nothing(whole):
    silent = replace(whole, profiles=whole.profiles.copy())
    silent.profiles[7] = 0
    found = Ranker(silent).similar(7, np.arange(8))
    assert np.isfinite(found).all()
    assert found[7] == 0


def test_likeness_to_metadata_is_the_cosine_held_back_by_popularity(whole):
    features = np.array([1, 0, 0.5, 0], dtype=np.float32)
    direction = (features @ whole.content_map)[:WIDTH] * whole.strengths
    rows = whole.profiles * whole.strengths
    cosines = rows @ direction / np.linalg.norm(rows, axis=1) / np.linalg.norm(direction)
    held_back = whole.popularity / (whole.popularity + whole.popularity.mean())
    found = Ranker(whole).like(features, np.arange(ITEMS))
    np.testing.assert_allclose(found, cosines * held_back, atol=1e-5)


def test_metadata_alone_finds_the_taste_and_what_is_in_it():
    board = checkerboard(120, 60, tastes=3)
    content = np.eye(3, dtype=np.float32)[board.item_tastes]
    rng = np.random.default_rng(0)
    settings = Settings(tastes=3)
    ranker = Ranker(fit(board.seen, content=content, settings=settings, rng=rng, pool=Threads(1)))
    for taste in range(3):
        members = np.flatnonzero(board.item_tastes == taste)
        features = np.eye(3, dtype=np.float32)[taste]
        assert ranker.cluster_of(features) == ranker.clusters[members[0]]
        found = ranker.like(features, np.arange(60))
        assert set(np.argsort(-found)[: len(members)]) == set(members)
        alike = ranker.similar(int(members[0]), np.arange(60))
        assert set(np.argsort(-alike)[: len(members)]) == set(members)


def test_every_array_of_the_model_is_stored():
    assert tuple(field.name for field in fields(Model)) == ARRAYS
