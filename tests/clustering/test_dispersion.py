import math

import numpy as np
import pytest
from scipy.stats import norm
from sklearn.metrics import calinski_harabasz_score

from kindred.clustering.assignment import assign, sweep
from kindred.clustering.dispersion import bic, calinski_harabasz, davies_bouldin, dispersion
from kindred.clustering.kmeans import fit
from kindred.engine.pool import Threads
from kindred.engine.shards import Local
from kit.blobs import blobs

ONE = Threads(1)
FIGURES = {calinski_harabasz: max, davies_bouldin: min, bic: min}


def spread(rows, centroids):
    return dispersion(sweep(Local([rows]), centroids, pool=ONE), centroids)


def clustered(rows, k):
    return fit(rows, k, rng=np.random.default_rng(0), pool=ONE).centroids


def shifted_blobs():
    """Far from the origin, and the centroids are not their rows' means."""
    made = blobs(5, spread=0.08)
    return made.rows + np.float32(100), made.centres.astype(np.float32) + np.float32(100.05)


def test_calinski_harabasz_is_scikit_learns():
    rows, centroids = shifted_blobs()
    labels, _ = assign(rows, centroids, pool=ONE)
    assert calinski_harabasz(spread(rows, centroids)) == pytest.approx(calinski_harabasz_score(rows, labels), rel=1e-3)


def test_davies_bouldin_is_its_definition():
    rows, centroids = shifted_blobs()
    labels, _ = assign(rows, centroids, pool=ONE)
    means = np.stack([rows[labels == label].mean(axis=0, dtype=np.float64) for label in range(5)])
    s = [np.sqrt(np.square(rows[labels == label] - means[label]).sum(axis=1).mean()) for label in range(5)]
    alike = [max((s[i] + s[j]) / np.linalg.norm(means[i] - means[j]) for j in range(5) if j != i) for i in range(5)]
    assert davies_bouldin(spread(rows, centroids)) == pytest.approx(np.mean(alike), rel=1e-3)


def test_bic_is_the_likelihood_of_a_mixture_and_the_price_of_its_parameters():
    rows, centroids = shifted_blobs()
    labels, _ = assign(rows, centroids, pool=ONE)
    means = np.stack([rows[labels == label].mean(axis=0, dtype=np.float64) for label in range(5)])
    n, d = rows.shape
    deviation = np.sqrt(np.square(rows - means[labels]).sum() / (d * (n - 5)))
    likelihood = norm.logpdf(rows, means[labels], deviation).sum()
    likelihood += sum(math.log((labels == label).mean()) for label in labels)
    expected = 5 * (d + 1) * math.log(n) - 2 * likelihood
    assert bic(spread(rows, centroids)) == pytest.approx(expected, rel=1e-3)


@pytest.mark.parametrize("figure", FIGURES, ids=lambda figure: figure.__name__)
def test_82_the_right_number_of_clusters_is_best(figure):
    """[82] More clusters than there are do not look better."""
    made = blobs(6, spread=0.05)
    figures = {k: figure(spread(made.rows, clustered(made.rows, k))) for k in (3, 6, 12, 24)}
    assert FIGURES[figure](figures, key=figures.__getitem__) == 6


def test_blocks_of_centroids_are_compared_with_all(monkeypatch):
    rows, centroids = shifted_blobs()
    whole = davies_bouldin(spread(rows, centroids))
    monkeypatch.setattr("kindred.clustering.dispersion.BLOCK", 2)
    assert davies_bouldin(spread(rows, centroids)) == pytest.approx(whole, rel=1e-12)


@pytest.mark.parametrize("figure", FIGURES, ids=lambda figure: figure.__name__)
def test_what_has_no_figure_has_none(figure):
    rows = np.float32([[0, 0], [4, 0], [0, 4]])
    single = figure(spread(rows, rows.mean(axis=0, keepdims=True)))
    assert math.isnan(single) or figure is bic
    if figure is not davies_bouldin:
        assert math.isnan(figure(spread(rows, rows)))
        assert math.isnan(figure(spread(np.repeat(rows, 3, axis=0), rows)))


def test_clusters_without_rows_are_not_counted():
    rows, centroids = shifted_blobs()
    more = np.vstack([centroids, np.full((2, rows.shape[1]), 1e3, np.float32)])
    for figure in FIGURES:
        assert figure(spread(rows, more)) == pytest.approx(figure(spread(rows, centroids)), rel=1e-9)
