"""The fit of block ridge: worlds whose answer is known, and the model's formulas once more with dense matrices."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import sparse

from kindred.engine.pool import Threads
from kindred.errors import UserError
from kindred.recommender import protocols
from kindred.recommender.evaluation import judged
from kindred.recommender.fit import fit, with_popularity
from kindred.recommender.model import ARRAYS
from kindred.recommender.positives import matrix
from kindred.recommender.ranking import Ranker
from kindred.recommender.scorer import History, history
from kindred.recommender.settings import Settings
from kit.checkerboard import checkerboard

DEFAULTS = Settings()
# Narrow enough that the sketch of the decomposition holds everything: then it is exact.
EXACT = replace(DEFAULTS, width=6, block=11, keep=16, ridge=4.0, items_per_cluster=4)
ITEMS = 16


def csr(dense):
    return sparse.csr_array(np.asarray(dense, dtype=np.float32))


def fitted(x, *, content=None, settings=DEFAULTS, seed=0, threads=1, labels=None):
    rng = np.random.default_rng(seed)
    return fit(csr(x), content=content, settings=settings, rng=rng, pool=Threads(threads), labels=labels)


def answers(model, seen):
    """The scores of every item for a history without order."""
    given = History(numbers=np.asarray(seen, dtype=np.int64), weights=np.ones(len(seen)))
    return Ranker(model).scores(given, np.arange(len(model.tastes)))


def everything(model):
    """Score of item j for a history of i alone, for every i and j."""
    return np.stack([answers(model, [i]) for i in range(len(model.tastes))])


def random_world(*, users=80, items=ITEMS, features=5, seed=0):
    rng = np.random.default_rng(seed)
    x = (rng.random((users, items)) < rng.uniform(0.1, 0.5, items)).astype(np.float32)
    x[0] = 1
    return x, (rng.random((items, features)) < 0.4).astype(np.float32)


def unit(rows):
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)


def dense_block_ridge(x, content, labels, s):
    """score[i, j] of a history of i alone by the formulas of docs/4-the-model.md."""
    lengths = x.sum(axis=1)
    w = np.where(lengths > 0, np.maximum(lengths, 1) ** -s.user_damping, 0)
    w = w / w[lengths > 0].mean()
    counts = 1 + x.sum(axis=0)
    f = np.zeros((x.shape[1], 1)) if content is None else content.astype(np.float64)
    told = f * ((counts - 1) / (counts - 1 + s.content_evidence))[:, None]
    g = x.T * w @ x + s.content_weight * told @ told.T
    penalties = s.ridge + s.ridge_growth * np.diag(g)
    damped = np.maximum(lengths, 1)[:, None] ** (-s.user_damping / 2) * x * counts**-s.item_damping
    _, strengths, right = np.linalg.svd(damped, full_matrices=False)
    directions = right[: s.width].T
    phi = counts[:, None] ** -s.item_damping * directions
    rows = unit(directions * strengths[: s.width])
    space = rows if content is None else unit(np.hstack([rows, s.content_share * unit(f)]))
    taste = phi.T @ g @ phi + s.taste_ridge * phi.T * penalties @ phi + 1e-6 * np.eye(s.width)
    whole = np.zeros_like(g)
    for cluster in np.unique(labels):
        members = np.flatnonzero(labels == cluster)
        centroid = unit(space[members].sum(axis=0, keepdims=True))[0]
        outside = np.flatnonzero(labels != cluster)
        outside = outside[np.argsort(-(space[outside] @ centroid), kind="stable")]
        b = np.concatenate([members, outside[: max(0, s.block - len(members))]])
        a = np.block([[g[np.ix_(b, b)] + np.diag(penalties[b]), g[b] @ phi], [phi.T @ g[:, b], taste]])
        for place, j in enumerate(members):
            e, own = np.eye(len(a))[place], np.eye(len(a))[place]
            own[len(b) :] = phi[j]
            r, q = np.linalg.solve(a, e), np.linalg.solve(a, own)
            weights = e - penalties[j] * r - (1 - penalties[j] * own @ r) / (own @ q) * q
            column = np.zeros(x.shape[1])
            column[b] = weights[: len(b)]
            whole[:, j] = counts[j] ** s.popularity_lift * (column + phi @ weights[len(b) :])
    return whole


@pytest.mark.parametrize("described", [False, True], ids=["viewers", "viewers and metadata"])
def test_the_model_is_block_ridge_to_the_letter(described):
    x, content = random_world()
    content = content if described else None
    labels = (np.arange(ITEMS) % 4).astype(np.int32)
    found = everything(fitted(x, content=content, settings=EXACT, labels=labels))
    expected = dense_block_ridge(x.astype(np.float64), content, labels, EXACT)
    np.testing.assert_allclose(found, expected, atol=2e-5 * np.abs(expected).max())


def test_an_item_says_nothing_for_itself():
    x, content = random_world()
    scores = everything(fitted(x, content=content))
    np.testing.assert_allclose(np.diag(scores), 0, atol=1e-6 * np.abs(scores).max())


@pytest.mark.parametrize("tastes", [2, 5])
def test_every_viewer_gets_what_their_taste_has_left(tastes):
    board = checkerboard(120, 60, tastes=tastes, hidden=2)
    ranker = Ranker(fitted(board.seen.toarray()))
    for user in range(120):
        seen = board.seen[[user]].indices
        numbers, scores = ranker.candidates(history(seen.astype(np.int64), recency=0.0))
        scores[np.isin(numbers, seen)] = -np.inf
        assert sorted(numbers[np.argsort(-scores)[:2]]) == board.unseen[user].tolist()


def test_the_tastes_that_people_see_are_those_of_the_board():
    board = checkerboard(200, 80, tastes=4)
    clusters = fitted(board.seen.toarray(), settings=replace(DEFAULTS, tastes=4)).clusters
    pairs = set(zip(clusters.tolist(), board.item_tastes.tolist(), strict=True))
    assert len(pairs) == len(set(clusters.tolist())) == 4


def planted(*, tastes=15, each=12, users=500, seed=0):
    """Users of two tastes out of many; in each they like half of what there is, and little elsewhere."""
    rng = np.random.default_rng(seed)
    item_tastes = rng.permutation(np.repeat(np.arange(tastes), each))
    chosen = np.argsort(rng.random((users, tastes)), axis=1)[:, :2]
    liked = (chosen[:, :, None] == item_tastes).any(axis=1)
    return rng.random(liked.shape) < np.where(liked, 0.5, 0.02), item_tastes.astype(np.int32)


def judged_on_planted(labels_of, *, seed=0):
    x, item_tastes = planted(seed=seed)
    users, items = (part.astype(np.int32) for part in np.nonzero(x))
    split = protocols.strong(users, items, times=np.zeros(len(users)), heldout=100, rng=np.random.default_rng(seed))
    train = matrix(split.train.users, split.train.items, shape=(len(split.users), len(split.items)))
    settings = replace(DEFAULTS, width=4, block=12, items_per_cluster=12)
    labels = labels_of(item_tastes[split.items])
    model = fitted(train.toarray(), settings=settings, labels=labels)
    return judged(Ranker(model), split, recency=0.0).ndcg_at_10


@pytest.mark.parametrize("seed", [0, 1])
def test_clusters_of_k_means_beat_random_ones_of_the_same_size(seed):
    shuffled = np.random.default_rng(seed).permutation
    ours = judged_on_planted(lambda _: None, seed=seed)
    random = judged_on_planted(shuffled, seed=seed)
    known = judged_on_planted(lambda tastes: tastes, seed=seed)
    assert ours > random + 0.05
    assert ours > 0.9 * known


@pytest.mark.parametrize("threads", [1, 2])
def test_same_inputs_and_seed_give_the_same_bits(threads):
    x, content = random_world(users=300, items=90)
    one, two = fitted(x, content=content, seed=3), fitted(x, content=content, seed=3, threads=threads)
    for name in ARRAYS:
        assert getattr(one, name).tobytes() == getattr(two, name).tobytes(), name


def test_the_order_of_users_does_not_matter():
    x, content = random_world()
    mixed = x[np.random.default_rng(1).permutation(len(x))]
    labels = (np.arange(ITEMS) % 4).astype(np.int32)
    ours, theirs = (everything(fitted(one, content=content, settings=EXACT, labels=labels)) for one in (x, mixed))
    np.testing.assert_allclose(ours, theirs, atol=2e-5 * np.abs(ours).max())


def test_permuted_items_have_permuted_scores():
    x, content = random_world()
    order = np.random.default_rng(1).permutation(ITEMS)
    labels = (np.arange(ITEMS) % 4).astype(np.int32)
    ours = everything(fitted(x, content=content, settings=EXACT, labels=labels))
    theirs = everything(fitted(x[:, order], content=content[order], settings=EXACT, labels=labels[order]))
    np.testing.assert_allclose(theirs, ours[np.ix_(order, order)], atol=2e-5 * np.abs(ours).max())


def test_interactions_are_cut_into_shards_without_a_trace(monkeypatch):
    x, content = random_world()
    labels = (np.arange(ITEMS) % 4).astype(np.int32)
    whole = everything(fitted(x, content=content, settings=EXACT, labels=labels))
    monkeypatch.setattr("kindred.recommender.fit.SHARD_INTERACTIONS", 40)
    cut = everything(fitted(x, content=content, settings=EXACT, labels=labels))
    np.testing.assert_allclose(cut, whole, atol=2e-5 * np.abs(whole).max())


def test_inputs_are_left_as_they_were():
    dense, content = random_world()
    dense[:, 3] = 0
    x = csr(dense)
    parts = (x.data, x.indices, x.indptr, content)
    before = [part.copy() for part in parts]
    for part in parts:
        part.setflags(write=False)
    fit(x, content=content, settings=DEFAULTS, rng=np.random.default_rng(0), pool=Threads(1))
    for part, was in zip(parts, before, strict=True):
        np.testing.assert_array_equal(part, was)


@pytest.fixture(scope="module")
def with_newcomers():
    """Three tastes, told by metadata too; the last three items, one of each, have no viewer yet."""
    board = checkerboard(150, 63, tastes=3, hidden=1)
    x = board.seen.toarray()
    x[:, 60:] = 0
    content = np.eye(3, dtype=np.float32)[board.item_tastes]
    return x, content, board, fitted(x, content=content, settings=replace(DEFAULTS, tastes=3))


def test_items_without_viewers_join_the_taste_of_their_metadata(with_newcomers):
    _, _, board, model = with_newcomers
    for newcomer in (60, 61, 62):
        alike = board.item_tastes == board.item_tastes[newcomer]
        assert len(set(model.clusters[alike].tolist())) == 1


def test_items_without_viewers_go_to_viewers_of_their_taste(with_newcomers):
    x, _, board, model = with_newcomers
    for user in range(3):
        scores = answers(model, np.flatnonzero(x[user]))[60:]
        assert board.item_tastes[60 + np.argmax(scores)] == user
        assert np.sort(scores)[-1] > 2 * max(np.sort(scores)[-2], 0)


def test_items_without_viewers_pull_nothing_through_blocks(with_newcomers):
    model = with_newcomers[-1]
    assert model.block_starts[60] == model.block_starts[63] == len(model.block_targets)
    assert not np.isin(model.block_targets, [60, 61, 62]).any()
    assert (model.popularity[60:] == 0).all()


def test_viewed_items_do_not_notice_those_without_viewers(with_newcomers):
    x, content, _, model = with_newcomers
    alone = fitted(x[:, :60], content=content[:60], settings=replace(DEFAULTS, tastes=3))
    for name in ("block_targets", "block_weights", "strengths", "centroids", "content_map"):
        np.testing.assert_array_equal(getattr(alone, name), getattr(model, name))
    for name in ("profiles", "tastes", "clusters", "popularity"):
        np.testing.assert_array_equal(getattr(alone, name), getattr(model, name)[:60])


def test_nothing_known_of_an_item_is_no_taste_and_no_score():
    x, _ = random_world()
    x[:, 5] = 0
    model = fitted(x)
    assert model.clusters[5] == -1
    assert (np.delete(model.clusters, 5) >= 0).all()
    assert everything(model)[:, 5].tolist() == [0] * ITEMS
    assert everything(model)[5].tolist() == [0] * ITEMS


def test_the_shapes_are_those_that_the_model_promises():
    x, content = random_world(items=40)
    x[:, 39] = 0
    model = fitted(x, content=content, settings=replace(DEFAULTS, width=8))
    expected = {
        "block_starts": (np.int64, (41,)), "block_targets": (np.int32, None), "block_weights": (np.float32, None),
        "profiles": (np.float32, (40, 8)), "tastes": (np.float32, (40, 8)), "strengths": (np.float32, (8,)),
        "head": (np.int32, (40,)), "clusters": (np.int32, (40,)), "centroids": (np.float32, None),
        "popularity": (np.float32, (40,)), "content_map": (np.float32, (5, 16)),
    }  # fmt: skip
    assert expected.keys() == set(ARRAYS)
    for name, (dtype, shape) in expected.items():
        array = getattr(model, name)
        assert array.dtype == dtype, name
        assert array.flags.c_contiguous, name
        assert shape is None or array.shape == shape, name
    np.testing.assert_allclose(model.popularity, np.log1p(x.sum(axis=0)), rtol=1e-6)
    for start, end in zip(model.block_starts, model.block_starts[1:], strict=False):
        assert (np.diff(model.block_targets[start:end]) > 0).all()


def _random(users, items, seed=0):
    return (np.random.default_rng(seed).random((users, items)) < 0.2).astype(np.float32)


def _seen_by_all():
    x = _random(60, 30)
    x[:, 0] = 1
    return x


AWKWARD = {
    "one user, one item": np.ones((1, 1)),
    "one user, two items": np.ones((1, 2)),
    "one user": np.ones((1, 30)),
    "one item": np.ones((30, 1)),
    "five items": np.tril(np.ones((5, 5))),
    "users of one item each": np.eye(40)[np.arange(200) % 40],
    "all users alike": np.ones((500, 300)),
    "three users, a thousand items": np.ones((3, 1000)),
    "an item that everybody has": _seen_by_all(),
    "users and items with nothing": np.pad(_random(30, 30), 5),
    "items in pairs": np.repeat(_random(200, 40), 2, axis=1),
}


@pytest.mark.parametrize("described", [None, np.zeros, np.ones], ids=["no metadata", "empty metadata", "same metadata"])
@pytest.mark.parametrize("x", AWKWARD.values(), ids=AWKWARD)
def test_awkward_worlds_are_fitted(x, described):
    items = x.shape[1]
    content = described((items, 3), dtype=np.float32) if described else None
    model = fitted(x, content=content)
    for name in ARRAYS:
        assert np.isfinite(getattr(model, name)).all(), name
    assert sorted(model.head) == list(range(items))
    numbers, scores = Ranker(model).candidates(history(np.array([items // 2]), recency=1.0))
    assert len(set(numbers.tolist())) == len(numbers)
    assert np.isfinite(scores).all()


@pytest.mark.parametrize("changed", [{"ridge": 0.01}, {"ridge": 1e5}, {"width": 1}, {"keep": 1}, {"block": 1}])
@pytest.mark.parametrize("x", [AWKWARD["all users alike"][:50, :60], AWKWARD["items in pairs"]], ids=["alike", "pairs"])
def test_extreme_settings_are_fitted(x, changed):
    model = fitted(x, settings=replace(DEFAULTS, **changed))
    assert np.isfinite(everything(model)).all()


def test_where_all_are_alike_no_item_is_preferred():
    model = fitted(np.ones((50, 30)))
    scores = answers(model, [0])[1:]
    np.testing.assert_allclose(scores, scores[0], rtol=1e-4)
    assert scores[0] > 0


def test_no_positive_is_told_in_a_sentence():
    with pytest.raises(UserError, match="no positive interaction"):
        fitted(np.zeros((3, 3)))


def test_another_fallback_replaces_nothing_else():
    model = fitted(random_world()[0])
    other = with_popularity(model, np.arange(ITEMS, dtype=np.float32))
    assert other.popularity.tolist() == list(range(ITEMS))
    assert all(getattr(other, name) is getattr(model, name) for name in ARRAYS if name != "popularity")


def test_metadata_says_less_of_an_item_that_few_viewers_know():
    """Two items of one genre, each met by its own viewers: the one that many know is pulled harder by its genre."""
    x, content = np.zeros((60, 8)), np.zeros((8, 4))
    for item in range(8):
        x[item * 7 : item * 7 + 7, item] = 1
        content[item, item // 2] = 1
    few = x.copy()
    few[1:7, 0] = 0  # of item 0's seven viewers one stays
    settings = replace(EXACT, block=8, items_per_cluster=8, taste_ridge=1e9)

    def pull(world, evidence):
        chosen = replace(settings, content_evidence=evidence)
        return everything(fitted(world, content=content.astype(np.float32), settings=chosen))[1, 0]

    assert pull(x, 3.0) > 0
    assert pull(few, 3.0) / pull(few, 0.0) < 0.6 * pull(x, 3.0) / pull(x, 0.0)
