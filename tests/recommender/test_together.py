"""Many histories at once: to the bit what each is alone, and nothing that matters is left out."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import sparse

from kindred.recommender.ensemble import Ensemble, Judges
from kindred.recommender.model import Model
from kindred.recommender.ranking import Ranker
from kindred.recommender.scorer import History, history
from kindred.recommender.singly import Singly

ITEMS, WIDTH = 900, 8
NOTHING = np.empty(0, dtype=np.int64)


def model(seed, *, size):
    """Random numbers: items ever less strong, weights of both signs, some rows empty, `size` items in the head."""
    rng = np.random.default_rng(seed)
    weights = sparse.random_array((ITEMS, ITEMS), density=0.01, format="csr", rng=rng, data_sampler=rng.normal)
    weights.sort_indices()
    fading = 1 / np.arange(1, ITEMS + 1)[:, None] ** 0.5
    normal = lambda *shape: rng.normal(size=shape).astype(np.float32)  # noqa: E731
    return Model(
        block_starts=weights.indptr.astype(np.int64),
        block_targets=weights.indices.astype(np.int32),
        block_weights=weights.data.astype(np.float32),
        profiles=normal(ITEMS, WIDTH),
        tastes=(normal(ITEMS, WIDTH) * fading).astype(np.float32),
        strengths=np.ones(WIDTH, dtype=np.float32),
        head=np.sort(rng.permutation(ITEMS)[:size]).astype(np.int32),
        clusters=np.zeros(ITEMS, dtype=np.int32),
        centroids=np.eye(1, WIDTH, dtype=np.float32),
        popularity=np.ones(ITEMS, dtype=np.float32),
        content_map=normal(2, 2 * WIDTH),
    )


def histories(seed, count=20):
    rng = np.random.default_rng(seed)
    return [history(rng.permutation(ITEMS)[: int(rng.integers(1, 60))], recency=1.0) for _ in range(count)]


def asked(seed, given):
    """How many each wants, from one to more than there are, and what each wants to be left out."""
    rng = np.random.default_rng(seed)
    most = rng.choice([1, 2, 7, 10, 100, 2 * ITEMS], len(given)).tolist()
    further = [rng.permutation(ITEMS)[: int(rng.integers(0, 40))] for _ in given]
    return most, [np.concatenate([one.numbers, more]) for one, more in zip(given, further, strict=True)]


@pytest.fixture(params=[ITEMS, 300, 5, 0], ids=lambda size: f"{size} in the head")
def ranker(request):
    return Ranker(model(request.param, size=request.param))


@pytest.mark.parametrize("seed", range(3))
def test_the_best_of_all_candidates_are_reached(ranker, seed):
    given = histories(seed)
    most, dropped = asked(seed, given)
    reached = ranker.together(given).reach(most, dropped)
    everything = Singly(ranker, given).reach(most, dropped)
    for wanted, (numbers, scores), (all_numbers, all_scores), away in zip(
        most, reached, everything, dropped, strict=True
    ):
        known = dict(zip(all_numbers.tolist(), all_scores.tolist(), strict=True))
        assert len(set(numbers.tolist())) == len(numbers)
        assert not set(numbers.tolist()) & set(away.tolist())
        np.testing.assert_allclose(scores, [known[number] for number in numbers.tolist()], atol=1e-5)
        last = np.sort(all_scores)[-min(wanted, len(all_scores)) :][:1]
        needed = all_numbers[all_scores >= (last[0] + 1e-5 if len(last) else 0)]
        assert set(needed.tolist()) <= set(numbers.tolist())
        assert len(numbers) >= min(wanted, len(all_numbers))


def test_few_others_are_scored():
    """What can never come up is not scored, else nothing would be gained."""
    ranker = Ranker(model(1, size=300))
    given = histories(1)
    reached = ranker.together(given).reach([10] * len(given), [NOTHING] * len(given))
    everything = Singly(ranker, given).reach([10] * len(given), [NOTHING] * len(given))
    assert sum(len(one) for one, _ in reached) < 0.2 * sum(len(one) for one, _ in everything)


def test_equal_scores_are_all_reached():
    """Items that nothing tells apart, in the head and outside: an order by id has to see them all."""
    made = model(2, size=300)
    same = np.arange(100, 500)
    tastes = made.tastes.copy()
    tastes[same] = tastes[0] * 50
    ranker = Ranker(replace(made, tastes=tastes, block_weights=np.full_like(made.block_weights, 1e-9)))
    [given] = histories(3, count=1)
    sign = ranker.scores(given, same)[0]
    given = given if sign > 0 else History(numbers=given.numbers, weights=-given.weights)
    [(numbers, _)] = ranker.together([given]).reach([10], [NOTHING])
    [(candidates, _)] = Singly(ranker, [given]).reach([10], [NOTHING])
    assert set(numbers.tolist()) >= set(candidates.tolist()) & set(same.tolist())


@pytest.mark.parametrize("seed", range(3))
def test_company_changes_no_bit(ranker, seed):
    given = histories(seed)
    most, dropped = asked(seed, given)
    chosen = [np.random.default_rng(n).permutation(ITEMS)[: n % 13] for n in range(len(given))]
    together = ranker.together(given)
    reached, pulls = together.reach(most, dropped), together.contributions(chosen)
    for place, one in enumerate(given):
        alone = ranker.together([one])
        for part, single in zip(reached[place], alone.reach([most[place]], [dropped[place]])[0], strict=True):
            np.testing.assert_array_equal(part, single)
        [own] = alone.contributions([chosen[place]])
        for contributions in (own, ranker.contributions(one, chosen[place])):
            np.testing.assert_array_equal(pulls[place].local, contributions.local)
            np.testing.assert_array_equal(pulls[place].taste, contributions.taste)


def test_an_entry_twice_counts_twice():
    made = model(4, size=300)
    targets = made.block_targets.copy()
    targets[:] = targets // 50 * 50
    ranker = Ranker(replace(made, block_targets=targets))
    given, chosen = histories(4), np.arange(0, ITEMS, 50)
    for one, found in zip(given, ranker.together(given).contributions([chosen] * len(given)), strict=True):
        np.testing.assert_array_equal(found.local, ranker.contributions(one, chosen).local)
        np.testing.assert_allclose(found.whole.sum(axis=0), ranker.scores(one, chosen), atol=1e-4)


def test_an_ensemble_answers_one_after_another():
    rng = np.random.default_rng(0)
    judges = Judges(
        Ensemble(
            labels=np.stack([rng.integers(0, 4, 50), rng.integers(4, 8, 50)]).astype(np.int32),
            shares=np.full(8, 0.25, dtype=np.float32),
            clusters=np.zeros(50, dtype=np.int32),
            votes=np.ones(50, dtype=np.float32),
            popularity=np.ones(50, dtype=np.float32),
            content=rng.random((50, 3)).astype(np.float32),
            centroids=np.ones((1, 3), dtype=np.float32),
        )
    )
    given = [history(np.array(numbers), recency=1.0) for numbers in ([1, 2], [3], [4, 5, 6])]
    together = judges.together(given)
    for one, (numbers, scores) in zip(given, together.reach([5] * 3, [one.numbers for one in given]), strict=True):
        assert numbers.tolist() == sorted(set(range(50)) - set(one.numbers.tolist()))
        np.testing.assert_array_equal(scores, judges.scores(one, numbers))
    chosen = np.array([7, 8])
    for one, found in zip(given, together.contributions([chosen] * 3), strict=True):
        np.testing.assert_array_equal(found.whole, judges.contributions(one, chosen).whole)
