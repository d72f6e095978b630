"""What could be reached among cold items by somebody who knows how a generated world was made.

Who has not seen votes cannot tell a cold hit from a cold flop, and has to guess a viewer's tastes from the history. The
best guess knows all the rest: the law by which viewers choose, how far tastes spread, and of the warm items the
popularity and what no metadata tells.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

STEPS = 12
FURTHEST = 1.0
"""No coordinate moves farther in a step."""
LEAST_RATE, MOST_RATE = 1e-12, 500.0

TOLD = """
The oracles know the generator. *Tastes guessed* is told the histories alone, as we are, and takes the most probable
tastes under the generator's own law, told of the warm items the popularity and what no metadata tells: more than any
model can hope for without votes. *Tastes known* need not guess. *Popularity* is that of the cold items, which only
votes could tell.
"""


@dataclass(frozen=True, kw_only=True)
class Laws:
    """A viewer takes the items first by log popularity + tastes · content + further · hidden + Gumbel noise.

    popularity float64 (items,); tastes float64 (users, f), normal with deviation `spread`; hidden float64 (items, h):
    what no metadata tells, liked with normal weights of deviation `untold`.
    """

    popularity: np.ndarray
    tastes: np.ndarray
    spread: float
    hidden: np.ndarray
    untold: float


def bounds(
    laws: Laws, content: np.ndarray, *, asked: np.ndarray, histories: Sequence[np.ndarray], numbers: np.ndarray
) -> dict[str, np.ndarray]:
    """Return scores float64 (asked, cold) of the cold items `numbers`, for each thing that an oracle may know."""
    chances, rows = np.log(laws.popularity), content[numbers].T.astype(np.float64)
    guessed = np.stack([_guessed(laws, content, numbers, one) for one in histories])
    known = laws.tastes[asked] @ rows
    return {
        "oracle, tastes guessed": guessed @ rows,
        "oracle, tastes known": known,
        "oracle, tastes and popularity known": known + chances[numbers],
    }


def _guessed(laws: Laws, content: np.ndarray, cold: np.ndarray, history: np.ndarray) -> np.ndarray:
    """The mode of a viewer's tastes given the history, float64 (f,), by Newton's method.

    What is among the first with Gumbel noise is what passes a bar: with probability 1 − exp(−exp(logit − bar)).
    """
    items, features = content.shape
    rows = np.hstack([content, laws.hidden, np.ones((items, 1))]).astype(np.float64)
    chosen, warm = np.zeros(items, dtype=bool), np.ones(items, dtype=bool)
    chosen[history], warm[cold] = True, False
    rows, chosen, chances = rows[warm], chosen[warm], np.log(laws.popularity)[warm]
    precisions = np.repeat([_precision(laws.spread), _precision(laws.untold), 0.0], [features, laws.hidden.shape[1], 1])
    found = np.zeros(rows.shape[1])
    found[-1] = np.log(len(history) / laws.popularity.sum())
    for _ in range(STEPS):
        rates = np.clip(np.exp(rows @ found + chances), LEAST_RATE, MOST_RATE)
        odds = rates / np.expm1(rates)
        slope = rows.T @ np.where(chosen, odds, -rates) - precisions * found
        bends = np.where(chosen, odds * (rates / -np.expm1(-rates) - 1), rates)
        step = np.linalg.solve((rows.T * bends) @ rows + np.diag(precisions) + 1e-9 * np.eye(len(found)), slope)
        found += step * min(1.0, FURTHEST / max(np.abs(step).max(), 1e-12))
    return found[:features]


def _precision(spread: float) -> float:
    return 1 / max(spread, 1e-6) ** 2
