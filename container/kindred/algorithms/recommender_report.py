"""What training the recommender tells people: gathered from what it read, learnt and chose."""

from collections.abc import Mapping, Sequence

import numpy as np

from kindred import __version__
from kindred.algorithms.recommender_declared import AUTO, HYPERPARAMETERS
from kindred.contract.port import Job, Value
from kindred.data.values import Pantry
from kindred.desk.papers import ClusterRow
from kindred.desk.report import page
from kindred.desk.report.told import Choice, Points, Told
from kindred.desk.stock import Facts
from kindred.engine.pool import Threads
from kindred.recommender import map as maps
from kindred.recommender.ensemble import Ensemble
from kindred.recommender.model import Model

MOST_DRAWN = 1_500

LIKENESS = {
    "blocks": "titles that the same viewers like stand together",
    "ensemble": "titles whose metadata are alike stand together",
}


def leave(
    job: Job,
    read: Pantry,
    model: Model | Ensemble,
    *,
    rows: Sequence[ClusterRow],
    facts: Facts,
    positive: int,
    chosen: Mapping[str, float],
    metrics: Mapping[str, float],
    notes: Sequence[str],
    reasons: Sequence[str],
) -> None:
    """Leave report.html among the job's output.

    positive: the interactions that were learnt from. chosen: what training chose where a hyperparameter was left to it.
    notes: the warnings, then how the model came about, last how it was judged; `reasons` are those among them that say
    why that was chosen. Raises OSError where the disk refuses.
    """
    *story, judged = notes[len(read.warnings) :]
    told = Told(
        titles=len(read.catalogue.ids),
        viewers=len(read.interactions.user_ids),
        interactions=len(read.interactions.items),
        positive=positive,
        story=[one for one in story if one not in reasons],
        reasons=reasons,
        judged=judged,
        metrics=metrics,
        warnings=read.warnings,
        clusters=rows,
        points=_points(read, model),
        likeness=LIKENESS[facts.kind],
        choices=[
            _choice(job, row.name, row.description, {"positive_from": facts.positive_from, **chosen})
            for row in HYPERPARAMETERS
        ],
        version=__version__,
    )
    page.write(job.output, told)


def _points(read: Pantry, model: Model | Ensemble) -> Points:
    numbers = maps.drawn(model.clusters, model.popularity, most=MOST_DRAWN)
    # through a pool, so that BLAS has one thread, and any number of threads gives the same map
    [places] = Threads(1).map(maps.plane, [maps.space(model, numbers)])
    titles, ids = read.catalogue.titles, read.catalogue.ids
    return Points(
        titles=[titles[number] or ids[number] for number in numbers.tolist()],
        places=places,
        clusters=model.clusters[numbers],
        popularity=np.asarray(model.popularity[numbers]),
    )


def _choice(job: Job, name: str, meaning: str, found: Mapping[str, float | None]) -> Choice:
    asked = job.hyperparameters[name]
    chosen = found.get(name) if asked == AUTO else None
    return Choice(name=name, asked=_written(asked), chosen="" if chosen is None else _written(chosen), meaning=meaning)


def _written(value: Value) -> str:
    """The value as a person would send it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return ",".join(value) or "–"
    return f"{value:g}" if isinstance(value, float) else str(value)
