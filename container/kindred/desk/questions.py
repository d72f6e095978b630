"""The channel `test` as questions: what users known from training went on to like."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from kindred.data.values import Pantry
from kindred.desk.evidence import Liked
from kindred.recommender.protocols import Positives, Split
from kindred.recommender.typing import Numbers


def questions(learnt: Pantry, liked: Liked, *, test: Pantry, test_liked: Liked) -> Split:
    """Return a split by the numbers of training: everything learnt is the history, the test's likings the targets.

    Asked is who has both; what was liked before is no target, nor is an item that training does not know.
    """
    items = _renumbered(test.catalogue.ids, learnt.catalogue.ids)[test_liked.items]
    users = _renumbered(test.interactions.user_ids, learnt.interactions.user_ids)[test_liked.users]
    known = (items >= 0) & (users >= 0)
    wanted = _lists(users[known], items[known])
    met = _lists(liked.users, liked.items)
    targets = {user: np.setdiff1d(wanted[user], met[user]) for user in sorted(wanted) if user in met}
    asked = [user for user, one in targets.items() if len(one)]
    times = np.zeros(len(liked.items)) if liked.times is None else liked.times
    return Split(
        train=Positives(users=liked.users, items=liked.items, times=times),
        users=np.arange(len(learnt.interactions.user_ids), dtype=np.int32),
        items=np.arange(len(learnt.catalogue.ids), dtype=np.int32),
        asked=np.array(asked, dtype=np.int32),
        histories=tuple(met[user] for user in asked),
        targets=tuple(targets[user] for user in asked),
        unknown=int((~known).sum()),
    )


def _renumbered(ids: Sequence[str], known: Sequence[str]) -> NDArray[np.int32]:
    numbers = {one: number for number, one in enumerate(known)}
    return np.array([numbers.get(one, -1) for one in ids], dtype=np.int32)


def _lists(users: Numbers, items: Numbers) -> dict[int, Numbers]:
    """Each user's items, in the order in which they stand."""
    order = np.argsort(users, kind="stable")
    found, starts = np.unique(users[order], return_index=True)
    return dict(zip(found.tolist(), np.split(items[order], starts)[1:], strict=True))
