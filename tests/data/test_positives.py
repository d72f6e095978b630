"""What counts as liking, from the ratings alone."""

import numpy as np
import pytest

from kindred.data.positives import positive_from
from kindred.errors import UserError

SCALES = {
    "thumbs": ([0, 1, 1, 0], 1),
    "thumbs down": ([-1, 1], 1),
    "half stars": ([0.5, 1, 2.5, 4, 5], 4),
    "stars from zero": ([0, 3, 5], 4),
    "no five given": ([1, 2, 4], 4),
    "of ten": ([1, 5, 7, 10], 7),
    "of ten, no ten given": ([1, 5, 8], 7),
    "the likes of five alone": ([4, 5], 4),
    "the likes of ten alone": ([8, 10, 10], 7),
    "one and five": ([1, 5], 5),
    "four and seven": ([4, 7], 7),
    "ten, and -1 for no grade": ([-1, 3, 10, 8], 7),
    "from -1 on": ([-1, -0.5, 4, 9], 4),
    "disliked, neither, liked": ([-1, 0, 1], 1),
    "plays": ([1, 2, 40], 1),
    "plays with none": ([0, 3, 40], 3),
    "few plays": ([0, 1, 2, 3], 1),
    "purchases": ([1, 1, 1, 2, 1, 5], 1),
    "purchases with none": ([0, 1, 1, 1, 2, 1, 9], 1),
    "one star from many": ([1, 1, 2, 3, 4, 5], 4),
    "half stars, mostly one": ([0.5, 1, 1, 1, 1, 5], 4),
    "seconds": ([0, 12.5, 3600], 12.5),
    "jester": ([-10, -1, 0, 2, 9.75], 2),
    "all alike": ([1, 1, 1], None),
    "none": (None, None),
    "nobody": ([], None),
}


@pytest.mark.parametrize("scale", SCALES)
def test_each_scale_has_its_threshold(scale):
    ratings, at_least = SCALES[scale]
    chosen = positive_from(None if ratings is None else np.array(ratings, dtype=np.float32))
    assert chosen.at_least == at_least
    assert "positive" in chosen.because


@pytest.mark.parametrize("scale", [name for name, (_, at_least) in SCALES.items() if at_least is not None])
def test_a_threshold_parts_the_ratings(scale):
    ratings = np.array(SCALES[scale][0], dtype=np.float32)
    at_least = positive_from(ratings).at_least
    assert at_least is not None
    assert (ratings >= at_least).any()


def test_nothing_above_zero_is_refused():
    with pytest.raises(UserError, match="no rating is positive: they run from -5 to 0"):
        positive_from(np.array([-5, -2, 0], dtype=np.float32))
