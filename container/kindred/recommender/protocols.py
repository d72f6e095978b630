"""Three ways to hide positives from a model and ask for them back.

Every function takes equally long columns of positive events: users and items int32, times float64, larger is later
(row numbers will do where no time is known, but not for `global_time`). Rows may come in any order; events of one user
at one time keep the order of the rows. The split numbers users and items anew, by what its training part holds alone.

A chronological split per user with the rest of everybody else's time in training leaks the future: `next_item` does
so by design, and compares models; `global_time` is the honest figure.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from kindred.errors import UserError

Numbers = NDArray[np.int32]
Times = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Positives:
    """Distinct user–item pairs, ascending by user, each user's oldest first. Three columns: int32, int32, float64."""

    users: Numbers
    items: Numbers
    times: Times


@dataclass(frozen=True, kw_only=True)
class Split:
    """What a model may learn from, and the questions it is then asked.

    train:     its `users` are dense numbers into `users`, its `items` dense numbers into `items`.
    users:     int32, the caller's number of every training user; `items` the same of every item with a training event.
    asked:     int32, the caller's number of every user who is asked about; one history and one target array for each.
    histories: int32 item numbers of this split, oldest first; empty for a user who is new.
    targets:   int32 item numbers of this split, none of them in the history, at least one.
    unknown:   how many held-out events name an item that training does not hold; no model could hit them, so they are
               no targets (and in `strong` no history either).
    """

    train: Positives
    users: Numbers
    items: Numbers
    asked: Numbers
    histories: tuple[Numbers, ...]
    targets: tuple[Numbers, ...]
    unknown: int

    @property
    def returning(self) -> NDArray[np.bool_]:
        """Which of the users asked about have a history, bool (asked,)."""
        return np.array([len(one) > 0 for one in self.histories], dtype=np.bool_)


def strong(
    users: Numbers,
    items: Numbers,
    *,
    times: Times,
    heldout: int,
    rng: np.random.Generator,
    least: int = 5,
    target_share: float = 0.2,
) -> Split:
    """P1, strong generalisation (Liang et al. 2018): `heldout` random users are hidden entirely.

    Only users with `least` distinct items take part. Of a hidden user's items a random `target_share`, rounded down but
    at least one, are targets; the rest is the history. Raises UserError unless a user is left to train on.
    """
    events = _distinct(users, items, times)
    counts = np.bincount(events.users)
    eligible = np.flatnonzero(counts >= least)
    if not 0 < heldout < len(eligible):
        few = f"{len(eligible)} users have at least {least} positive items"
        raise UserError(f"{few}: {heldout} of them cannot be hidden, with one left to learn from")
    hidden = rng.choice(eligible, size=heldout, replace=False)
    of_hidden = np.isin(events.users, hidden)
    asked = _rows(events, of_hidden)
    wanted = np.maximum(1, np.floor(counts * target_share + 1e-9))[asked.users]
    is_target = _places(asked.users, rng.random(len(asked.users))) < wanted
    train = _rows(events, np.isin(events.users, eligible) & ~of_hidden)
    return _split(train, history=_rows(asked, ~is_target), target=_rows(asked, is_target))


def next_item(users: Numbers, items: Numbers, *, times: Times, least: int = 2) -> Split:
    """P2: the last positive of every user with `least` distinct items is the target, all before it the history.

    An item seen twice counts where it was seen last. Users with fewer items only train. Raises UserError when there is
    nobody to ask about.
    """
    events = _distinct(users, items, times)
    asked = np.bincount(events.users)[events.users] >= max(least, 2)
    if not asked.any():
        raise UserError(f"no user has {max(least, 2)} different positive items, so there is no next item to ask for")
    last = asked & np.append(events.users[1:] != events.users[:-1], True)
    train = _rows(events, ~last)
    return _split(train, history=_rows(events, asked & ~last), target=_rows(events, last))


def global_time(users: Numbers, items: Numbers, *, times: Times, test_share: float = 0.1) -> Split:
    """P3: all events after one moment are the test, so that no model sees any user's future.

    The last `test_share` of the events in order of time is the test; events at the moment of the cut stay in training
    together. Everybody with an event in the test is asked about; an item of the user's history is no target. Raises
    UserError when all times are equal.
    """
    if not len(times) or times.min() == times.max():
        raise UserError("the positive events all happened at the same time, so there is no later part to test on")
    last = max(1, int(len(times) * (1 - test_share))) - 1
    moment = np.partition(times, last)[last]
    past = times <= (moment if moment < times.max() else times[times < moment].max())
    train = _distinct(users[past], items[past], times[past])
    test = _distinct(users[~past], items[~past], times[~past])
    theirs = _rows(train, _among(test.users, train.users))
    seen = np.isin(_pairs(test), _pairs(theirs), kind="sort")
    return _split(train, history=theirs, target=_rows(test, ~seen))


def of_returning(split: Split) -> Split:
    """Return the same split, asking only about users who have a history."""
    kept = np.flatnonzero(split.returning)
    return replace(
        split,
        asked=split.asked[kept],
        histories=tuple(split.histories[i] for i in kept),
        targets=tuple(split.targets[i] for i in kept),
    )


def _split(train: Positives, *, history: Positives, target: Positives) -> Split:
    users, items = occurring(train.users), occurring(train.items)
    known = _among(items, target.items)
    history = _rows(history, _among(items, history.items))
    target = _rows(target, known)
    asked = occurring(target.users)
    return Split(
        train=Positives(users=_number(train.users, users), items=_number(train.items, items), times=train.times),
        users=users,
        items=items,
        asked=asked,
        histories=_lists(history, asked, items),
        targets=_lists(target, asked, items),
        unknown=int((~known).sum()),
    )


def _lists(events: Positives, asked: Numbers, items: Numbers) -> tuple[Numbers, ...]:
    starts = np.searchsorted(events.users, asked, side="left")
    ends = np.searchsorted(events.users, asked, side="right")
    numbers = _number(events.items, items)
    return tuple(numbers[start:end] for start, end in zip(starts, ends, strict=True))


def _number(values: Numbers, known: Numbers) -> Numbers:
    """The place of each value among the known, ascending, of which it is one."""
    places = np.zeros(int(known.max(initial=-1)) + 1, dtype=np.int32)
    places[known] = np.arange(len(known), dtype=np.int32)
    return places[values]


def occurring(values: Numbers) -> Numbers:
    """Return the distinct values, ≥ 0, int32, ascending: by counting, which takes a fraction of what sorting does."""
    return np.flatnonzero(np.bincount(values)).astype(np.int32)


def _among(known: Numbers, values: Numbers) -> NDArray[np.bool_]:
    """Which of the values are known."""
    most = max(int(known.max(initial=-1)), int(values.max(initial=-1)))
    marked = np.zeros(most + 1, dtype=np.bool_)
    marked[known] = True
    return marked[values]


def _distinct(users: Numbers, items: Numbers, times: Times) -> Positives:
    order = np.lexsort((times, users))
    events = Positives(users=users[order], items=items[order], times=times[order])
    pairs = _pairs(events)
    by_pair = np.argsort(pairs, kind="stable")
    ordered = pairs[by_pair]
    last = np.append(ordered[1:] != ordered[:-1], True)
    return _rows(events, np.sort(by_pair[last]))


def _pairs(events: Positives) -> NDArray[np.int64]:
    return events.users.astype(np.int64) << 32 | events.items.astype(np.int64)


def _rows(events: Positives, rows: NDArray[np.bool_] | NDArray[np.int64]) -> Positives:
    return Positives(users=events.users[rows], items=events.items[rows], times=events.times[rows])


def _places(users: Numbers, keys: Times) -> NDArray[np.int64]:
    """Return each row's place, from 0, among the rows of its user in order of the keys; users ascending."""
    order = np.lexsort((keys, users))
    starts = np.searchsorted(users, users, side="left")
    places = np.empty(len(users), dtype=np.int64)
    places[order] = np.arange(len(users)) - starts
    return places
