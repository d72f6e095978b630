"""k-means as SageMaker's built-in algorithm declares it: its hyperparameters, channels and metrics, and what we add."""

from collections.abc import Mapping
from pathlib import Path

from kindred.algorithms.kmeans_outputs import Chosen
from kindred.algorithms.kmeans_schema import INSTANCE
from kindred.algorithms.kmeans_serving import NAME, Closest, opened
from kindred.contract.hyperparameters import choice, choice_or, choices, flag, integer, number
from kindred.contract.port import Algorithm, Channel, ChannelSpec, Hyperparameter, Job, Link, Metric, Outcome

AUTO = "auto"
SEEDINGS = ("random", "kmeans++")
CONTENT_TYPES = (
    "application/x-recordio-protobuf",
    "text/csv",
    "application/jsonlines",
    "application/json",
    "application/x-npy",
    "application/x-parquet",
    "text/libsvm",
)
INPUT_MODES = ("File", "FastFile", "Pipe")


def _seeding(text: str) -> str:
    """The built-in's pages spell it in both ways."""
    return choice(*SEEDINGS)(text.lower().replace("k-means", "kmeans"))


HYPERPARAMETERS = (
    Hyperparameter(
        name="k",
        description="how many clusters; auto: as the earlier model has, or as stand farthest apart for their width",
        kind="Integer",
        parse=choice_or(AUTO, integer(1)),
        required=True,
        tunable=True,
        range=(2, 100),
    ),
    Hyperparameter(
        name="feature_dim",
        description="the numbers of a row; read off the data, and verified where it is given",
        kind="Integer",
        parse=integer(1),
    ),
    Hyperparameter(
        name="epochs",
        description="how often the mini-batches go over the data",
        kind="Integer",
        parse=integer(1),
        default=1,
        tunable=True,
        range=(1, 10),
    ),
    Hyperparameter(
        name="mini_batch_size",
        description="the rows of a mini-batch",
        kind="Integer",
        parse=integer(1),
        default=5000,
        tunable=True,
        range=(3000, 15000),
    ),
    Hyperparameter(
        name="extra_center_factor",
        description="x, where mini-batches move k·x centres, which become k in the end; auto is 10",
        kind="Integer",
        parse=choice_or(AUTO, integer(1)),
        default=AUTO,
        tunable=True,
        range=(4, 10),
    ),
    Hyperparameter(
        name="half_life_time_size",
        description="the rows after which an earlier row counts half; 0 is no decay",
        kind="Integer",
        parse=integer(0),
        default=0,
    ),
    Hyperparameter(
        name="init_method",
        description="how the first centres are drawn",
        kind="Categorical",
        parse=_seeding,
        default="random",
        tunable=True,
        range=SEEDINGS,
    ),
    Hyperparameter(
        name="local_lloyd_init_method",
        description="how the first of the k centres are drawn from the k·x",
        kind="Categorical",
        parse=_seeding,
        default="kmeans++",
        range=SEEDINGS,
    ),
    Hyperparameter(
        name="local_lloyd_max_iter",
        description="at most so many passes of Lloyd's loop make k centres of k·x",
        kind="Integer",
        parse=integer(1),
        default=300,
    ),
    Hyperparameter(
        name="local_lloyd_num_trials",
        description="how often that loop is tried from other seeds; auto is 10, and fewer where k is large",
        kind="FreeText",
        parse=choice_or(AUTO, integer(1)),
        default=AUTO,
    ),
    Hyperparameter(
        name="local_lloyd_tol",
        description="that loop ends when the centres move by less than this share of the data's variance",
        kind="Continuous",
        parse=number(0, 1),
        default=0.0001,
    ),
    Hyperparameter(
        name="eval_metrics",
        description="what is measured, msd and ssd: the mean and the sum of squared distances from the nearest centre",
        kind="FreeText",
        parse=choices("msd", "ssd"),
        default=("msd",),
    ),
    Hyperparameter(
        name="force_dense",
        description="sent by sagemaker.KMeans; rows are always held dense here",
        kind="Categorical",
        parse=flag(),
        default=True,
        range=("true", "false"),
    ),
    Hyperparameter(
        name="method",
        description="how the centres are moved before the passes over all rows: minibatch, as the built-in does, or "
        "nested, by samples twice as large each time, split and merged; nested ignores epochs, mini_batch_size, "
        "extra_center_factor and local_lloyd_*",
        kind="Categorical",
        parse=choice("minibatch", "nested"),
        default="minibatch",
        range=("minibatch", "nested"),
    ),
    Hyperparameter(
        name="refine_passes",
        description="at most so many passes of Lloyd's loop over all rows at the end; none where there is a decay",
        kind="Integer",
        parse=integer(0),
        default=10,
    ),
    Hyperparameter(
        name="seed",
        description="the seed of all chance; the same data and seed give the same model to the bit",
        kind="Integer",
        parse=integer(0, 2**32 - 1),
        default=0,
    ),
)

CHANNELS = (
    ChannelSpec(
        name="train",
        description="the vectors to be clustered",
        aliases=("training",),
        required=True,
        content_types=CONTENT_TYPES,
        input_modes=INPUT_MODES,
    ),
    ChannelSpec(
        name="test",
        description="vectors that the clusters are measured on after every epoch",
        aliases=("validation", "eval"),
        content_types=CONTENT_TYPES,
        input_modes=INPUT_MODES,
    ),
    ChannelSpec(
        name="model",
        description="an earlier model to go on from: model.tar.gz, packed or not, of ours or of the built-in k-means",
        content_types=("application/x-sagemaker-model",),
    ),
)


def _metric(name: str, *, maximize: bool = False, objective: bool = False) -> Metric:
    regex = rf"{name}=([-+]?[0-9.]+(?:e[-+]?[0-9]+)?)"
    return Metric(name=name, regex=regex, direction="Maximize" if maximize else "Minimize", objective=objective)


def _measures(channel: str, *, objective: bool) -> tuple[Metric, ...]:
    """The built-in's two, which fall with every further cluster, and those that do not (contract lines 81, 82)."""
    return (
        _metric(f"{channel}:msd", objective=objective),
        _metric(f"{channel}:ssd", objective=objective),
        _metric(f"{channel}:silhouette", maximize=True, objective=objective),
        _metric(f"{channel}:calinski_harabasz", maximize=True, objective=objective),
        _metric(f"{channel}:davies_bouldin", objective=objective),
        _metric(f"{channel}:bic", objective=objective),
    )


METRICS = (*_measures("train", objective=False), *_measures("test", objective=True))


def claims(channels: Mapping[str, Channel]) -> bool:
    """Return whether there is a channel of vectors to train on, and none of the recommender's."""
    named = {name.lower(): channel for name, channel in channels.items()}
    training = [named[name] for name in ("train", "training") if name in named]
    if not training or named.keys() & {"interactions", "items"}:
        return False
    from kindred.algorithms import kmeans_reading  # Polars: `serve` never gets here

    return any(map(kmeans_reading.recognises, training))


def train(job: Job) -> Outcome:
    """Cluster the channel `train` and leave the artefact. Raises UserError for data that cannot be clustered so."""
    with job.losing_nothing():
        from kindred.algorithms import kmeans_training  # scikit-learn and Polars: `serve` never gets here

    return kmeans_training.train(job)


def follow(job: Job, link: Link) -> None:
    """Answer the host that trains from this host's part of the channels. Raises UserError for what is no vector."""
    from kindred.algorithms import kmeans_hosts  # scikit-learn and Polars: `serve` never gets here

    kmeans_hosts.follow(job, link)


def load(folder: Path) -> Closest:
    """Open what `train` left. Raises UserError where it is damaged or not ours."""
    return opened(folder)


ALGORITHM = Algorithm(
    name=NAME,
    hyperparameters=HYPERPARAMETERS,
    channels=CHANNELS,
    metrics=METRICS,
    claims=claims,
    train=train,
    load=load,
    follow=follow,
    instance=INSTANCE,
    answer=Chosen,
    matrices=True,
)
