"""What the hyperparameters of k-means come to for these rows: k, and how the centres are moved and made fewer."""

from collections.abc import Sequence
from dataclasses import dataclass

from kindred.algorithms.chance import chance
from kindred.algorithms.kmeans_earlier import Earlier
from kindred.algorithms.kmeans_reading import Material
from kindred.clustering import ladder, shards
from kindred.clustering.epochs import Course
from kindred.clustering.reduction import Trials
from kindred.contract.port import Job
from kindred.engine.pool import Threads
from kindred.errors import UserError

AUTO = "auto"

EXTRA_CENTRES = 10
"""x where it is auto, as the built-in algorithm has been seen to take it (contract line 163)."""

MOST_TRIALS, TRIAL_SCORES = 10, 10_000_000
"""Trials of the local loop where they are auto: fewer where a pass of each has many scores of centres to compute."""

LADDER_ROWS = 8192
"""Random rows that k is chosen on where it is auto."""


@dataclass(frozen=True, kw_only=True)
class Choice:
    """How many clusters there shall be, and the sentences that say why."""

    k: int
    because: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True)
class Plan:
    """The course of the mini-batches, the trials that make k of its centres, and the most passes over all rows.

    Where it is nested, samples stand in for the mini-batches.
    """

    k: int
    course: Course
    trials: Trials
    most_passes: int
    nested: bool = False


def choose(job: Job, material: Material, earlier: Earlier | None) -> Choice:
    """Return k as asked for, or as the earlier model has it, or as the rows suggest.

    Raises UserError for a k of more than the rows, or not of the earlier model.
    """
    asked = job.hyperparameters["k"]
    if earlier is not None:
        return _earlier(asked, earlier)
    if asked == AUTO:
        return _suggested(job, material)
    if asked > material.train.count:
        raise UserError(f"k is {asked}, but the channel 'train' holds {material.train.count} rows")
    return Choice(k=asked)


def plan(job: Job, material: Material, k: int, *, earlier: Earlier | None) -> Plan:
    """Return what is to be done. Where old rows count, no pass over all rows follows: it would undo that.

    Raises UserError where old rows are to count and the method weighs none.
    """
    asked = job.hyperparameters
    nested = _nested(job, earlier)
    count = k if earlier or nested else min(k * _extra(job), material.train.count)
    return Plan(
        k=k,
        course=Course(
            count=count,
            batch_rows=asked["mini_batch_size"],
            epochs=asked["epochs"],
            half_life=asked["half_life_time_size"],
            seeding=asked["init_method"],
        ),
        trials=Trials(
            count=_trials(asked["local_lloyd_num_trials"], scores=k * count),
            seeding=asked["local_lloyd_init_method"],
            passes=asked["local_lloyd_max_iter"],
            tolerance=asked["local_lloyd_tol"],
        ),
        most_passes=0 if earlier or asked["half_life_time_size"] else asked["refine_passes"],
        nested=nested,
    )


def _nested(job: Job, earlier: Earlier | None) -> bool:
    if job.hyperparameters["method"] != "nested":
        return False
    old = "the channel 'model' holds" if earlier else "half_life_time_size asks for"
    if earlier or job.hyperparameters["half_life_time_size"]:
        raise UserError(f"method is nested, which weighs no old rows, but {old} them; set method to minibatch")
    return True


def _earlier(asked: int | str, earlier: Earlier) -> Choice:
    k = len(earlier.centroids)
    if asked not in (AUTO, k):
        raise UserError(
            f"k is {asked}, but the model in the channel 'model' has {k} clusters; set k to {k} or to auto, or leave "
            "the channel out"
        )
    return Choice(k=k)


def _suggested(job: Job, material: Material) -> Choice:
    rng = chance(job, "k")
    rows = shards.sample(material.train, LADDER_ROWS, rng=rng)
    choice = ladder.choose(rows, rng=rng, pool=Threads(job.threads), stopped=job.stop.is_set)
    if not choice.silhouettes:
        told = f"k=auto took {choice.k}: there are too few rows to compare numbers of clusters"
        return Choice(k=choice.k, because=(told,))
    order = sorted(choice.silhouettes.items(), key=lambda tried: -tried[1])
    told = ", ".join(f"{k} ({value:.3f})" for k, value in order[:3])
    more = "; no more are tried, so give k if there may be" if choice.k == ladder.RUNGS[-1] else ""
    tried = f"{min(choice.silhouettes)} to {max(choice.silhouettes)}"
    because = (
        f"k=auto took {choice.k} of {tried}: the clusters of {len(rows)} rows stand farthest apart for their width, "
        f"by the mean simplified silhouette; the best were {told}{more}"
    )
    return Choice(k=choice.k, because=(because,))


def _trials(asked: int | str, *, scores: int) -> int:
    return min(max(TRIAL_SCORES // scores, 1), MOST_TRIALS) if asked == AUTO else int(asked)


def _extra(job: Job) -> int:
    asked = job.hyperparameters["extra_center_factor"]
    return EXTRA_CENTRES if asked == AUTO else int(asked)
