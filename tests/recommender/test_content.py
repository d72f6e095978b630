import numpy as np

from kindred.recommender.content import Group, features


def group(*items, size, weight):
    return Group(
        codes=np.array([code for codes in items for code in codes], dtype=np.int32),
        offsets=np.cumsum([0, *map(len, items)]),
        size=size,
        weight=weight,
    )


def test_each_group_has_the_length_of_its_weight_beside_the_others():
    genres = group([0, 2], [], [1], size=3, weight=1.0)
    decade = group([0], [1], [], size=2, weight=0.5)
    half = 2**-0.5
    expected = [[half, 0, half, 0.5, 0], [0, 0, 0, 0, 0.5], [0, 1, 0, 0, 0]]
    found = features([genres, decade])
    np.testing.assert_allclose(found, expected, rtol=1e-6)
    assert found.dtype == np.float32


def test_a_value_that_is_named_twice_counts_once():
    np.testing.assert_allclose(features([group([1, 1, 0], size=2, weight=1.0)]), [[2**-0.5, 2**-0.5]], rtol=1e-6)


def test_no_items_have_no_rows():
    assert features([group(size=4, weight=1.0)]).shape == (0, 4)
