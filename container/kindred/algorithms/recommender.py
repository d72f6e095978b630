"""The recommender: which channels are meant for it, how to train it, how to load it."""

from collections.abc import Mapping
from pathlib import Path

from kindred.algorithms.recommender_commands import COMMANDS
from kindred.algorithms.recommender_declared import CHANNELS, HYPERPARAMETERS, METRICS
from kindred.contract.negotiation import MATRICES, family, media_type
from kindred.contract.port import Algorithm, Channel, Job, Outcome
from kindred.desk import stock
from kindred.desk.predictor import Desk
from kindred.desk.request import Request
from kindred.desk.response import Prediction
from kindred.errors import UserError

VECTORS = "vectors for k-means: numbers alone, as RecordIO-protobuf, CSV, JSON Lines, npy or Parquet"


def claims(channels: Mapping[str, Channel]) -> bool:
    """Return whether one of the channels goes by a name of this algorithm's and, if it is `train`, holds its tables.

    Raises UserError for a `train` that holds none: it is asked last, so nobody else can make anything of it.
    """
    brought = {name.lower(): channel for name, channel in channels.items()}
    if brought.keys() & {"interactions", "items"}:
        return True
    training = [brought[name] for name in ("train", "training") if name in brought]
    return any(map(_holds_tables, training))


def _holds_tables(channel: Channel) -> bool:
    from kindred.data import pantry  # Polars: `serve` never gets here

    if channel.pipe is not None:
        # It can be read but once: who else claims it is told from the hyperparameters.
        return not family(media_type(channel.content_type).type, among=MATRICES)
    if pantry.recognises(channel.folder):
        return True
    try:
        pantry.read({channel.name: channel.folder})
    except UserError as error:
        error.sentence += f"; nor does it hold {VECTORS}"
        raise
    return True


def train(job: Job) -> Outcome:
    """Fit on the job's channels and leave the artefact. Raises UserError for data that nothing can be learnt from."""
    from kindred.algorithms import recommender_training  # scikit-learn and Polars: `serve` never gets here

    return recommender_training.train(job)


def load(folder: Path) -> Desk:
    """Open what `train` left. Raises UserError where it is damaged or not ours."""
    return Desk(stock=stock.take(folder))


ALGORITHM = Algorithm(
    name=stock.ALGORITHM,
    hyperparameters=HYPERPARAMETERS,
    channels=CHANNELS,
    metrics=METRICS,
    claims=claims,
    train=train,
    load=load,
    instance=Request,
    answer=Prediction,
    commands=COMMANDS,
)
