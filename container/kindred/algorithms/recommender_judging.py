"""How well the recommender does on events it has not seen, held out or of the channel `test`, beside popularity."""

from kindred.algorithms import recommender_fitting as fitting
from kindred.algorithms.recommender_choosing import Plan
from kindred.algorithms.recommender_material import Material
from kindred.contract.port import Job
from kindred.data import kinds, pantry
from kindred.data.values import Pantry
from kindred.desk import evidence
from kindred.desk.questions import questions
from kindred.engine.stopping import Stopped
from kindred.errors import UserError
from kindred.recommender.evaluation import Judgement, judged, popularity_judged
from kindred.recommender.fit import fit
from kindred.recommender.model import Model
from kindred.recommender.positives import matrix
from kindred.recommender.protocols import Split
from kindred.recommender.ranking import Ranker

Judged = tuple[dict[str, float], str]
"""The metrics, and a sentence that says how they came about, or why there are none."""

STOPPED = "the job was asked to stop: the model is whole, but was not judged on held-out events"


def evaluated(job: Job, material: Material, model: Model, plan: Plan) -> Judged:
    """Judge as the job asks for it, until it is asked to stop. Raises UserError for a `test` that cannot be read."""
    if not job.hyperparameters["evaluate"]:
        return {}, "nothing was held out, as asked: there are no metrics"
    if job.stop.is_set():
        return {}, STOPPED
    try:
        if "test" in job.channels:
            return _tested(job, material, Ranker(model), recency=plan.recency)
        return _held_out(job, material, plan)
    except Stopped:
        return {}, STOPPED


def _held_out(job: Job, material: Material, plan: Plan) -> Judged:
    """The metrics of a model that learnt from all but what is held out."""
    held, split = plan.held, plan.held.split
    if split is None:
        return {}, held.because
    x = matrix(split.train.users, split.train.items, shape=(len(split.users), len(split.items)))
    content = None if material.about.features is None else material.about.features[split.items]
    model = fit(x, content=content, settings=plan.settings, rng=fitting.chance(job), pool=fitting.pool(job))
    return _beside_popularity(job, Ranker(model), split, recency=plan.recency if held.ordered else 0.0), held.because


def _tested(job: Job, material: Material, ranker: Ranker, *, recency: float) -> Judged:
    """The metrics of the model itself, on the channel `test`."""
    test = _test(job)
    liked = evidence.liked(test.interactions, at_least=material.positives.at_least)
    split = questions(material.read, material.liked, test=test, test_liked=liked)
    if not len(split.asked):
        return {}, "the channel 'test' asks nothing: nobody in it is known from training and likes a known item next"
    because = f"the channel 'test': {len(split.asked)} users known from training are asked about"
    return _beside_popularity(job, ranker, split, recency=recency), because


def _test(job: Job) -> Pantry:
    try:
        weights = kinds.weights(job.hyperparameters["event_weights"])
        return pantry.read_test(job.channels["test"].folder, event_weights=weights)
    except UserError as error:
        raise UserError(f"the channel 'test' cannot be read as interactions: {error}") from error


def _beside_popularity(job: Job, ranker: Ranker, split: Split, *, recency: float) -> dict[str, float]:
    return {
        **_named("test", judged(ranker, split, recency=recency, pool=fitting.pool(job))),
        **_named("popularity", popularity_judged(ranker, split, pool=fitting.pool(job))),
    }


def _named(prefix: str, judgement: Judgement) -> dict[str, float]:
    return {f"{prefix}:{name}": value for name, value in vars(judgement).items()}
