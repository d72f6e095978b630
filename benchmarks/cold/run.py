"""Items that nobody in training met: whom would they have pleased? Beside chance, and beside what is alike.

Of a generated world it is known how it was made, so there are upper bounds too.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.cold import oracle
from benchmarks.quality import films
from kindred.engine.pool import Threads
from kindred.recommender import metrics, scorer
from kindred.recommender.clusters import unit_rows
from kindred.recommender.fit import fit
from kindred.recommender.positives import matrix
from kindred.recommender.ranking import Ranker
from kindred.recommender.settings import Settings

SEEDS = 3
COLD = 0.1
K = 20
LEAST = 5


@dataclass(frozen=True, kw_only=True)
class World:
    """Positives users, items int32 (positives,), every pair once; content float32 (items, f).

    laws: how it was made, where that is known.
    """

    users: np.ndarray
    items: np.ndarray
    content: np.ndarray
    laws: oracle.Laws | None = None


def run(*, data: Path, results: Path) -> None:
    """Write `cold-<name>.md` into results, of a generated world and, where there is one, of the folder."""
    worlds = {"generated": generated(np.random.default_rng(0))}
    if data.is_dir():
        liked = films.read(data)
        pairs = np.unique(liked.users.astype(np.int64) << 32 | liked.items)
        users, items = (pairs >> 32).astype(np.int32), (pairs & 0xFFFFFFFF).astype(np.int32)
        worlds[data.name] = World(users=users, items=items, content=liked.content)
    results.mkdir(exist_ok=True)
    for name, world in worlds.items():
        found = [once(world, seed=seed) for seed in range(SEEDS)]
        lines = "".join(f"| {way} | {_cell([one[way] for one in found])} |\n" for way in found[0])
        page = (
            f"# Cold items, {name}\n\n{len(world.users):,} positives on {len(world.content):,} items. {SEEDS} times a "
            f"random tenth of the items is hidden from training but for its metadata; recall@{K} of what each viewer "
            f"likes among the hidden items alone.\n\n| | recall@{K} |\n|---|--:|\n{lines}"
        )
        page += oracle.TOLD if world.laws else ""
        (results / f"cold-{name}.md").write_text(page, encoding="utf-8")
        print(page)


def _cell(figures: list[float]) -> str:
    return f"{np.mean(figures):.3f} ± {np.std(figures):.3f}"


def once(world: World, *, seed: int) -> dict[str, float]:
    """Return recall@K among the cold items: at random, by the content's cosine, ours, and ours had it seen them."""
    rng = np.random.default_rng(seed)
    items = len(world.content)
    cold = np.zeros(items, dtype=bool)
    cold[rng.choice(items, int(COLD * items), replace=False)] = True
    hidden = cold[world.items]
    shape = (int(world.users.max()) + 1, items)
    warm = matrix(world.users[~hidden], world.items[~hidden], shape=shape)
    later = matrix(world.users[hidden], world.items[hidden], shape=shape)
    known, wanted = np.diff(warm.indptr), np.diff(later.indptr)
    asked = np.flatnonzero((known >= LEAST) & (wanted > 0))
    numbers = np.flatnonzero(cold)
    targets = [later.indices[later.indptr[user] : later.indptr[user + 1]] for user in asked]
    histories = [warm.indices[warm.indptr[user] : warm.indptr[user + 1]].astype(np.int64) for user in asked]

    def reached(scores) -> float:
        top = np.stack([numbers[np.argsort(-one, kind="stable")[:K]] for one in scores])
        return float(metrics.recall(top, targets, k=K).mean())

    units = unit_rows(world.content)
    ways = {
        "chance": lambda _: rng.random(len(numbers)),
        "cosine of the content": lambda one: units[numbers] @ units[one].sum(axis=0),
        "Kindred, cold": _ours(world, warm, numbers),
        "Kindred, had it seen them": _ours(world, matrix(world.users, world.items, shape=shape), numbers),
    }
    found = {name: reached([score(one) for one in histories]) for name, score in ways.items()}
    if world.laws is None:
        return found
    bounds = oracle.bounds(world.laws, world.content, asked=asked, histories=histories, numbers=numbers)
    return found | {name: reached(scores) for name, scores in bounds.items()}


def _ours(world: World, x, numbers: np.ndarray):
    model = fit(x, content=world.content, settings=Settings(), rng=np.random.default_rng(0), pool=Threads(1))
    ranker = Ranker(model)
    return lambda one: ranker.scores(scorer.history(one, recency=0.0), numbers)


def generated(
    rng: np.random.Generator, *, users: int = 3_000, items: int = 3_500, told: float = 1.6, untold: float = 0.6
) -> World:
    """Return a world of ml-1m's shape: 18 genres and 8 decades, viewers who favour some of them, a few hits.

    What a viewer likes is drawn by popularity × exp(told × taste · kind + untold × taste · what no metadata tells).
    The two strengths were set so that the other rows of the table come near what they are on MovieLens 1M.
    """
    genres = rng.random((items, 18)) < np.array([0.4, 0.3, 0.15, 0.15, *([0.07] * 14)])
    genres[np.arange(items), rng.integers(0, 18, items)] = True
    decade = np.eye(8, dtype=bool)[np.minimum(7, rng.geometric(0.35, items) - 1)]
    content = np.hstack([unit_rows(genres.astype(np.float32)), 0.5 * decade.astype(np.float32)])
    hidden = rng.normal(size=(items, 6))
    popularity = rng.permutation(np.arange(1, items + 1) ** -0.9)
    tastes = told * rng.normal(size=(users, 26))
    lengths = np.clip(rng.lognormal(np.log(95) - 0.4, 0.9, users), 15, min(1_000, items // 3)).astype(int)
    found = []
    for user in range(users):
        logits = content @ tastes[user] + untold * hidden @ rng.normal(size=6) + np.log(popularity)
        chosen = np.argpartition(-(logits + rng.gumbel(size=items)), lengths[user])[: lengths[user]]
        found.append(np.sort(chosen))
    return World(
        users=np.repeat(np.arange(users), lengths).astype(np.int32),
        items=np.concatenate(found).astype(np.int32),
        content=content.astype(np.float32),
        laws=oracle.Laws(popularity=popularity, tastes=tastes, spread=told, hidden=hidden, untold=untold),
    )
