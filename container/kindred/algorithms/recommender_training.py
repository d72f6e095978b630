"""The story of training the recommender: read, choose what is positive, hold out and judge, fit, put on the shelf."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version

import numpy as np

from kindred import __version__
from kindred.artefact.manifest import Manifest
from kindred.contract.port import Job, Outcome
from kindred.data import pantry
from kindred.data.positives import positives_from
from kindred.data.values import Interactions, Pantry
from kindred.desk import catalogue, papers, stock
from kindred.desk.catalogue import Described
from kindred.desk.stock import Facts, Goods
from kindred.engine.pool import Threads
from kindred.errors import UserError
from kindred.recommender import ensemble_fit, popularity
from kindred.recommender.ensemble import Ensemble
from kindred.recommender.evaluation import Judgement, judged, popularity_judged
from kindred.recommender.fit import fit, with_popularity
from kindred.recommender.holdout import hold_out
from kindred.recommender.model import Model
from kindred.recommender.positives import matrix
from kindred.recommender.ranking import Ranker
from kindred.recommender.settings import Settings
from kindred.recommender.typing import Doubles, Floats, Numbers

LOGGER = logging.getLogger(__name__)

FEWEST_INTERACTIONS = 1_000
"""Below so many positives the metadata says more than the viewers do, where there is metadata."""

LIBRARIES = ("numpy", "scipy", "scikit-learn", "polars", "safetensors")


@dataclass(frozen=True, kw_only=True)
class Positive:
    """The events that say "liked", oldest first within a user. `floor` is the least rating that does, or None."""

    users: Numbers
    items: Numbers
    times: Doubles | None
    floor: float | None
    because: str


def train(job: Job) -> Outcome:
    """Fit on the job's channels and leave the artefact. Raises UserError for data that nothing can be learnt from."""
    goods = pantry.read({name: channel.folder for name, channel in job.channels.items()})
    liked = _positives(goods.interactions, job.hyperparameters["positive_from"])
    described = catalogue.described(goods.catalogue)
    if len(liked.items) < FEWEST_INTERACTIONS and described.features is not None:
        return _train_on_metadata(job, goods, liked, described)
    if not len(liked.items):
        raise UserError("there is nothing to learn from: no positive interaction, and no genres or years of the items")
    return _train_on_viewers(job, goods, liked, described)


def _train_on_viewers(job: Job, goods: Pantry, liked: Positive, described: Described) -> Outcome:
    recency = _recency(job, liked)
    notes = [*goods.warnings, liked.because]
    metrics: dict[str, float] = {}
    if job.hyperparameters["evaluate"] and not job.stop.is_set():
        figures, note = _evaluated(job, liked, described, recency=recency)
        metrics |= figures
        notes.append(note)
    x = matrix(liked.users, liked.items, shape=(len(goods.interactions.user_ids), len(goods.catalogue.ids)))
    model = fit(x, content=described.features, settings=_settings(job), rng=_chance(job), pool=_pool(job))
    model = with_popularity(model, _popularity(goods))
    _put(job, goods, liked, described, model, recency=recency, metrics=metrics, notes=notes)
    return _outcome(job, metrics, notes)


def _train_on_metadata(job: Job, goods: Pantry, liked: Positive, described: Described) -> Outcome:
    assert described.features is not None
    note = (
        f"{len(liked.items)} positive interactions are fewer than {FEWEST_INTERACTIONS}: the model rests on the "
        "metadata, an ensemble of clusterings of genres and years"
    )
    notes = [*goods.warnings, note]
    model = ensemble_fit.fit(
        described.features, _votes(goods), popularity=_popularity(goods), rng=_chance(job), pool=_pool(job)
    )
    recency = _recency(job, liked)
    _put(job, goods, liked, described, model, recency=recency, metrics={}, notes=notes)
    return _outcome(job, {}, notes)


def _positives(events: Interactions, asked: str | float) -> Positive:
    chosen = positives_from(events.ratings) if asked == "auto" else None
    floor = chosen.at_least if chosen else float(asked)
    because = chosen.because if chosen else f"interactions rated {floor:g} and above are positive, as asked"
    kept = np.ones(len(events.items), dtype=bool)
    if floor is not None and events.ratings is not None:
        kept = events.ratings >= floor
    times = None if events.timestamps is None else events.timestamps[kept]
    return Positive(users=events.users[kept], items=events.items[kept], times=times, floor=floor, because=because)


def _recency(job: Job, liked: Positive) -> float:
    asked = job.hyperparameters["recency"]
    return (1.0 if liked.times is not None else 0.0) if asked == "auto" else float(asked)


def _settings(job: Job) -> Settings:
    asked = job.hyperparameters
    return Settings(ridge=asked["ridge"], tastes=asked["tastes"], width=asked["width"], block=asked["block"])


def _evaluated(job: Job, liked: Positive, described: Described, *, recency: float) -> tuple[dict[str, float], str]:
    held = hold_out(liked.users, liked.items, times=liked.times, rng=_chance(job))
    if held.split is None:
        return {}, held.because
    split = held.split
    x = matrix(split.train.users, split.train.items, shape=(len(split.users), len(split.items)))
    content = None if described.features is None else described.features[split.items]
    ranker = Ranker(fit(x, content=content, settings=_settings(job), rng=_chance(job), pool=_pool(job)))
    return {
        **_named("test", judged(ranker, split, recency=recency if held.ordered else 0.0)),
        **_named("popularity", popularity_judged(ranker, split)),
    }, held.because


def _named(prefix: str, judgement: Judgement) -> dict[str, float]:
    return {f"{prefix}:{name}": value for name, value in vars(judgement).items()}


def _popularity(goods: Pantry) -> Floats:
    """Events and ratings from the viewers; where there are none, the votes that the catalogue itself brings."""
    events = goods.interactions
    items = len(goods.catalogue.ids)
    if not len(events.items):
        return popularity.scores(_votes(goods).astype(np.float64), catalogue.numbers(goods.catalogue, "average_rating"))
    counts = np.bincount(events.items, minlength=items).astype(np.float64)
    if events.ratings is None:
        return popularity.scores(counts, None)
    sums = np.bincount(events.items, weights=events.ratings, minlength=items)
    means = np.divide(sums, counts, out=np.full(items, np.nan), where=counts > 0)
    return popularity.scores(counts, means)


def _votes(goods: Pantry) -> Floats:
    """How often each item was chosen, or the catalogue's own votes, float32 (n,), ≥ 0."""
    brought = catalogue.numbers(goods.catalogue, "votes")
    counts = np.bincount(goods.interactions.items, minlength=len(goods.catalogue.ids)).astype(np.float32)
    return counts if brought is None else counts + np.nan_to_num(brought).astype(np.float32)


def _put(
    job: Job,
    goods: Pantry,
    liked: Positive,
    described: Described,
    model: Model | Ensemble,
    *,
    recency: float,
    metrics: Mapping[str, float],
    notes: list[str],
) -> None:
    rows = catalogue.clusters(goods.catalogue, described, model.clusters, liked.items, popularity=model.popularity)
    keep_users = bool(job.hyperparameters["store_users"]) and len(goods.interactions.user_ids) > 0
    facts = Facts(
        kind="blocks" if isinstance(model, Model) else "ensemble",
        labels=[row.label for row in rows],
        features=list(described.groups),
        columns=stock.kinds(described.columns),
        recency=recency,
        positive_from=liked.floor,
        users=keep_users,
    )
    users = len(goods.interactions.user_ids)
    ready = Goods(
        model=model,
        ids=goods.catalogue.ids,
        titles=goods.catalogue.titles,
        columns=described.columns,
        user_ids=goods.interactions.user_ids,
        user_starts=np.searchsorted(liked.users, np.arange(users + 1)).astype(np.int64),
        user_items=liked.items,
    )
    stock.put(job.model, ready, facts=facts, manifest=_manifest(job, goods, metrics=metrics, notes=notes))
    papers.write(job.output, clusters=rows, metrics=metrics)


def _manifest(job: Job, goods: Pantry, *, metrics: Mapping[str, float], notes: list[str]) -> Manifest:
    return Manifest(
        algorithm="recommender",
        hyperparameters=dict(job.hyperparameters),
        seed=job.hyperparameters["seed"],
        fingerprint=goods.fingerprint,
        versions={"kindred": __version__} | {name: version(name) for name in LIBRARIES},
        metrics=dict(metrics),
        notes=notes,
    )


def _outcome(job: Job, metrics: Mapping[str, float], notes: list[str]) -> Outcome:
    if job.stop.is_set():
        notes.append("the job was asked to stop: the model is whole, but was not judged on held-out events")
    return Outcome(metrics=metrics, notes=tuple(notes))


def _chance(job: Job) -> np.random.Generator:
    return np.random.default_rng(job.hyperparameters["seed"])


def _pool(job: Job) -> Threads:
    return Threads(job.threads)
