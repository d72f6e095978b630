"""Similar items, judged by who chose both: ours beside item-kNN's cosine and popularity, on viewers held out whole."""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from benchmarks.quality import films
from kindred.engine.pool import Threads
from kindred.recommender import protocols
from kindred.recommender.fit import fit
from kindred.recommender.positives import matrix
from kindred.recommender.ranking import Ranker
from kindred.recommender.settings import Settings

SEEDS = 3
HELD_OUT = 0.3
N = 10
SHRINK = 5
FEWEST = 5
"""Items are asked about that so many of the viewers held out chose."""

Nearest = Callable[[int], np.ndarray]


def run(*, data: Path, results: Path) -> None:
    """Write `similar-<folder>.md` into results; say so in one line where the data is absent."""
    if not data.is_dir():
        print(f"similar: skipped, there is no folder {data}")
        return
    liked = films.read(data)
    found = [once(liked, seed=seed) for seed in range(SEEDS)]
    lines = [f"{name} | {_cell(found, name, 0)} | {_cell(found, name, 1)}" for name in found[0]]
    page = (
        f"# Similar items, {data.name}\n\n{liked.read}. {SEEDS} splits; of the viewers held out who chose an item, the "
        f"share who chose each of its {N} neighbours too, over items with at least {FEWEST} such viewers. *Plain* "
        "rewards what everybody chose; *by lift* divides by the root of a neighbour's popularity.\n\n"
        "| | plain | by lift |\n|---|--:|--:|\n" + "".join(f"| {line} |\n" for line in lines)
    )
    results.mkdir(exist_ok=True)
    (results / f"similar-{data.name}.md").write_text(page, encoding="utf-8")
    print(page)


def _cell(found: list[dict[str, tuple[float, float]]], name: str, at: int) -> str:
    figures = [one[name][at] for one in found]
    return f"{np.mean(figures):.4f} ± {np.std(figures):.4f}"


def once(liked: films.Films, *, seed: int) -> dict[str, tuple[float, float]]:
    """Return, for each way to find neighbours, the plain figure and the one by lift."""
    rng = np.random.default_rng(seed)
    everybody = np.unique(liked.users)
    heldout = int(HELD_OUT * (np.bincount(liked.users) >= FEWEST).sum())
    assert heldout < len(everybody)
    split = protocols.strong(liked.users, liked.items, times=liked.times, heldout=heldout, rng=rng)
    x = matrix(split.train.users, split.train.items, shape=(len(split.users), len(split.items)))
    model = fit(x, content=liked.content[split.items], settings=Settings(), rng=rng, pool=Threads(1))
    rest = [np.concatenate(both) for both in zip(split.histories, split.targets, strict=True)]
    shape = (len(rest), len(split.items))
    users = np.repeat(np.arange(len(rest)), [len(one) for one in rest]).astype(np.int32)
    chosen = matrix(users, np.concatenate(rest).astype(np.int32), shape=shape)
    counts = np.asarray(x.sum(axis=0)).ravel()
    return {name: judged(chosen, counts, nearest) for name, nearest in _ways(Ranker(model), x, counts).items()}


def _ways(ranker: Ranker, x: object, counts: np.ndarray) -> dict[str, Nearest]:
    everything = np.arange(len(counts))
    together = (x.T @ x).tocsr()
    lengths = np.sqrt(np.maximum(counts, 1))

    def best(scores: np.ndarray, item: int) -> np.ndarray:
        scores = np.asarray(scores, dtype=np.float64)
        scores[item] = -np.inf
        return np.argsort(-scores, kind="stable")[:N]

    def cosine(item: int, *, shrink: float) -> np.ndarray:
        return together[[item]].toarray().ravel() / (lengths * lengths[item] + shrink)

    return {
        "Kindred": lambda item: best(ranker.similar(item, everything), item),
        "item-kNN, cosine": lambda item: best(cosine(item, shrink=0.0), item),
        f"item-kNN, cosine shrunk by {SHRINK}": lambda item: best(cosine(item, shrink=SHRINK), item),
        "popularity": lambda item: best(counts.copy(), item),
    }


def judged(chosen: object, counts: np.ndarray, nearest: Nearest) -> tuple[float, float]:
    """Return how many of an item's viewers chose its neighbours, macro over items: plain and by lift.

    chosen: csr (viewers, items) of ones, of viewers that no model saw; counts (items,): popularity in training.
    """
    together = (chosen.T @ chosen).tocsr()
    viewers = together.diagonal()
    mean = counts.mean()
    plain, lifted = [], []
    for item in np.flatnonzero(viewers >= FEWEST).tolist():
        near = nearest(item)
        shares = together[[item]].toarray().ravel()[near] / viewers[item]
        plain.append(shares.mean())
        lifted.append((shares * np.sqrt(mean / np.maximum(counts[near], 1))).mean())
    return float(np.mean(plain)), float(np.mean(lifted))
