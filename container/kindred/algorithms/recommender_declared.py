"""What may be set of the recommender, the channels it reads and the figures it reports, as tables."""

from kindred.contract.hyperparameters import choice_or, flag, integer, number, weights
from kindred.contract.port import ChannelSpec, Hyperparameter, Metric

AUTO = "auto"
CONTENT_TYPES = ("text/csv", "text/tab-separated-values", "application/x-parquet", "application/jsonlines")
INPUT_MODES = ("File", "FastFile", "Pipe")

HYPERPARAMETERS = (
    Hyperparameter(
        name="ridge",
        description="λ, how strongly weights are held back; auto is 100, or 30 or 300 where those are clearly better",
        kind="Continuous",
        parse=choice_or(AUTO, number(0.01, 100_000)),
        default=AUTO,
        tunable=True,
        range=(30, 300),
    ),
    Hyperparameter(
        name="recency",
        description="ρ, the power of a history's rank, newest first; auto: chosen, about 1 with timestamps, 0 without",
        kind="FreeText",
        parse=choice_or(AUTO, number(0, 10)),
        default=AUTO,
    ),
    Hyperparameter(
        name="positive_from",
        description="the least rating that means liking; auto reads the scale off the ratings",
        kind="FreeText",
        parse=choice_or(AUTO, number(-1e9, 1e9)),
        default=AUTO,
    ),
    Hyperparameter(
        name="event_weights",
        description="how much each event_type tells, as view=0.2,purchase=1: a user likes an item once the weights of "
        "their events reach 1; a type that is not named has 1; ratings have no say then",
        kind="FreeText",
        parse=weights(1.0),
        default=(),
    ),
    Hyperparameter(
        name="tastes",
        description="at most so many clusters that people see",
        kind="Integer",
        parse=integer(1, 1024),
        default=64,
        tunable=True,
        range=(16, 128),
    ),
    Hyperparameter(
        name="width",
        description="d, the width of the taste vectors",
        kind="Integer",
        parse=integer(1, 512),
        default=64,
        tunable=True,
        range=(32, 128),
    ),
    Hyperparameter(
        name="block",
        description="b, how many items a block looks at",
        kind="Integer",
        parse=integer(1, 2000),
        default=200,
        tunable=True,
        range=(100, 400),
    ),
    Hyperparameter(
        name="head",
        description="how many items taste alone may bring up; auto is as few as answer like a full scan of all items",
        kind="Integer",
        parse=choice_or(AUTO, integer(1, 2**31 - 1)),
        default=AUTO,
    ),
    Hyperparameter(
        name="evaluate",
        description="hold out the last tenth of time and report how well the model does beside popularity",
        kind="Categorical",
        parse=flag(),
        default=True,
        range=("true", "false"),
    ),
    Hyperparameter(
        name="store_users",
        description="keep the histories in the model, so that it answers by user_id",
        kind="Categorical",
        parse=flag(),
        default=True,
        range=("true", "false"),
    ),
    Hyperparameter(
        name="recommendations",
        description="leave recommendations.csv, so many for every stored user; 0 leaves none",
        kind="Integer",
        parse=integer(0, 1000),
        default=0,
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
        name="interactions",
        description="who did what: user_id, item_id, and, if known, rating and timestamp",
        content_types=CONTENT_TYPES,
        input_modes=INPUT_MODES,
    ),
    ChannelSpec(
        name="items",
        description="the catalogue: item_id, and, if known, title, genres, year and any further column",
        content_types=CONTENT_TYPES,
        input_modes=INPUT_MODES,
    ),
    ChannelSpec(
        name="train",
        description="a folder that holds both, such as MovieLens or IMDb as downloaded",
        aliases=("training",),
        content_types=CONTENT_TYPES,
        input_modes=INPUT_MODES,
    ),
    ChannelSpec(
        name="test",
        description="interactions that came later: the model is judged by them instead of by what it holds out",
        aliases=("validation", "eval"),
        content_types=CONTENT_TYPES,
        input_modes=INPUT_MODES,
    ),
    ChannelSpec(
        name="model",
        description="an earlier model of the recommender to go on from: model.tar.gz, packed or not",
        content_types=("application/x-sagemaker-model",),
    ),
)


def _metric(name: str, *, objective: bool = False) -> Metric:
    number_ = r"([-+]?[0-9.]+(?:e[-+]?[0-9]+)?)"
    return Metric(name=name, regex=f"{name}={number_}", direction="Maximize", objective=objective)


METRICS = (
    _metric("test:ndcg_at_10", objective=True),
    _metric("test:hit_rate_at_10"),
    _metric("test:recall_at_20"),
    _metric("test:coverage_at_10"),
    _metric("popularity:ndcg_at_10"),
    _metric("popularity:hit_rate_at_10"),
    _metric("popularity:recall_at_20"),
    _metric("popularity:coverage_at_10"),
    _metric("chosen:ridge"),
    _metric("chosen:recency"),
    _metric("chosen:head"),
)
