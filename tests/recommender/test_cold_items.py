"""Items that nobody in training met, where tastes are for what metadata tells: they find their viewers."""

import numpy as np
import pytest
from benchmarks.cold import run

pytestmark = pytest.mark.slow


def test_cold_items_are_ranked_by_what_their_metadata_promises():
    world = run.generated(np.random.default_rng(0), users=1_200, items=1_200, told=4.0, untold=0.5)
    found = run.once(world, seed=0)
    assert found["Kindred, cold"] > 0.30
    assert found["Kindred, cold"] > found["cosine of the content"]
    assert found["Kindred, cold"] > 2.5 * found["chance"]


def test_who_knows_more_of_how_a_world_was_made_finds_more():
    world = run.generated(np.random.default_rng(0), users=1_200, items=1_200, told=4.0, untold=0.5)
    found = run.once(world, seed=0)
    assert found["Kindred, cold"] < found["oracle, tastes guessed"] < found["oracle, tastes known"]
    assert found["oracle, tastes known"] < found["oracle, tastes and popularity known"]


def test_metadata_that_says_nothing_brings_no_more_than_chance():
    world = run.generated(np.random.default_rng(0), users=600, items=800, told=0.0, untold=1.0)
    found = run.once(world, seed=0)
    assert found["Kindred, cold"] < 1.5 * found["chance"]
