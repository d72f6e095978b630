"""The story of training the recommender: read, choose what is positive, hold out and judge, fit, put on the shelf."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version

import numpy as np

from kindred import __version__
from kindred.algorithms import recommender_report
from kindred.artefact.manifest import Manifest
from kindred.contract.port import Job, Outcome
from kindred.data import pantry
from kindred.data.positives import Positive, positive_from
from kindred.data.values import Interactions, Pantry
from kindred.desk import catalogue, evidence, goods, papers
from kindred.desk.catalogue import Described
from kindred.desk.evidence import Liked
from kindred.desk.goods import Goods, Histories
from kindred.desk.papers import ClusterRow
from kindred.desk.questions import questions
from kindred.desk.stock import ALGORITHM, Facts
from kindred.engine.pool import Threads
from kindred.errors import UserError
from kindred.recommender import ensemble_fit
from kindred.recommender.ensemble import Ensemble
from kindred.recommender.evaluation import Judgement, judged, popularity_judged
from kindred.recommender.fit import fit, with_popularity
from kindred.recommender.holdout import hold_out
from kindred.recommender.model import Model
from kindred.recommender.positives import matrix
from kindred.recommender.protocols import Split
from kindred.recommender.ranking import Ranker
from kindred.recommender.settings import Settings
from kindred.recommender.typing import Floats

FEWEST_INTERACTIONS = 1_000
"""Below so many positives the metadata says more than the viewers do, where there is metadata."""

LIBRARIES = ("numpy", "scipy", "scikit-learn", "polars", "safetensors")


@dataclass(frozen=True, kw_only=True)
class _Material:
    """What there is to learn from. recency: ρ, by which the newest of a history says most."""

    read: Pantry
    about: Described
    positives: Positive
    liked: Liked
    recency: float


@dataclass(frozen=True, kw_only=True)
class _Learnt:
    """The model, what it reached on held-out events, and what a person should know of how it came about."""

    model: Model | Ensemble
    metrics: Mapping[str, float]
    notes: Sequence[str]


def train(job: Job) -> Outcome:
    """Fit on the job's channels and leave the artefact. Raises UserError for data that nothing can be learnt from."""
    material = _material(job)
    learnt = _learnt(job, material)
    _shelve(job, material, learnt)
    return Outcome(metrics=learnt.metrics, notes=tuple(learnt.notes))


def _material(job: Job) -> _Material:
    read = pantry.read({name: channel.folder for name, channel in job.channels.items()})
    positives = _positives(read.interactions, job.hyperparameters["positive_from"])
    liked = evidence.liked(read.interactions, at_least=positives.at_least)
    asked = job.hyperparameters["recency"]
    recency = (1.0 if liked.times is not None else 0.0) if asked == "auto" else float(asked)
    about = catalogue.described(read.catalogue)
    if len(liked.items) < FEWEST_INTERACTIONS:
        about = catalogue.alone(about)
    return _Material(read=read, about=about, positives=positives, liked=liked, recency=recency)


def _positives(events: Interactions, asked: str | float) -> Positive:
    if asked == "auto":
        return positive_from(events.ratings)
    because = f"interactions rated {asked:g} and above are positive, as asked"
    return Positive(at_least=float(asked), because=because)


def _learnt(job: Job, material: _Material) -> _Learnt:
    content = material.about.features
    if len(material.liked.items) < FEWEST_INTERACTIONS and content is not None:
        return _from_metadata(job, material, content)
    if not len(material.liked.items):
        raise UserError("there is nothing to learn from: no positive interaction, and no genres or years of the items")
    return _from_viewers(job, material)


def _from_metadata(job: Job, material: _Material, content: Floats) -> _Learnt:
    because = (
        f"{len(material.liked.items)} positive interactions are fewer than {FEWEST_INTERACTIONS}: the model rests on "
        f"the metadata, an ensemble of clusterings of {' and '.join(group.column for group in material.about.groups)}"
    )
    popular = evidence.popular(material.read)
    chosen = evidence.votes(material.read)
    model = ensemble_fit.fit(content, chosen, popularity=popular, rng=_chance(job), pool=_pool(job))
    return _Learnt(model=model, metrics={}, notes=[*material.read.warnings, because])


def _from_viewers(job: Job, material: _Material) -> _Learnt:
    liked = material.liked
    shape = (len(material.read.interactions.user_ids), len(material.read.catalogue.ids))
    x = matrix(liked.users, liked.items, shape=shape)
    fitted = fit(x, content=material.about.features, settings=_settings(job), rng=_chance(job), pool=_pool(job))
    model = with_popularity(fitted, evidence.popular(material.read))
    metrics, because = _evaluated(job, material, model)
    return _Learnt(
        model=model,
        metrics=metrics,
        notes=[*material.read.warnings, material.positives.because, because],
    )


def _evaluated(job: Job, material: _Material, model: Model) -> tuple[dict[str, float], str]:
    """The metrics, and a sentence that says how they came about, or why there are none."""
    if not job.hyperparameters["evaluate"]:
        return {}, "nothing was held out, as asked: there are no metrics"
    if job.stop.is_set():
        return {}, "the job was asked to stop: the model is whole, but was not judged on held-out events"
    if "test" in job.channels:
        return _tested(job, material, Ranker(model))
    liked = material.liked
    held = hold_out(liked.users, liked.items, times=liked.times, rng=_chance(job))
    if held.split is None:
        return {}, held.because
    split = held.split
    x = matrix(split.train.users, split.train.items, shape=(len(split.users), len(split.items)))
    content = None if material.about.features is None else material.about.features[split.items]
    ranker = Ranker(fit(x, content=content, settings=_settings(job), rng=_chance(job), pool=_pool(job)))
    return _beside_popularity(ranker, split, recency=material.recency if held.ordered else 0.0), held.because


def _tested(job: Job, material: _Material, ranker: Ranker) -> tuple[dict[str, float], str]:
    """The metrics of the model itself, on the channel `test`."""
    test = _test(job)
    liked = evidence.liked(test.interactions, at_least=material.positives.at_least)
    split = questions(material.read, material.liked, test=test, test_liked=liked)
    if not len(split.asked):
        return {}, "the channel 'test' asks nothing: nobody in it is known from training and likes a known item next"
    because = f"the channel 'test': {len(split.asked)} users known from training are asked about"
    return _beside_popularity(ranker, split, recency=material.recency), because


def _test(job: Job) -> Pantry:
    try:
        return pantry.read({"interactions": job.channels["test"].folder})
    except UserError as error:
        raise UserError(f"the channel 'test' cannot be read as interactions: {error}") from error


def _beside_popularity(ranker: Ranker, split: Split, *, recency: float) -> dict[str, float]:
    return {
        **_named("test", judged(ranker, split, recency=recency)),
        **_named("popularity", popularity_judged(ranker, split)),
    }


def _named(prefix: str, judgement: Judgement) -> dict[str, float]:
    return {f"{prefix}:{name}": value for name, value in vars(judgement).items()}


def _shelve(job: Job, material: _Material, learnt: _Learnt) -> None:
    read, model = material.read, learnt.model
    rows = catalogue.clusters(
        read.catalogue, material.about, model.clusters, material.liked.items, popularity=model.popularity
    )
    events = read.interactions
    things = Goods(
        model=model,
        ids=read.catalogue.ids,
        titles=read.catalogue.titles,
        columns=material.about.columns,
        histories=Histories(
            user_ids=events.user_ids, starts=evidence.starts(events), items=events.items, liked=material.liked.kept
        ),
    )
    facts = _facts(job, material, model, rows)
    goods.put(job.model, things, facts=facts, manifest=_manifest(job, read, learnt))
    papers.write(job.output, clusters=rows)
    recommender_report.leave(job, read, model, rows=rows, facts=facts, metrics=learnt.metrics, notes=learnt.notes)


def _facts(job: Job, material: _Material, model: Model | Ensemble, rows: Sequence[ClusterRow]) -> Facts:
    return Facts(
        kind="blocks" if isinstance(model, Model) else "ensemble",
        labels=[row.label for row in rows],
        features=list(material.about.groups),
        columns=goods.kinds(material.about.columns),
        recency=material.recency,
        positive_from=material.positives.at_least,
        users=bool(job.hyperparameters["store_users"]) and len(material.read.interactions.user_ids) > 0,
    )


def _manifest(job: Job, read: Pantry, learnt: _Learnt) -> Manifest:
    return Manifest(
        algorithm=ALGORITHM,
        hyperparameters=dict(job.hyperparameters),
        seed=job.hyperparameters["seed"],
        fingerprint=read.fingerprint,
        versions={"kindred": __version__} | {name: version(name) for name in LIBRARIES},
        metrics=dict(learnt.metrics),
        notes=list(learnt.notes),
    )


def _settings(job: Job) -> Settings:
    asked = job.hyperparameters
    return Settings(ridge=asked["ridge"], tastes=asked["tastes"], width=asked["width"], block=asked["block"])


def _chance(job: Job) -> np.random.Generator:
    return np.random.default_rng(job.hyperparameters["seed"])


def _pool(job: Job) -> Threads:
    return Threads(job.threads)
