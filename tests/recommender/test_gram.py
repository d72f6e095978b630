"""Products of the Gram matrix against the matrix itself."""

import numpy as np
import pytest
from scipy import sparse

from kindred.engine.pool import Threads
from kindred.recommender import gram
from kindred.recommender.positives import scale_rows, user_shards

USERS, ITEMS = 50, 12


@pytest.fixture(params=[False, True], ids=["viewers", "viewers and metadata"])
def world(request):
    rng = np.random.default_rng(0)
    x = (rng.random((USERS, ITEMS)) < 0.3).astype(np.float32)
    x[:, 3] = 0
    weights = rng.uniform(0.5, 2, USERS)
    content = rng.random((ITEMS, 4)).astype(np.float32) if request.param else None
    dense = x.T * weights @ x + (5 * content @ content.T if content is not None else 0)
    return sparse.csr_array(x), weights, content, dense


def made(world):
    x, weights, content, _ = world
    return gram.gram(x, weights, content=content, content_weight=5.0)


def test_the_diagonal(world):
    np.testing.assert_allclose(made(world).diagonal, np.diag(world[3]), rtol=1e-6)


@pytest.mark.parametrize("numbers", [[0], [3], [7, 2, 3, 11], list(range(ITEMS))])
def test_a_block_is_its_part_of_the_matrix(world, numbers):
    found = made(world).block(np.array(numbers))
    np.testing.assert_allclose(found, world[3][np.ix_(numbers, numbers)], rtol=1e-6, atol=1e-12)
    assert found.dtype == np.float64


@pytest.mark.parametrize("interactions", [10_000, 30])
def test_times_is_the_product_however_the_users_are_cut(world, interactions):
    x, weights, _, dense = world
    profiles = np.random.default_rng(1).normal(size=(ITEMS, 3)).astype(np.float32)
    shards = user_shards(scale_rows(x, np.sqrt(weights)), interactions=interactions)
    found = gram.times(made(world), shards, profiles, pool=Threads(2))
    np.testing.assert_allclose(found, dense @ profiles, rtol=1e-4, atol=1e-4)


def test_a_million_viewers_of_one_item_are_all_counted():
    # float32 sums of many small numbers lose the last of them
    users = 1_000_000
    x = sparse.csr_array(np.ones((users, 1), dtype=np.float32))
    found = gram.gram(x, np.full(users, 0.3), content=None, content_weight=0.0)
    assert found.block(np.array([0]))[0, 0] == pytest.approx(0.3 * users, rel=1e-6)
    assert found.diagonal[0] == pytest.approx(0.3 * users, rel=1e-6)
