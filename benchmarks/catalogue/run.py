"""A catalogue without viewers: how well do metadata recommend? The ensemble beside what tutorials do with k-means."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sklearn.cluster import KMeans

from kindred.data import pantry
from kindred.data.positives import positive_from
from kindred.desk import catalogue
from kindred.desk.columns import Numeric
from kindred.engine.pool import Threads
from kindred.recommender import ensemble_fit, metrics, scorer
from kindred.recommender.clusters import unit_rows
from kindred.recommender.ensemble import VOTES_POWER, Judges
from kindred.recommender.positives import matrix

SAMPLE = Path(__file__).parents[2] / "sample"
SPLITS = 5
LEAST = 5
TOLD = 0.8
SIZES = (4, 8, 16, 32, 64, 128)
"""Clusters that the naive way may have: it gets those that turn out best."""
MEASURES = {"NDCG@100": (metrics.ndcg, 100), "recall@20": (metrics.recall, 20)}

PAGE = """\
# A catalogue alone, {name}

{items:,} items with genres and years; {users:,} viewers and their {positives:,} likings, of which no model sees any.
{splits} times half of the viewers, those with at least {least} likings, are asked about: {told:.0%} of what one likes
is the history, the rest is to be found among all items. The other half are there for their votes alone: in the first
table a model knows how many there are for each item, as IMDb tells them, in the second nothing at all.

{tables}

*k-means, naive* clusters the genres and the year, and gives the share of the history that lies in an item's cluster
times its votes, by lot where that is equal; of {sizes} clusters it has in each split
the number that turned out best there. *Cosine* is that of the item's metadata with the history's, times votes to the
power that the ensemble has them to, {power}. Means ± standard deviations over the splits.
"""

Score = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True, kw_only=True)
class World:
    """x csr (viewers, items) of ones; content float32 (items, f) as `train` has it where there is nothing else;
    plain float64 (items, g): genres, and the year to mean 0 and deviation 1, as a tutorial has them."""

    x: object
    content: np.ndarray
    plain: np.ndarray


def run(*, data: Path, results: Path) -> None:
    """Write `catalogue-<name>.md` into results, of the sample and, where there is one, of the folder."""
    worlds = {"the sample": {"interactions": SAMPLE / "interactions", "items": SAMPLE / "items"}}
    if data.is_dir():
        worlds[data.name] = {"train": data}
    results.mkdir(exist_ok=True)
    for name, channels in worlds.items():
        page = _page(name, read(channels))
        (results / f"catalogue-{name.rpartition(' ')[2]}.md").write_text(page, encoding="utf-8")
        print(page)


def read(channels: Mapping[str, Path]) -> World:
    """Read a catalogue and, to ask about, who liked what of it. Raises UserError."""
    goods = pantry.read(channels)
    events, about = goods.interactions, catalogue.alone(catalogue.described(goods.catalogue))
    least = positive_from(events.ratings).at_least
    liked = np.ones(len(events.items), dtype=bool) if least is None else events.ratings >= least
    genres = (about.features[:, : len(about.groups[0].values)] > 0).astype(np.float64)
    year = about.columns["year"]
    assert isinstance(year, Numeric)
    away = np.nan_to_num((year.numbers - np.nanmean(year.numbers)) / np.nanstd(year.numbers))
    x = matrix(events.users[liked], events.items[liked], shape=(len(events.user_ids), len(goods.catalogue.ids)))
    return World(x=x, content=about.features, plain=np.column_stack([genres, away]))


def _page(name: str, world: World) -> str:
    found = [once(world, seed=seed) for seed in range(SPLITS)]
    tables = "\n\n".join(_table(title, [one[title] for one in found]) for title in found[0])
    shape = world.x.shape
    numbers = {"users": shape[0], "items": shape[1], "positives": world.x.nnz, "splits": SPLITS, "least": LEAST}
    sizes = f"{', '.join(map(str, SIZES[:-1]))} or {SIZES[-1]}"
    return PAGE.format(name=name, tables=tables, told=TOLD, sizes=sizes, power=VOTES_POWER, **numbers)


def _table(title: str, found: list[dict[str, list[float]]]) -> str:
    rows = [f"| {way} | {' | '.join(_cells([one[way] for one in found]))} |" for way in found[0]]
    return "\n".join([f"| {title} | {' | '.join(MEASURES)} |", "|---|" + "--:|" * len(MEASURES), *rows])


def _cells(found: list[list[float]]) -> list[str]:
    return [f"{np.mean(each):.3f} ± {np.std(each):.3f}" for each in zip(*found, strict=True)]


def once(world: World, *, seed: int) -> dict[str, dict[str, list[float]]]:
    """Return the figures of MEASURES of each way, with the others' votes and without any."""
    rng = np.random.default_rng(seed)
    order = rng.permutation(world.x.shape[0])
    voting, rest = order[: len(order) // 2], order[len(order) // 2 :]
    lists = [rng.permutation(world.x[[viewer]].indices) for viewer in rest]
    lists = [one for one in lists if len(one) >= LEAST]
    histories = [one[: int(TOLD * len(one))].astype(np.int64) for one in lists]
    targets = [one[int(TOLD * len(one)) :] for one in lists]
    votes = np.asarray(world.x[voting].sum(axis=0), dtype=np.float64).ravel()
    labels = [KMeans(min(k, len(votes)), n_init=3, random_state=seed).fit_predict(world.plain) for k in SIZES]
    lots = rng.random(len(votes))

    def figures(score: Score) -> list[float]:
        ranked = np.stack([_first(score(one), one, lots) for one in histories])
        return [float(figure(ranked, targets, k=k).mean()) for figure, k in MEASURES.values()]

    def ways(known: np.ndarray) -> dict[str, list[float]]:
        naive = [figures(_naive(one, known)) for one in labels]
        return {
            "Kindred, the ensemble": figures(_ensemble(world, known)),
            "k-means, naive": [max(each) for each in zip(*naive, strict=True)],
            "cosine": figures(_cosine(world, known)),
            "votes alone": figures(lambda _: known),
        }

    without = ways(np.zeros_like(votes))
    without["by lot"] = without.pop("votes alone")
    return {"votes known": ways(votes), "no votes": without}


def _first(scores: np.ndarray, seen: np.ndarray, lots: np.ndarray) -> np.ndarray:
    scores = scores.astype(np.float64)
    scores[seen] = -np.inf
    return np.lexsort((lots, -scores))[: max(k for _, k in MEASURES.values())]


def _ensemble(world: World, votes: np.ndarray) -> Score:
    given, rng = votes.astype(np.float32), np.random.default_rng(0)
    judges = Judges(ensemble_fit.fit(world.content, given, popularity=given, rng=rng, pool=Threads(1)))
    everything = np.arange(len(votes))
    return lambda one: judges.scores(scorer.history(one, recency=0.0), everything)


def _naive(labels: np.ndarray, votes: np.ndarray) -> Score:
    counts = votes if votes.any() else np.ones(len(votes))
    return lambda one: np.bincount(labels[one], minlength=labels.max() + 1)[labels] / len(one) * counts


def _cosine(world: World, votes: np.ndarray) -> Score:
    units = unit_rows(world.content).astype(np.float64)
    prior = (votes + 1.0) ** VOTES_POWER
    return lambda one: units @ units[one].sum(axis=0) * prior
