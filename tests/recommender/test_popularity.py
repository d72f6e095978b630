import numpy as np
import pytest

from kindred.recommender.popularity import PRIOR_VOTES, scores


def test_without_ratings_it_is_the_logarithm_of_the_votes():
    found = scores(np.array([0.0, 1.0, 99.0]), None)
    np.testing.assert_allclose(found, np.log([1, 2, 100]), rtol=1e-6)
    assert found.dtype == np.float32


def test_ratings_are_drawn_to_the_mean_of_all_where_votes_are_few():
    counts, means = np.array([90.0, 10.0]), np.array([3.0, 5.0])
    overall = 3.2
    expected = np.array([(90 * 3 + 10 * overall) / 100, (10 * 5 + 10 * overall) / 20]) * np.log([91, 11])
    assert PRIOR_VOTES == 10
    np.testing.assert_allclose(scores(counts, means), expected, rtol=1e-6)


def test_one_rapturous_vote_does_not_beat_many_good_ones():
    single, many, poor = scores(np.array([1.0, 200.0, 200.0]), np.array([5.0, 4.5, 1.0]))
    assert many > poor > single


def test_an_item_without_a_rating_has_the_mean():
    found = scores(np.array([50.0, 50.0, 50.0]), np.array([4.0, np.nan, 2.0]))
    assert found[1] == pytest.approx(3 * np.log(51))


@pytest.mark.parametrize("means", [None, np.full(3, np.nan), np.array([np.nan, 4.0, -2.0])])
@pytest.mark.parametrize("counts", [np.zeros(3), np.array([0.0, 1.0, 1e9])])
def test_scores_are_finite_and_never_below_zero(counts, means):
    found = scores(counts, means)
    assert np.isfinite(found).all()
    assert (found >= 0).all()
