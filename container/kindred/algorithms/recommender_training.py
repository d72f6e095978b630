"""The story of training the recommender: read, fit, judge, put on the shelf."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version

from kindred import __version__
from kindred.algorithms import recommender_choosing as choosing
from kindred.algorithms import recommender_fitting as fitting
from kindred.algorithms import recommender_judging as judging
from kindred.algorithms import recommender_report
from kindred.algorithms.piped_tables import settled
from kindred.algorithms.recommender_checkpoints import LIBRARIES
from kindred.algorithms.recommender_material import FEWEST_INTERACTIONS, Material, material
from kindred.artefact.manifest import Manifest
from kindred.contract.port import Job, Outcome
from kindred.data.values import Pantry
from kindred.desk import catalogue, evidence, goods, papers, stock
from kindred.desk.goods import Goods, Histories
from kindred.desk.papers import ClusterRow
from kindred.desk.stock import ALGORITHM, Facts
from kindred.errors import UserError
from kindred.recommender import ensemble_fit
from kindred.recommender.ensemble import Ensemble
from kindred.recommender.fit import with_popularity
from kindred.recommender.model import Model
from kindred.recommender.typing import Floats

log = logging.getLogger(__name__)

MOST_NAMED = 6
"""Columns of metadata that a note names."""


@dataclass(frozen=True, kw_only=True)
class _Learnt:
    """The model, what it reached on held-out events, and what a person should know of how it came about.

    chosen: the values of hyperparameters that were left to it; reasons: those of the notes that say why.
    """

    model: Model | Ensemble
    metrics: Mapping[str, float]
    notes: Sequence[str]
    recency: float
    chosen: Mapping[str, float]
    reasons: Sequence[str]


def train(job: Job) -> Outcome:
    """Fit on the job's channels and leave the artefact, as far as it came where the job is asked to stop.

    Raises UserError for data that nothing can be learnt from, and where it is to stop before anything was read.
    """
    if job.stop.is_set():
        raise UserError("the job was asked to stop before anything was read")
    if job.hyperparameters["recommendations"] and not job.hyperparameters["store_users"]:
        raise UserError("recommendations for every stored user need the users: leave store_users at true")
    with settled(job) as at_hand:
        brought = material(at_hand)
        learnt = _learnt(at_hand, brought)
        _shelve(at_hand, brought, learnt)
    return Outcome(metrics=learnt.metrics, notes=tuple(learnt.notes))


def _learnt(job: Job, material: Material) -> _Learnt:
    content = material.about.features
    if material.thin and content is not None:
        return _from_metadata(job, material, content)
    if not len(material.liked.items):
        raise UserError(
            "there is nothing to learn from: no positive interaction, and of the items no column but ids and titles"
        )
    return _from_viewers(job, material)


def _from_metadata(job: Job, material: Material, content: Floats) -> _Learnt:
    positives = len(material.liked.items)
    few = f"{positives} positive interactions are fewer than {FEWEST_INTERACTIONS}"
    because = (
        f"{few if positives else 'there are no positive interactions'}: the model rests on the metadata, an ensemble "
        f"of clusterings of {_named([group.column for group in material.about.groups])}"
    )
    popular = evidence.popular(material.read)
    chosen = evidence.votes(material.read)
    model, made = ensemble_fit.so_far(
        content, chosen, popularity=popular, rng=fitting.chance(job), pool=fitting.pool(job)
    )
    if made < ensemble_fit.WANTED:
        because += f"; the job was asked to stop: {made} of {ensemble_fit.WANTED} clusterings were made"
    notes = [*material.read.warnings, *material.notes, because]
    return _Learnt(model=model, metrics={}, notes=notes, recency=material.recency, chosen={}, reasons=[])


def _named(columns: Sequence[str]) -> str:
    if len(columns) > MOST_NAMED:
        return f"{', '.join(columns[:MOST_NAMED])} and {len(columns) - MOST_NAMED} columns more"
    return " and ".join(columns)


def _from_viewers(job: Job, material: Material) -> _Learnt:
    plan = choosing.plan(job, material, pool=fitting.pool(job))
    found = fitting.fitted(job, material, plan.settings)
    model = with_popularity(found.model, evidence.popular(material.read))
    model, head = choosing.headed(job, material, model, recency=plan.recency, pool=fitting.pool(job))
    metrics, because = judging.evaluated(job, material, model, plan)
    chosen = {"ridge": plan.settings.ridge, "recency": plan.recency, "head": float(len(model.head))}
    unfinished = [found.unfinished] if found.unfinished else []
    story = [material.positives.because, *material.notes, *plan.notes, head, *unfinished]
    return _Learnt(
        model=model,
        metrics=metrics and {**metrics, **{f"chosen:{name}": value for name, value in chosen.items()}},
        notes=[*material.read.warnings, *story, because],
        recency=plan.recency,
        chosen=chosen,
        reasons=[*plan.notes, head],
    )


def _shelve(job: Job, material: Material, learnt: _Learnt) -> None:
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
    facts = _facts(job, material, learnt, rows)
    goods.put(job.model, things, facts=facts, manifest=_manifest(job, read, learnt))
    papers.write(job.output, clusters=rows)
    recommender_report.leave(
        job,
        read,
        model,
        rows=rows,
        facts=facts,
        positive=len(material.liked.items),
        chosen=learnt.chosen,
        metrics=learnt.metrics,
        notes=learnt.notes,
        reasons=learnt.reasons,
    )
    _recommend(job)


def _recommend(job: Job) -> None:
    """Leave what was asked for of recommendations, as the model on the shelf gives them."""
    n = job.hyperparameters["recommendations"]
    shelved = stock.take(job.model) if n else None
    if shelved is None or shelved.users is None:
        return
    if not papers.recommendations(job.output, shelved, shelved.users, n=n, stopped=job.stop.is_set):
        log.warning("the job was asked to stop: recommendations.csv is not there")


def _facts(job: Job, material: Material, learnt: _Learnt, rows: Sequence[ClusterRow]) -> Facts:
    return Facts(
        kind="blocks" if isinstance(learnt.model, Model) else "ensemble",
        labels=[row.label for row in rows],
        features=list(material.about.groups),
        columns=goods.kinds(material.about.columns),
        recency=learnt.recency,
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
