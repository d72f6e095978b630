"""The declaration of k-means: the built-in's tables (contract lines 76, 81, 159-161), and which channels mean it."""

import re
from pathlib import Path

import pytest

from algorithms.kmeans_jobs import csv, record_set
from kindred.algorithms import ALGORITHMS
from kindred.algorithms.kmeans import ALGORITHM, CHANNELS, HYPERPARAMETERS, METRICS, claims
from kindred.contract import hyperparameters
from kindred.contract.port import Channel
from kindred.contract.training import inputs, job
from kindred.errors import UserError
from kit.blobs import blobs
from kit.opt_ml import lay_out

BY_NAME = {row.name: row for row in HYPERPARAMETERS}
ROWS = blobs(3, each=20).rows

# Contract line 159: every hyperparameter of the built-in and its default.
BUILT_IN = {
    "epochs": 1,
    "eval_metrics": ("msd",),
    "extra_center_factor": "auto",
    "half_life_time_size": 0,
    "init_method": "random",
    "local_lloyd_init_method": "kmeans++",
    "local_lloyd_max_iter": 300,
    "local_lloyd_num_trials": "auto",
    "local_lloyd_tol": 0.0001,
    "mini_batch_size": 5000,
}


def typed(**given):
    return hyperparameters.typed(given, table=HYPERPARAMETERS, owner="kmeans")


def test_the_doors_know_it_and_ask_it_before_the_recommender():
    assert [algorithm.name for algorithm in ALGORITHMS] == ["kmeans", "recommender"]


def test_names_are_given_once():
    for table in (HYPERPARAMETERS, CHANNELS, METRICS):
        assert len({row.name for row in table}) == len(table)


def test_the_built_ins_defaults_are_ours():
    """[159]"""
    values = typed(k="3")
    assert {name: values[name] for name in BUILT_IN} == BUILT_IN
    assert values["feature_dim"] is None


def test_what_sagemaker_kmeans_sends_is_understood():
    """[160] [25] every value as a string, some of them quoted"""
    sent = {
        "k": "10", "feature_dim": "784", "force_dense": "True", "mini_batch_size": "500", "epochs": "10",
        "init_method": "kmeans++", "local_lloyd_init_method": '"random"', "local_lloyd_max_iter": "300",
        "local_lloyd_num_trials": "5", "local_lloyd_tol": "0.5", "half_life_time_size": "100",
        "eval_metrics": '["msd", "ssd"]', "extra_center_factor": "4", "_tuning_objective_metric": "test:msd",
    }  # fmt: skip
    values = typed(**sent)
    assert (values["k"], values["feature_dim"], values["force_dense"]) == (10, 784, True)
    assert (values["init_method"], values["local_lloyd_init_method"]) == ("kmeans++", "random")
    assert (values["eval_metrics"], values["extra_center_factor"], values["local_lloyd_num_trials"]) == (
        ("msd", "ssd"), 4, 5
    )  # fmt: skip


@pytest.mark.parametrize("spelled", ["kmeans++", "k-means++", "K-Means++", "KMEANS++"])
def test_both_spellings(spelled):
    """[159]"""
    assert BY_NAME["init_method"].parse(spelled) == "kmeans++"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("k", "0"),
        ("k", "many"),
        ("k", "2.5"),
        ("feature_dim", "0"),
        ("epochs", "0"),
        ("extra_center_factor", "0"),
        ("init_method", "kmeans"),
        ("local_lloyd_tol", "1.1"),
        ("half_life_time_size", "-1"),
        ("eval_metrics", '["rmse"]'),
        ("local_lloyd_num_trials", "none"),
        ("mini_batch_size", "0"),
    ],
)
def test_what_is_no_value_is_refused(name, text):
    with pytest.raises(ValueError, match=r"\w+"):
        BY_NAME[name].parse(text)


def test_k_is_required():
    with pytest.raises(UserError, match="'k' is required"):
        typed(feature_dim="3")


@pytest.mark.parametrize("row", [row for row in HYPERPARAMETERS if row.default is not None], ids=lambda row: row.name)
def test_a_default_is_a_value_that_could_have_been_sent(row):
    sent = ",".join(row.default) if isinstance(row.default, tuple) else str(row.default).lower()
    assert row.parse(sent) == row.default


@pytest.mark.parametrize("row", [row for row in HYPERPARAMETERS if row.range], ids=lambda row: row.name)
def test_the_ends_of_a_range_are_valid(row):
    for end in row.range:
        row.parse(str(end))


def test_the_built_ins_tunables_and_objectives():
    """[81]"""
    tunable = {row.name: row.range for row in HYPERPARAMETERS if row.tunable}
    assert tunable.pop("k")
    assert tunable == {
        "epochs": (1, 10),
        "extra_center_factor": (4, 10),
        "init_method": ("random", "kmeans++"),
        "mini_batch_size": (3000, 15000),
    }
    objectives = {metric.name: metric.direction for metric in METRICS if metric.objective}
    assert objectives == {
        "test:msd": "Minimize",
        "test:ssd": "Minimize",
        "test:silhouette": "Maximize",
        "test:calinski_harabasz": "Maximize",
        "test:davies_bouldin": "Minimize",
        "test:bic": "Minimize",
    }


@pytest.mark.parametrize("figure", ["0.2043722947375397", "0.0", "-0.5", "3e-05", "1.5e+20"])
@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.name)
def test_a_metric_finds_its_own_line_and_no_other(metric, figure):
    """[75]"""
    found = [re.match(other.regex, f"{metric.name}={figure}") for other in METRICS]
    assert [match[1] for match in found if match] == [figure]


def channel(folder: Path, files: dict[str, bytes], **said) -> Channel:
    folder.mkdir(exist_ok=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return Channel(name=folder.name, folder=folder, **said)


CLAIMED = {
    "record_set": record_set(ROWS),
    "csv": {"a.csv": csv(ROWS)},
    "csv with a header": {"a.csv": b"x,y\n1,2\n"},
    "text": {"part-0": b"1.5,2\n"},
    "broken records": {"matrix_0.pbr": record_set(ROWS)["matrix_0.pbr"][:40]},
}
LEFT = {
    "events": {"views.csv": b"user_id,item_id,rating\n1,2,3\n"},
    "movielens": {
        "ratings.csv": b"userId,movieId,rating,timestamp\n1,2,3.5,4\n",
        "movies.csv": b"movieId,title\n2,X\n",
    },
    "ratings.dat": {"ratings.dat": b"1::2::3::4\n"},
    "json": {"a.jsonl": b'{"user_id": 1, "item_id": 2}\n'},
    "text": {"a.txt": b"hello\n"},
    "nothing": {},
}


@pytest.mark.parametrize("name", ["train", "training", "Train"])
@pytest.mark.parametrize("files", CLAIMED.values(), ids=CLAIMED)
def test_vectors_to_train_on_are_claimed(tmp_path, name, files):
    assert claims({name: channel(tmp_path / name, files), "test": channel(tmp_path / "test", {})})


@pytest.mark.parametrize("files", LEFT.values(), ids=LEFT)
def test_other_things_are_left_to_others(tmp_path, files):
    assert not claims({"train": channel(tmp_path / "train", files)})


def test_the_recommenders_own_channels_are_its(tmp_path):
    vectors = channel(tmp_path / "train", CLAIMED["csv"])
    assert not claims({"train": vectors, "items": channel(tmp_path / "items", {})})
    assert not claims({"test": vectors})
    assert not claims({})


@pytest.mark.parametrize("said", ["application/x-recordio-protobuf", "application/x-npy; label_size=0"])
def test_a_content_type_of_vectors_is_enough(tmp_path, said):
    assert claims({"train": channel(tmp_path / "train", {}, content_type=said)})


@pytest.mark.parametrize(
    ("files", "chosen"),
    [(CLAIMED["record_set"], "kmeans"), (CLAIMED["csv"], "kmeans"), (LEFT["movielens"], "recommender")],
)
def test_the_job_is_given_to_whom_it_belongs(tmp_path, files, chosen):
    asked = {"k": "3"} if chosen == "kmeans" else {}
    places = lay_out(tmp_path / "ml", channels={"train": files}, hyperparameters=asked)
    assert job.understand(inputs.read(places), algorithms=ALGORITHMS).algorithm.name == chosen


def test_a_folder_of_neither_is_told_what_both_expect(tmp_path):
    places = lay_out(tmp_path / "ml", channels={"train": {"a.csv": b"a;b\n1;2\n"}}, hyperparameters={"k": "3"})
    with pytest.raises(UserError, match=r"user_id and .*item_id.* vectors for k-means"):
        job.understand(inputs.read(places), algorithms=ALGORITHMS)


def test_it_can_be_named_where_the_channel_says_nothing(tmp_path):
    places = lay_out(
        tmp_path / "ml", channels={"train": LEFT["nothing"]}, hyperparameters={"k": "3", "algorithm": "kmeans"}
    )
    assert job.understand(inputs.read(places), algorithms=ALGORITHMS).algorithm is ALGORITHM
