"""What the recommender learns from: what the channels hold, what is positive in it, and what an earlier model knew."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from kindred.contract.port import Job
from kindred.data import kinds, pantry
from kindred.data.positives import Positive, positive_from
from kindred.data.values import Interactions, Pantry
from kindred.desk import catalogue, earlier, evidence
from kindred.desk.catalogue import Described
from kindred.desk.earlier import Earlier
from kindred.desk.evidence import Liked
from kindred.errors import UserError
from kindred.recommender.typing import Numbers

FEWEST_INTERACTIONS = 1_000
"""Below so many positives the metadata says more than the viewers do, where there is metadata."""

WEIGHED = Positive(at_least=None, because="what is positive is said by the events' weights, not by ratings")


@dataclass(frozen=True, kw_only=True)
class Material:
    """What there is to learn from. recency: ρ, by which the newest of a history says most, unless a choice is left;
    `agreed` says that it was asked for, or goes on from an earlier model.

    earlier int32 (items,), −1 for none: the clusters in which an earlier model had the items; None without one. notes:
    what a person should know of how it came about.
    """

    read: Pantry
    about: Described
    positives: Positive
    liked: Liked
    recency: float
    agreed: bool
    earlier: Numbers | None
    notes: Sequence[str]

    @property
    def thin(self) -> bool:
        """Whether there are too few positives to learn from viewers where there is metadata."""
        return len(self.liked.items) < FEWEST_INTERACTIONS


def material(job: Job) -> Material:
    """Read the job's channels, an earlier model among them. Raises UserError where one cannot be read.

    Nothing is lost by a job that is asked to stop meanwhile: it ends at once.
    """
    with job.losing_nothing():
        return _read(job)


def _read(job: Job) -> Material:
    before = earlier.brought(job.channels["model"].folder) if "model" in job.channels else None
    folders = {name: channel.folder for name, channel in job.channels.items()}
    weights = kinds.weights(job.hyperparameters["event_weights"])
    read = pantry.read(folders, earlier=None if before is None else before.known, event_weights=weights)
    positives = WEIGHED if weights else _positives(read.interactions, job.hyperparameters["positive_from"], before)
    liked = evidence.liked(read.interactions, at_least=positives.at_least)
    about = catalogue.described(read.catalogue)
    found = Material(
        read=read,
        about=about,
        positives=positives,
        liked=liked,
        recency=_recency(job, liked, before),
        agreed=job.hyperparameters["recency"] != "auto" or _goes_on(job, before),
        earlier=None if before is None else earlier.clusters(before, read.catalogue.ids),
        notes=[] if before is None else [_told(job, before)],
    )
    return replace(found, about=catalogue.alone(about)) if found.thin else found


def _positives(events: Interactions, asked: str | float, before: Earlier | None) -> Positive:
    if asked != "auto":
        because = f"interactions rated {asked:g} and above are positive, as asked"
        return Positive(at_least=float(asked), because=because)
    agreed = None if before is None else before.facts.positive_from
    if agreed is not None:
        because = f"interactions rated {agreed:g} and above are positive, as in the earlier model"
        return Positive(at_least=agreed, because=because)
    ratings = events.ratings
    return positive_from(None if ratings is None else ratings[np.isfinite(ratings)])


def _recency(job: Job, liked: Liked, before: Earlier | None) -> float:
    asked = job.hyperparameters["recency"]
    if asked != "auto":
        return float(asked)
    if before is not None and _goes_on(job, before):
        return before.facts.recency
    return 1.0 if liked.times is not None else 0.0


def _goes_on(job: Job, before: Earlier | None) -> bool:
    """Whether nothing new was seen: all there is are the earlier model's histories, in order but without times."""
    return before is not None and not job.channels.keys() & {"interactions", "train"}


def _told(job: Job, before: Earlier) -> str:
    items, users = len(before.known.ids), len(before.known.user_ids)
    if users:
        return (
            f"the earlier model adds {users:,} histories, taken to be older than all that is new, and {items:,} items; "
            "its clusters are where the new ones start"
        )
    if before.facts.kind == "blocks" and not job.channels.keys() & {"interactions", "train"}:
        raise UserError(
            "the earlier model keeps no histories (store_users was false), so there is nothing to learn new items by; "
            "bring the interactions as well",
            at="the channel 'model'",
        )
    return f"the earlier model keeps no histories: only its catalogue of {items:,} items and its clusters carry over"
