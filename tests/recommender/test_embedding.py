"""The sharded randomised decomposition against numpy's."""

import numpy as np
import pytest
from scipy import sparse

from kindred.engine.pool import Threads
from kindred.recommender.embedding import embed, passes_for, stride_for
from kindred.recommender.positives import user_shards


def falling(users, items, *, seed=0):
    """A matrix of known singular values 1, ½, ¼, …"""
    rng = np.random.default_rng(seed)
    left, _ = np.linalg.qr(rng.normal(size=(users, items)))
    right, _ = np.linalg.qr(rng.normal(size=(items, items)))
    return (left * 0.5 ** np.arange(items) @ right.T).astype(np.float32), right


def embedded(matrix, width, *, shards=1, threads=1, power_passes=3, seed=0):
    x = sparse.csr_array(matrix)
    cut = user_shards(x, interactions=max(1, x.nnz // shards))
    assert len(cut) == shards
    rng = np.random.default_rng(seed)
    return embed(cut, width, power_passes=power_passes, rng=rng, pool=Threads(threads))


def test_directions_and_strengths_are_the_leading_singular_pairs():
    matrix, right = falling(90, 40)
    found = embedded(matrix, 6)
    np.testing.assert_allclose(found.strengths, 0.5 ** np.arange(6), rtol=1e-4)
    np.testing.assert_allclose(np.abs(np.einsum("nd,nd->d", found.directions, right[:, :6])), 1, atol=1e-4)


def test_directions_are_orthonormal_and_rows_are_scaled_by_strength():
    found = embedded(falling(90, 40)[0], 6)
    np.testing.assert_allclose(found.directions.T @ found.directions, np.eye(6), atol=1e-10)
    np.testing.assert_allclose(found.rows, found.directions * found.strengths, rtol=1e-6)
    assert found.rows.dtype == np.float32


def test_a_sum_over_shards_is_one_shard_up_to_rounding():
    matrix, _ = falling(90, 40)
    whole, cut = embedded(matrix, 6), embedded(matrix, 6, shards=5)
    np.testing.assert_allclose(cut.strengths, whole.strengths, rtol=1e-5)
    np.testing.assert_allclose(cut.directions, whole.directions, atol=1e-4)


def test_the_number_of_threads_does_not_change_a_bit():
    matrix, _ = falling(90, 40)
    one, two = (embedded(matrix, 6, shards=5, threads=threads) for threads in (1, 2))
    assert one.directions.tobytes() == two.directions.tobytes()
    assert one.strengths.tobytes() == two.strengths.tobytes()


@pytest.mark.parametrize("rank", [1, 3, 9])
def test_no_more_pairs_come_back_than_the_rank(rank):
    rng = np.random.default_rng(rank)
    matrix = (rng.random((200, rank)) < 0.5) @ np.kron(np.eye(rank), np.ones(5))
    found = embedded(matrix.astype(np.float32), 20)
    assert found.directions.shape == (5 * rank, rank)
    np.testing.assert_allclose(found.strengths, np.linalg.svd(matrix)[1][:rank], rtol=1e-4)


@pytest.mark.parametrize("items", [1, 2, 5])
def test_few_items_have_few_pairs(items):
    matrix = np.vstack([np.eye(items), np.triu(np.ones((items, items)))]).astype(np.float32)
    found = embedded(matrix, 64)
    np.testing.assert_allclose(found.strengths, np.linalg.svd(matrix)[1], rtol=1e-5)


def test_every_third_user_finds_the_same_space_where_users_are_many():
    """Low rank, much of it: the power passes over a third of the users, the last over all."""
    rng = np.random.default_rng(0)
    tastes = np.arange(60) % 4
    x = sparse.csr_array((rng.random((3000, 60)) < np.where(tastes == (np.arange(3000) % 4)[:, None], 0.6, 0.02)) * 1.0)
    x = x.astype(np.float32)
    whole, third = (
        embed([x[:1000], x[1000:]], 4, power_passes=2, stride=stride, rng=np.random.default_rng(1), pool=Threads(1))
        for stride in (1, 3)
    )
    np.testing.assert_allclose(third.strengths, whole.strengths, rtol=1e-3)
    np.testing.assert_allclose(third.directions.T @ third.directions, np.eye(4), atol=1e-6)
    assert np.linalg.norm(whole.directions.T @ third.directions) ** 2 > 3.99


def test_of_few_directions_those_that_are_there_come_back_whatever_the_stride():
    x = sparse.csr_array(np.repeat(np.eye(3, dtype=np.float32), 20, axis=0) @ np.ones((3, 30), dtype=np.float32))
    found = embed([x], 8, power_passes=2, stride=3, rng=np.random.default_rng(1), pool=Threads(1))
    assert found.strengths.shape == (1,)
    np.testing.assert_allclose(found.strengths, [60**0.5 * 30**0.5], rtol=1e-5)


@pytest.mark.parametrize(("interactions", "passes", "stride"), [(1, 8, 1), (2_000_000, 8, 1), (2_000_001, 2, 3)])
def test_little_data_is_embedded_exactly(interactions, passes, stride):
    assert (passes_for(interactions), stride_for(interactions)) == (passes, stride)
