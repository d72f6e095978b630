"""Blocks around clusters on a circle, where the nearest is seen by eye."""

import numpy as np
import pytest

from kindred.engine.pool import Threads
from kindred.recommender.neighbourhoods import blocks

DEGREES = np.array([0, 2, 4, 20, 22, 90, 92, 180, 182, 280])
LABELS = np.array([0, 0, 0, 1, 1, 2, 2, 3, 3, 4], dtype=np.int32)


def circle(degrees):
    angles = np.radians(degrees)
    return np.column_stack([np.cos(angles), np.sin(angles)]).astype(np.float32)


def found(size, *, labels=LABELS, threads=1):
    centroids = circle(np.array([2, 21, 91, 181, 280]))
    return blocks(circle(DEGREES), labels, centroids, size=size, pool=Threads(threads))


def test_members_come_first_and_every_item_is_a_member_once():
    for block, k in zip(found(6), range(5), strict=True):
        assert block.members.tolist() == np.flatnonzero(k == LABELS).tolist()
        assert block.numbers[: len(block.members)].tolist() == block.members.tolist()


@pytest.mark.parametrize("size", [3, 5, 10])
def test_blocks_have_the_size_asked_for_without_repeats(size):
    for block in found(size):
        assert len(block.numbers) == len(set(block.numbers.tolist())) == size


def test_the_nearest_outside_items_fill_the_block():
    first, second, third, fourth, fifth = found(5)
    assert first.numbers[3:].tolist() == [3, 4]
    assert second.numbers[2:].tolist() == [2, 1, 0]
    assert third.numbers[2:].tolist() == [4, 3, 2]
    assert fourth.numbers[2:].tolist() == [6, 5, 9]
    assert fifth.numbers[1:].tolist() == [0, 1, 2, 8]


def test_a_block_never_outgrows_the_items_nor_cuts_its_cluster():
    assert [len(block.numbers) for block in found(100)] == [10] * 5
    assert [block.numbers.tolist() for block in found(1)] == [[0, 1, 2], [3, 4], [5, 6], [7, 8], [9]]


def test_a_cluster_without_members_has_no_block():
    labels = np.where(LABELS == 2, 1, LABELS).astype(np.int32)
    members = [block.members.tolist() for block in found(4, labels=labels)]
    assert members == [[0, 1, 2], [3, 4, 5, 6], [7, 8], [9]]


def test_ties_fall_to_the_lower_number():
    rows = circle(np.array([0, 90, 90, 90, 90]))
    labels = np.array([0, 1, 1, 1, 1], dtype=np.int32)
    assert blocks(rows, labels, circle(np.array([0, 90])), size=3, pool=Threads(1))[0].numbers.tolist() == [0, 1, 2]


def test_one_cluster_of_everything_looks_at_nothing_else():
    (block,) = blocks(circle(DEGREES), np.zeros(10, dtype=np.int32), circle([0]), size=50, pool=Threads(1))
    assert block.numbers.tolist() == list(range(10))


def test_the_number_of_threads_changes_nothing():
    assert [block.numbers.tolist() for block in found(6)] == [block.numbers.tolist() for block in found(6, threads=2)]
