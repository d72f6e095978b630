"""The fit stage by stage: it goes on from any of them to the same bits, and any of them answers."""

import contextlib
from dataclasses import replace

import numpy as np
import pytest

from kindred.engine.pool import Threads
from kindred.engine.stopping import Heeding, Stopped
from kindred.recommender import assembly, clusters
from kindred.recommender.blocks import joined
from kindred.recommender.evaluation import judged
from kindred.recommender.fit import fit, stages
from kindred.recommender.given import given
from kindred.recommender.model import ARRAYS
from kindred.recommender.positives import matrix
from kindred.recommender.progress import NOTHING
from kindred.recommender.protocols import strong
from kindred.recommender.ranking import Ranker
from kindred.recommender.scorer import History
from kindred.recommender.settings import Settings

SETTINGS = Settings(items_per_cluster=12, block=20, width=8)
USERS, ITEMS, TASTES = 300, 120, 6


def world(seed=0):
    """Likes of users who prefer one taste of six, popular items first; metadata names the taste."""
    rng = np.random.default_rng(seed)
    tastes = np.arange(ITEMS) % TASTES
    chances = np.where(tastes == (np.arange(USERS) % TASTES)[:, None], 0.5, 0.05) * np.linspace(1, 0.2, ITEMS)
    users, items = np.nonzero(rng.random((USERS, ITEMS)) < chances)
    return users.astype(np.int32), items.astype(np.int32), np.eye(TASTES, dtype=np.float32)[tastes]


@pytest.fixture(scope="module")
def one():
    users, items, content = world()
    return given(matrix(users, items, shape=(USERS, ITEMS)), content=content, settings=SETTINGS)


def reached(one, start=NOTHING, *, pool=None):
    """Every progress in turn; what each held then, as the parts grow."""
    found = []
    for progress in stages(one, start, rng=np.random.default_rng(3), pool=pool or Threads(1)):
        found.append(replace(progress, parts=tuple(progress.parts)))
    return found


def same(one, other):
    return all(getattr(one, name).tobytes() == getattr(other, name).tobytes() for name in ARRAYS)


def test_from_every_stage_the_end_is_the_same_to_the_bit(one):
    every = reached(one)
    whole = assembly.model(one, every[-1])
    assert len(every) == 2 + len(np.unique(every[1].groups.blocks))
    for stage in [every[0], every[1], every[2], every[5], every[-1]]:
        packed = replace(stage, parts=[joined(stage.parts)] if stage.parts else [])
        on = reached(one, packed)
        assert len(on) == len(every) - 1 - every.index(stage)
        assert same(assembly.model(one, on[-1] if on else packed), whole)


def test_the_stages_are_the_fit(one):
    model = fit(one.x, content=one.content, settings=SETTINGS, rng=np.random.default_rng(3), pool=Threads(2))
    assert same(model, assembly.model(one, reached(one)[-1]))


def test_a_pool_that_stops_leaves_what_was_reached(one):
    """Whenever it is: what was yielded until then is the beginning of what would have been."""
    every, shares = reached(one), []
    for looks in (1, 4, 12, 20, 28, 36):
        left = iter(range(looks))
        pool = Heeding(Threads(1), lambda left=left: next(left, None) is None)
        found = NOTHING
        with contextlib.suppress(Stopped):
            for progress in stages(one, NOTHING, rng=np.random.default_rng(3), pool=pool):
                found = replace(progress, parts=tuple(progress.parts))
            pytest.fail("it did not stop")
        shares.append(assembly.share(one, found))
        assert found.solved == len(found.parts)
        if found.groups is not None:
            assert (found.groups.blocks == every[1].groups.blocks).all()
    assert shares == sorted(shares)
    assert shares[0] == 0


def test_before_there_is_an_embedding_what_is_popular_answers(one):
    model = assembly.model(one, NOTHING)
    given_one = np.array([3, 7])
    numbers, scores = Ranker(model).candidates(History(numbers=given_one, weights=np.ones(2)))
    best = numbers[np.argsort(-scores, kind="stable")]
    assert (best == np.argsort(-one.counts, kind="stable")).all()


def test_taste_alone_stands_between_popularity_and_the_whole_model():
    """On a world of six tastes, users held out; half of the blocks no worse than none of them."""
    users, items, content = world(seed=1)
    times = np.arange(len(users), dtype=np.float64)
    split = strong(users, items, times=times, heldout=60, rng=np.random.default_rng(0))
    x = matrix(split.train.users, split.train.items, shape=(len(split.users), len(split.items)))
    one = given(x, content=content[split.items], settings=SETTINGS)
    every = reached(one)

    def figure(progress):
        return judged(Ranker(assembly.model(one, progress)), split, recency=0.0).ndcg_at_10

    popular, taste, whole = figure(NOTHING), figure(every[1]), figure(every[-1])
    assert 1.2 * popular < taste == figure(every[0]) < whole
    assert figure(every[len(every) // 2]) > 0.95 * taste


def test_scores_of_taste_alone_are_of_the_size_of_solved_ones(one):
    """Else solved items would always stand before the others, or behind them."""
    every = reached(one)
    history = History(numbers=np.arange(0, 60, 6), weights=np.ones(10))
    everything = np.arange(ITEMS)
    taste, whole = (
        Ranker(assembly.model(one, progress)).scores(history, everything) for progress in (every[1], every[-1])
    )
    own = everything % TASTES == 0
    assert 1 / 3 < taste[own].mean() / whole[own].mean() < 3
    assert np.corrcoef(taste, whole)[0, 1] > 0.7


def test_tastes_start_where_they_were_and_keep_their_numbers():
    rng = np.random.default_rng(0)
    rows = (np.repeat(np.eye(5), 40, axis=0) + 0.05 * rng.normal(size=(200, 5))).astype(np.float32)
    earlier = np.repeat(np.array([3, 0, 4, 1, 2], dtype=np.int32), 40)
    earlier[::7] = -1
    settings = replace(SETTINGS, tastes=5)
    found = clusters.of_tastes(rows, settings, rng=rng, pool=Threads(1), earlier=earlier)
    assert (found.labels == np.repeat([3, 0, 4, 1, 2], 40)).all()


@pytest.mark.parametrize("earlier", [np.full(200, -1), np.arange(200)], ids=["none known", "more than wanted"])
def test_tastes_start_anew_where_the_earlier_ones_are_of_no_use(earlier):
    rows = np.random.default_rng(0).normal(size=(200, 5)).astype(np.float32)
    settings = replace(SETTINGS, tastes=5)
    one, other = (
        clusters.of_tastes(rows, settings, rng=np.random.default_rng(1), pool=Threads(1), earlier=told)
        for told in (earlier.astype(np.int32), None)
    )
    assert (one.labels == other.labels).all()
