import numpy as np
import pytest

from kindred.clustering.ladder import RUNGS, choose
from kindred.engine.pool import Threads
from kit.blobs import blobs


def chosen(rows, *, threads=1, **settings):
    return choose(rows, rng=np.random.default_rng(0), pool=Threads(threads), **settings)


@pytest.mark.parametrize("k", [2, 3, 7, 12])
def test_the_number_of_blobs_is_found_on_a_rung_and_between_two(k):
    choice = chosen(blobs(k, each=40).rows)
    assert choice.k == k
    assert max(choice.silhouettes, key=choice.silhouettes.__getitem__) == k
    assert list(choice.silhouettes) == sorted(choice.silhouettes)


def test_there_are_at_least_two_rows_for_a_cluster():
    assert max(chosen(blobs(3, each=3).rows).silhouettes) <= 4
    assert (chosen(blobs(3, each=1).rows).k, chosen(blobs(3, each=1).rows).silhouettes) == (1, {})


def test_no_more_than_the_rows_that_differ():
    rows = np.repeat(np.eye(3, dtype=np.float32), 20, axis=0)
    assert chosen(rows).k == 3


def test_told_to_stop_it_takes_the_best_of_what_it_has():
    assert list(chosen(blobs(3).rows, stopped=lambda: True).silhouettes) == [RUNGS[0]]


@pytest.mark.slow
def test_threads_do_not_change_the_choice():
    rows = np.random.default_rng(0).normal(size=(400, 5)).astype(np.float32)
    assert chosen(rows) == chosen(rows, threads=2)
