import numpy as np
import pytest
from scipy import sparse

from kindred.recommender import positives


def test_the_matrix_holds_one_for_every_pair_however_often_it_occurs():
    users, items = np.array([1, 0, 1, 1], dtype=np.int32), np.array([2, 0, 2, 1], dtype=np.int32)
    x = positives.matrix(users, items, shape=(3, 4))
    assert x.toarray().tolist() == [[1, 0, 0, 0], [0, 1, 1, 0], [0, 0, 0, 0]]
    assert x.dtype == np.float32


def test_weights_fall_with_the_length_of_the_history_and_have_mean_one():
    x = sparse.csr_array(np.tril(np.ones((4, 4), dtype=np.float32), -1))
    found = positives.user_weights(x, damping=0.75)
    assert found[0] == 0
    assert found[1:].mean() == pytest.approx(1)
    np.testing.assert_allclose(found[1:] / found[1], np.array([1, 2, 3]) ** -0.75)


def test_no_damping_weighs_everybody_alike():
    assert positives.user_weights(sparse.csr_array(np.eye(3, dtype=np.float32)), damping=0.0).tolist() == [1, 1, 1]


@pytest.mark.parametrize("interactions", [1, 3, 7, 1000])
def test_shards_are_all_the_rows_in_their_order(interactions):
    x = sparse.csr_array((np.random.default_rng(0).random((30, 9)) < 0.3).astype(np.float32))
    shards = positives.user_shards(x, interactions=interactions)
    np.testing.assert_array_equal(sparse.vstack(shards).toarray(), x.toarray())
    longest = int(np.diff(x.indptr).max())
    assert max(shard.nnz for shard in shards) <= 2 * interactions + longest


def test_rows_are_scaled_in_a_copy():
    x = sparse.csr_array(np.eye(2, dtype=np.float32))
    assert positives.scale_rows(x, np.array([2.0, 3.0])).toarray().tolist() == [[2, 0], [0, 3]]
    assert x.toarray().tolist() == [[1, 0], [0, 1]]
