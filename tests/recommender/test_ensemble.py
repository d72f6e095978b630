"""Catalogues without viewers: three genres, some votes, and an answer that follows."""

import numpy as np
import pytest

from kindred.engine.pool import Threads
from kindred.recommender import ensemble_fit
from kindred.recommender.ensemble import ARRAYS, SMOOTHING, VOTES_POWER, Judges
from kindred.recommender.scorer import history

ITEMS, GENRES = 240, 3
NOTHING = np.array([], dtype=np.int64)


@pytest.fixture(scope="module")
def genres():
    return np.arange(ITEMS) % GENRES


@pytest.fixture(scope="module")
def world(genres):
    rng = np.random.default_rng(0)
    content = np.eye(GENRES)[genres] + 0.05 * rng.random((ITEMS, GENRES))
    return content.astype(np.float32), rng.integers(0, 100, ITEMS).astype(np.float32)


@pytest.fixture(scope="module")
def judges(world):
    return Judges(fitted(*world))


def fitted(content, votes, *, seed=0, threads=1):
    rng = np.random.default_rng(seed)
    return ensemble_fit.fit(content, votes, popularity=np.log1p(votes), rng=rng, pool=Threads(threads))


def test_a_history_in_one_genre_ranks_that_genre_up(judges, genres):
    everything = np.arange(ITEMS)
    before = judges.scores(history(NOTHING, recency=0.0), everything)
    for genre in range(GENRES):
        liked = np.flatnonzero(genres == genre)[:8]
        risen = judges.scores(history(liked, recency=0.0), everything) / before
        assert risen[genres == genre].mean() > 1.2 > 1 > risen[genres != genre].max()


def test_scores_are_the_mean_log_lift_and_the_votes(judges, world):
    content, votes = world
    given = history(np.array([3, 6, 60, 61]), recency=1.0)
    numbers = np.array([10, 0, 200])
    labels, counts = judges.ensemble.labels, votes.astype(np.float64) + 1
    for number, score in zip(numbers, judges.scores(given, numbers), strict=True):
        lifts = []
        for clustering in labels:
            own = clustering == clustering[number]
            share = counts[own].sum() / counts.sum()
            in_history = given.weights[own[given.numbers]].sum()
            lifts.append((in_history + SMOOTHING * share) / (given.weights.sum() + SMOOTHING) / share)
        assert score == pytest.approx(np.exp(np.mean(np.log(lifts))) * counts[number] ** VOTES_POWER, rel=1e-5)
    assert len(content) == labels.shape[1]


def test_without_a_history_the_votes_decide(judges, world):
    numbers, scores = judges.candidates(history(NOTHING, recency=0.0))
    np.testing.assert_array_equal(numbers, np.arange(ITEMS))
    np.testing.assert_allclose(scores, (world[1] + 1) ** VOTES_POWER, rtol=1e-5)


def test_contributions_sum_to_the_scores(judges):
    given = history(np.array([0, 3, 1, 100]), recency=1.0)
    numbers = np.arange(0, ITEMS, 7)
    found = judges.contributions(given, numbers)
    assert found.whole.shape == (4, len(numbers))
    np.testing.assert_allclose(found.whole.sum(axis=0), judges.scores(given, numbers), rtol=1e-9)


def test_what_shares_the_genre_contributes_and_the_newer_more(genres, world):
    judges = Judges(fitted(np.eye(GENRES, dtype=np.float32)[genres], world[1]))
    found = judges.contributions(history(np.array([0, 3, 1]), recency=1.0), np.array([30, 31, 32])).whole
    shares = found / found.sum(axis=0)
    np.testing.assert_allclose(shares[:, 0], [2 / 5, 3 / 5, 0], atol=1e-6)
    np.testing.assert_allclose(shares[:, 1], [0, 0, 1], atol=1e-6)
    np.testing.assert_allclose(shares[:, 2], [2 / 11, 3 / 11, 6 / 11], atol=1e-6)


def test_an_item_is_most_like_itself_and_its_genre(judges, genres):
    found = judges.similar(5, np.arange(ITEMS))
    assert np.argmax(found) == 5
    assert found[5] == pytest.approx(1)
    assert found[genres == genres[5]].min() > found[genres != genres[5]].max()


def test_metadata_alone_finds_its_genre_and_its_cluster(judges, genres):
    for genre in range(GENRES):
        features = np.eye(GENRES, dtype=np.float32)[genre]
        found = judges.like(features, np.arange(ITEMS))
        assert set(np.argsort(-found)[: ITEMS // GENRES]) == set(np.flatnonzero(genres == genre))
        assert set(genres[judges.clusters == judges.cluster_of(features)]) == {genre}
    assert judges.like(np.zeros(GENRES, dtype=np.float32), np.arange(4)).tolist() == [0] * 4


def test_twelve_clusterings_number_their_clusters_through(judges):
    labels, shares = judges.ensemble.labels, judges.ensemble.shares
    assert labels.shape == (12, ITEMS)
    assert np.unique(labels).tolist() == list(range(len(shares)))
    np.testing.assert_allclose([shares[np.unique(row)].sum() for row in labels], 1, rtol=1e-5)


@pytest.mark.parametrize("threads", [1, 2])
def test_same_inputs_and_seed_give_the_same_bits(judges, world, threads):
    again = fitted(*world, threads=threads)
    for name in ARRAYS:
        assert getattr(again, name).tobytes() == getattr(judges.ensemble, name).tobytes(), name


@pytest.mark.parametrize("items", [1, 2, 5, 30])
@pytest.mark.parametrize("make", [np.zeros, np.ones])
def test_small_or_featureless_catalogues_are_fitted(items, make):
    content = make((items, 4), dtype=np.float32)
    judges = Judges(fitted(content, np.zeros(items, dtype=np.float32)))
    _, scores = judges.candidates(history(np.array([0]), recency=1.0))
    np.testing.assert_allclose(scores, 1, rtol=1e-5)
