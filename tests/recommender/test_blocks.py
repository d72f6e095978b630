"""Blocks against EASE's closed form and against a generic constrained least squares."""

import numpy as np
import pytest
from scipy import sparse
from scipy.linalg import null_space

from kindred.engine.pool import Threads
from kindred.errors import Bug
from kindred.recommender import blocks, gram
from kindred.recommender.blocks import Block, Pieces
from kindred.recommender.gram import Gram

USERS, ITEMS, FEATURES = 60, 14, 4
RIDGE, TASTE_RIDGE = 3.0, 0.3


class World:
    """Pieces of a random X, and rows: √D X with √α F' beneath, the matrix whose Gram matrix G is."""

    def __init__(self, *, width, content_weight, seed=0):
        rng = np.random.default_rng(seed)
        x = (rng.random((USERS, ITEMS)) < 0.3).astype(np.float32)
        weights = rng.uniform(0.5, 2, USERS)
        content = rng.random((ITEMS, FEATURES)).astype(np.float32) if content_weight else None
        self.rows = np.sqrt(weights)[:, None] * x
        if content is not None:
            self.rows = np.vstack([self.rows, np.sqrt(content_weight) * content.T])
        self.penalties = RIDGE + (self.rows**2).sum(axis=0)
        self.profiles = rng.normal(size=(ITEMS, width))
        self.taste_penalty = TASTE_RIDGE * self.profiles.T * self.penalties @ self.profiles + 1e-6 * np.eye(width)
        features = self.rows @ self.profiles
        self.pieces = Pieces(
            gram=gram.gram(sparse.csr_array(x), weights, content=content, content_weight=content_weight),
            penalties=self.penalties,
            profiles=self.profiles,
            crossed=self.rows.T @ features,
            taste_system=features.T @ features + self.taste_penalty,
        )

    def solved(self, *found, keep=ITEMS, threads=1):
        return solved(found, self.pieces, keep=keep, threads=threads)

    def best_weights(self, j, numbers):
        """The minimiser of ‖x_j − Zw‖² + w'Λw with own weight 0: ordinary least squares in the constraint's plane."""
        z = np.hstack([self.rows[:, numbers], self.rows @ self.profiles])
        own = np.concatenate([np.asarray(numbers) == j, self.profiles[j]])
        roots = np.zeros((len(own), len(own)))
        roots[: len(numbers), : len(numbers)] = np.diag(np.sqrt(self.penalties[numbers]))
        roots[len(numbers) :, len(numbers) :] = np.linalg.cholesky(self.taste_penalty).T
        plane = null_space(own[None])
        target = np.concatenate([self.rows[:, j], np.zeros(len(own))])
        return plane @ np.linalg.lstsq(np.vstack([z, roots]) @ plane, target)[0]


def solved(found, pieces, *, keep, threads=1):
    parts = list(blocks.solve(found, pieces, keep=keep, pool=Threads(threads)))
    return blocks.solution(parts, np.zeros(pieces.profiles.shape, dtype=np.float32))


def everything():
    return Block(members=np.arange(ITEMS), numbers=np.arange(ITEMS))


def two_blocks():
    """The even items look at all even ones and a few odd ones, and the other way round."""
    even, odd = np.arange(0, ITEMS, 2), np.arange(1, ITEMS, 2)
    return (
        Block(members=even, numbers=np.concatenate([even, odd[:3]])),
        Block(members=odd, numbers=np.concatenate([odd, even[2:5]])),
    )


def test_one_block_without_taste_is_weighted_ease():
    world = World(width=0, content_weight=0.0)
    inverse = np.linalg.inv(world.rows.T @ world.rows + np.diag(world.penalties))
    ease = np.eye(ITEMS) - inverse / np.diag(inverse)
    found = world.solved(everything())
    assert found.tastes.shape == (ITEMS, 0)
    np.testing.assert_allclose(found.weights.toarray(), ease, atol=1e-7)
    assert np.abs(found.weights.diagonal()).max() < 1e-12


@pytest.mark.parametrize("content_weight", [0.0, 5.0])
@pytest.mark.parametrize("width", [1, 5, ITEMS + 3])
def test_every_item_has_the_best_weights_that_do_not_count_itself(width, content_weight):
    world = World(width=width, content_weight=content_weight)
    found = two_blocks()
    solution = world.solved(*found)
    dense = solution.weights.toarray()
    for block in found:
        for j in block.members:
            expected = world.best_weights(j, block.numbers)
            np.testing.assert_allclose(dense[block.numbers, j], expected[: len(block.numbers)], atol=2e-6)
            np.testing.assert_allclose(solution.tastes[j], expected[len(block.numbers) :], atol=2e-6)


@pytest.mark.parametrize("content_weight", [0.0, 5.0])
def test_an_item_says_nothing_for_itself(content_weight):
    world = World(width=5, content_weight=content_weight)
    solution = world.solved(*two_blocks())
    through_tastes = np.einsum("nd,nd->n", world.profiles, solution.tastes.astype(np.float64))
    assert np.abs(through_tastes).min() > 1e-3
    np.testing.assert_allclose(solution.weights.diagonal() + through_tastes, 0, atol=1e-7)


def test_metadata_counts_as_viewers_of_its_own():
    with_content = World(width=3, content_weight=5.0)
    by_hand = sparse.csr_array(with_content.rows.astype(np.float32))
    as_viewers = gram.gram(by_hand, np.ones(by_hand.shape[0]), content=None, content_weight=0.0)
    pieces = Pieces(**{**vars(with_content.pieces), "gram": as_viewers})
    found = solved(two_blocks(), pieces, keep=ITEMS)
    expected = with_content.solved(*two_blocks())
    np.testing.assert_allclose(found.weights.toarray(), expected.weights.toarray(), atol=1e-6)
    np.testing.assert_allclose(found.tastes, expected.tastes, atol=1e-6)


def test_an_item_is_pulled_by_its_block_alone():
    world = World(width=2, content_weight=0.0)
    dense = world.solved(*two_blocks()).weights.toarray()
    for block in two_blocks():
        outside = np.setdiff1d(np.arange(ITEMS), block.numbers)
        assert not dense[np.ix_(outside, block.members)].any()


def test_the_largest_weights_stay_and_the_own_one_among_them():
    world = World(width=2, content_weight=0.0)
    whole = world.solved(everything()).weights.toarray()
    cut = world.solved(everything(), keep=4).weights.toarray()
    for j in range(ITEMS):
        others = np.delete(np.abs(whole[:, j]), j)
        floor = np.sort(others)[-3]
        stay = (np.abs(whole[:, j]) >= floor) | (np.arange(ITEMS) == j)
        np.testing.assert_array_equal(cut[:, j], np.where(stay, whole[:, j], 0))


def test_equal_weights_are_no_excuse_to_keep_more():
    x = sparse.csr_array(np.ones((20, ITEMS), dtype=np.float32))
    g = gram.gram(x, np.ones(20), content=None, content_weight=0.0)
    nothing = np.zeros((ITEMS, 0))
    pieces = Pieces(
        gram=g, penalties=np.full(ITEMS, 5.0), profiles=nothing, crossed=nothing, taste_system=np.zeros((0, 0))
    )
    found = solved([everything()], pieces, keep=5)
    assert np.diff(found.weights.tocsc().indptr).max() <= 5


def test_the_number_of_threads_does_not_change_a_bit():
    world = World(width=5, content_weight=5.0)
    one, two = (world.solved(*two_blocks(), threads=threads) for threads in (1, 2))
    assert one.weights.data.tobytes() == two.weights.data.tobytes()
    assert one.weights.indices.tobytes() == two.weights.indices.tobytes()
    assert one.tastes.tobytes() == two.tastes.tobytes()


def test_a_system_without_a_ridge_is_a_bug_and_says_so():
    world = World(width=0, content_weight=0.0)
    nobody = Gram(columns=0 * world.pieces.gram.columns, pseudo_users=None)
    pieces = Pieces(**{**vars(world.pieces), "gram": nobody, "penalties": np.zeros(ITEMS)})
    with pytest.raises(Bug, match="14 unknowns"):
        solved([everything()], pieces, keep=5)


def test_parts_joined_are_the_same_solution():
    world = World(width=3, content_weight=0.0)
    first, second = blocks.solve(two_blocks(), world.pieces, keep=ITEMS, pool=Threads(1))
    one = blocks.solution([blocks.joined([first, second])], np.zeros((ITEMS, 3), dtype=np.float32))
    two = world.solved(*two_blocks())
    np.testing.assert_array_equal(one.weights.toarray(), two.weights.toarray())
    np.testing.assert_array_equal(one.tastes, two.tastes)


def test_items_of_no_part_keep_the_tastes_that_were_given_and_pull_nothing():
    world = World(width=3, content_weight=0.0)
    given = np.full((ITEMS, 3), 7, dtype=np.float32)
    [first] = blocks.solve(two_blocks()[:1], world.pieces, keep=ITEMS, pool=Threads(1))
    found = blocks.solution([first], given)
    assert (found.tastes[1::2] == 7).all()
    assert not (found.tastes[::2] == 7).any()
    assert not found.weights.toarray()[:, 1::2].any()
    assert (given == 7).all()
