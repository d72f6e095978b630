"""What is chosen by itself: the default, unless another is clearly better, on data where the answer is known."""

from dataclasses import replace

import numpy as np
import pytest

from kindred.engine.pool import Threads
from kindred.engine.stopping import Heeding, Stopped
from kindred.recommender import tuning
from kindred.recommender.settings import Settings

SETTINGS = Settings(items_per_cluster=12, block=20, width=8)
VIEWERS, EACH, TASTES, ITEMS = 240, 24, 8, 160


def drifting(*, viewers=VIEWERS, moves=True, faithful=1.0, seed=0):
    """Viewers who like one taste, and late move on to another: what comes next is of the newest. If not `faithful`,
    they take anything now and then.
    """
    rng = np.random.default_rng(seed)
    users, items, times = [], [], []
    for viewer in range(viewers):
        first, then = rng.choice(TASTES, 2, replace=False) if moves else (rng.integers(TASTES),) * 2
        for at in range(EACH):
            users.append(viewer)
            taste = first if at < EACH * 2 // 3 else then
            taste = taste if rng.random() < faithful else rng.integers(TASTES)
            items.append(rng.integers(ITEMS // TASTES) * TASTES + taste)
            times.append(at + rng.random())
    return np.array(users, dtype=np.int32), np.array(items, dtype=np.int32), np.array(times)


def chosen(world, *, timed=True, pool=None, settings=SETTINGS, **asked):
    users, items, times = world
    return tuning.choose(
        users,
        items,
        times=times if timed else None,
        content=None,
        settings=settings,
        rng=np.random.default_rng(5),
        pool=pool or Threads(1),
        **asked,
    )


def test_where_tastes_move_on_the_newest_say_most():
    found = chosen(drifting(), ridges=(100.0,), recencies=(0.0, 1.0))
    assert found.recency == 1.0
    assert "ρ, tried on" in found.because[0]
    assert "0 gives way to 1" in found.because[0]


def test_a_default_that_is_best_already_stays():
    found = chosen(drifting(), ridges=(100.0,), recencies=(1.0, 0.0))
    assert found.recency == 1.0
    assert "1 is kept" in found.because[0]


NOISY = drifting(viewers=400, moves=False, faithful=0.6)
UNHELD = replace(SETTINGS, ridge_growth=0.0, block=120)


def test_a_ridge_that_holds_nothing_gives_way_where_there_is_noise():
    assert chosen(NOISY, settings=UNHELD, ridges=(0.01, 300.0), recencies=(1.0,)).ridge == 300.0


def test_equals_are_no_reason_to_change():
    found = chosen(drifting(), ridges=(100.0, 100.0001), recencies=(1.0,))
    assert found.ridge == 100.0
    assert "better by more than noise" in found.because[0]


def test_too_few_viewers_cannot_tell():
    found = chosen(drifting(viewers=tuning.FEWEST_ASKED - 1))
    assert (found.ridge, found.recency) == (tuning.RIDGES[0], tuning.RECENCIES[0])
    assert "could be asked" in found.because[0]


def test_without_times_there_is_no_recency_and_the_ridge_is_chosen_on_viewers_held_out():
    found = chosen(NOISY, timed=False, settings=UNHELD, ridges=(0.01, 300.0))
    assert (found.ridge, found.recency) == (300.0, 0.0)
    assert len(found.because) == 1


def test_what_is_asked_for_is_not_looked_for():
    assert chosen(drifting(), ridges=(7.0,), recencies=(0.3,)) == tuning.Chosen(ridge=7.0, recency=0.3, because=())


@pytest.mark.parametrize("threads", [1, 2])
def test_the_same_data_choose_the_same(threads):
    asked = {"ridges": (100.0, 30.0), "recencies": (1.0, 0.5)}
    assert chosen(drifting(), **asked) == chosen(drifting(), pool=Threads(threads), **asked)


def test_of_many_items_and_viewers_some_stand_for_all(monkeypatch):
    monkeypatch.setattr(tuning, "MOST_ITEMS", 100)
    monkeypatch.setattr(tuning, "MOST_EVENTS", 2_000)
    monkeypatch.setattr(tuning, "MOST_ASKED", 60)
    found = chosen(drifting(viewers=400), ridges=(100.0,), recencies=(0.0, 1.0))
    assert "tried on 60 viewers" in found.because[0]


def test_it_stops_when_asked():
    with pytest.raises(Stopped):
        chosen(drifting(), pool=Heeding(Threads(1), lambda: True))
