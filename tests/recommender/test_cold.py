import numpy as np

from kindred.recommender.cold import fit_map


def test_it_is_the_ridge_regression():
    rng = np.random.default_rng(0)
    content = rng.random((40, 5)).astype(np.float32)
    vectors = rng.normal(size=(40, 3)).astype(np.float32)
    stacked = np.vstack([content, np.sqrt(10) * np.eye(5)]), np.vstack([vectors, np.zeros((5, 3))])
    found = fit_map(content, vectors, ridge=10.0)
    np.testing.assert_allclose(found, np.linalg.lstsq(*stacked)[0], atol=1e-6)
    assert found.dtype == np.float32


def test_metadata_that_says_nothing_promises_nothing():
    vectors = np.ones((10, 3), dtype=np.float32)
    assert not fit_map(np.zeros((10, 2), dtype=np.float32), vectors, ridge=10.0).any()


def test_columns_that_say_the_same_share_the_answer():
    content = np.ones((1000, 2), dtype=np.float32)
    found = fit_map(content, np.full((1000, 1), 4, dtype=np.float32), ridge=10.0)
    np.testing.assert_allclose(found, 2, rtol=0.01)
