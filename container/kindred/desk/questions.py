"""The channel `test` as questions: what users known from training went on to like."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kindred.data.values import Pantry
from kindred.desk.evidence import Liked
from kindred.desk.stock import Stock
from kindred.errors import UserError
from kindred.recommender.protocols import Positives, Split
from kindred.recommender.typing import Doubles, Numbers


def questions(learnt: Pantry, liked: Liked, *, test: Pantry, test_liked: Liked) -> Split:
    """Return a split by the numbers of training: everything learnt is the history, the test's likings the targets.

    Asked is who has both; what was liked before is no target, nor is an item that training does not know.
    """
    return _split(
        _Known(ids=learnt.catalogue.ids, user_ids=learnt.interactions.user_ids, users=liked.users, items=liked.items),
        test,
        test_liked,
        times=np.zeros(len(liked.items)) if liked.times is None else liked.times,
    )


def of_model(stock: Stock, test: Pantry, test_liked: Liked) -> Split:
    """Return the same of a model that keeps its users' histories. Raises UserError where it keeps none."""
    if stock.users is None:
        raise UserError("this model keeps no users (store_users=false), so nobody in the test is known to it")
    users = np.repeat(np.arange(len(stock.users.ids), dtype=np.int32), np.diff(stock.users.starts))
    met = np.asarray(stock.users.items)
    kept = np.asarray(stock.users.liked)
    known = _Known(
        ids=stock.ids.many(np.arange(len(stock.ids))),
        user_ids=stock.users.ids.many(np.arange(len(stock.users.ids))),
        users=users[kept],
        items=met[kept],
    )
    return _split(known, test, test_liked, times=np.zeros(int(kept.sum())))


@dataclass(frozen=True, kw_only=True, eq=False)
class _Known:
    """Ids by number, and who liked what, one entry an event, a user's oldest first: users, items int32."""

    ids: Sequence[str]
    user_ids: Sequence[str]
    users: Numbers
    items: Numbers


def _split(known: _Known, test: Pantry, test_liked: Liked, *, times: Doubles) -> Split:
    items = _renumbered(test.catalogue.ids, known.ids)[test_liked.items]
    users = _renumbered(test.interactions.user_ids, known.user_ids)[test_liked.users]
    both = (items >= 0) & (users >= 0)
    wanted = _lists(users[both], items[both])
    met = _lists(known.users, known.items)
    targets = {user: np.setdiff1d(wanted[user], met[user]) for user in sorted(wanted) if user in met}
    asked = [user for user, one in targets.items() if len(one)]
    return Split(
        train=Positives(users=known.users, items=known.items, times=times),
        users=np.arange(len(known.user_ids), dtype=np.int32),
        items=np.arange(len(known.ids), dtype=np.int32),
        asked=np.array(asked, dtype=np.int32),
        histories=tuple(met[user] for user in asked),
        targets=tuple(targets[user] for user in asked),
        unknown=int((~both).sum()),
    )


def _renumbered(ids: Sequence[str], known: Sequence[str]) -> NDArray[np.int32]:
    numbers = {one: number for number, one in enumerate(known)}
    return np.array([numbers.get(one, -1) for one in ids], dtype=np.int32)


def _lists(users: Numbers, items: Numbers) -> dict[int, Numbers]:
    """Each user's items, in the order in which they stand."""
    order = np.argsort(users, kind="stable")
    found, starts = np.unique(users[order], return_index=True)
    return dict(zip(found.tolist(), np.split(items[order], starts)[1:], strict=True))
