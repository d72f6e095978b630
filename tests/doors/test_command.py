"""`kindred recommend`, `evaluate`, `export` as a person types them: the real console command on what `train` left."""

import csv
import json
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from kit.real_train import SAMPLE, sample_channels, train

pytestmark = pytest.mark.slow

KINDRED = [sys.executable, "-m", "kindred.entry", "kindred"]


def typed(*arguments: object) -> subprocess.CompletedProcess:
    return subprocess.run([*KINDRED, *map(str, arguments)], capture_output=True, text=True, encoding="utf-8")


def told(*arguments: object) -> str:
    said = typed(*arguments)
    assert said.returncode == 0, said.stderr
    return said.stdout


def refused(*arguments: object) -> str:
    said = typed(*arguments)
    assert (said.returncode, said.stdout) == (1, "")
    assert "Traceback" not in said.stderr
    return said.stderr


def rows(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))


@pytest.fixture(scope="session")
def model(world: Path) -> Path:
    return world / "model"


@pytest.fixture(scope="session")
def packed(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    archive = tmp_path_factory.mktemp("packed") / "model.tar.gz"
    with tarfile.open(archive, "w:gz") as tar:
        for file in model.iterdir():
            tar.add(file, arcname=file.name)
    return archive


def test_titles_are_a_history_and_answers_have_titles_and_reasons(model: Path):
    said = told("recommend", model, "--history", "Alien,blade RUNNER")
    assert said.startswith("After Alien (1979), Blade Runner (1982):")
    rows = said.splitlines()[2:]
    assert rows[0].split() == ["title", "score", "cluster", "because", "of"]
    assert [row.split()[0] for row in rows[2:12]] == [str(place) for place in range(1, 11)]
    assert "Alien" in rows[2].rpartition("  ")[2]
    assert "it rests on: " in said


def test_json_is_what_the_endpoint_answers(model: Path):
    said = json.loads(told("recommend", model, "--history", "alien-1979", "--history", "Jaws", "--n", 3, "--json"))
    assert said["source"] == "history"
    assert len(said["recommendations"]) == 3
    assert {each["item_id"] for each in said["recommendations"][0]["contributions"]} <= {"alien-1979", "jaws-1975"}


@pytest.mark.parametrize(
    ("asked", "source"),
    [(["--user", "viewer-0001"], "user"), (["--item", "the matrix"], "item"), ([], "popular")],
)
def test_the_other_subjects_can_be_asked_for(model: Path, asked: list[str], source: str):
    assert json.loads(told("recommend", model, *asked, "--json"))["source"] == source
    assert len(told("recommend", model, *asked, "--n", 4).splitlines()) >= 8


def test_options_reach_the_answer(model: Path):
    conditions = json.dumps({"title": ["Jaws", "Psycho"]})
    said = json.loads(told("recommend", model, "--history", "Alien", "--filter", conditions, "--json"))
    assert {each["title"] for each in said["recommendations"]} == {"Jaws", "Psycho"}


def test_a_packed_model_answers_as_its_folder_does(model: Path, packed: Path):
    for asked in (["recommend", "--history", "Alien"], ["evaluate"]):
        command, *rest = asked
        assert told(command, packed, *rest) == told(command, model, *rest)


def test_part_of_a_title_is_enough_where_it_is_one(model: Path):
    assert told("recommend", model, "--item", "empire strikes").startswith("Like The Empire Strikes Back (1980):")
    assert told("recommend", model, "--item", "Matrix, The").startswith("Like The Matrix (1999):")


def test_commas_part_titles_and_may_be_in_them(model: Path):
    said = told("recommend", model, "--history", "Alien,The Good, the Bad and the Ugly,matrix, the")
    assert said.startswith("After Alien (1979), The Good, the Bad and the Ugly (1966), The Matrix (1999):")


def test_choices_are_printed_where_it_could_be_several(model: Path):
    said = refused("recommend", model, "--history", "lord of the rings")
    assert "could be any of 3 items" in said
    assert "the-lord-of-the-rings-the-two-towers-2002  The Lord of the Rings: The Two Towers (2002)" in said


def test_a_misspelt_title_is_answered_with_near_ones(model: Path):
    said = refused("recommend", model, "--history", "Blade Runer")
    assert "no item is called 'Blade Runer'" in said
    assert "Blade Runner (1982)" in said


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["recommend", "nowhere"], "there is no model: nowhere is neither a folder nor a model.tar.gz"),
        (["recommend", str(SAMPLE)], "no model in"),
        (["recommend", "MODEL", "--user", "1", "--item", "Alien"], "ask for one of --user and --item"),
        (["recommend", "MODEL", "--user", "nobody"], "kindred: user_id: the model knows no user 'nobody'"),
        (["recommend", "MODEL", "--filter", "{"], "--filter is JSON such as"),
        (["recommend", "MODEL", "--filter", '{"genre": 1}'], "did you mean 'genres'?"),
        (["recommend", "MODEL", "--diversity", "3"], "kindred: diversity: expected `float` <= 1.0"),
        (["evaluate", "MODEL", "--test", "nowhere.csv"], "there is no file nowhere.csv"),
        (["evaluate", "MODEL", "--test", str(SAMPLE / "items")], "cannot be read as interactions"),
        (["export", "MODEL", "MODEL/manifest.json/x"], "the tables cannot be written"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(model: Path, arguments: list[str], sentence: str):
    assert sentence in refused(*(each.replace("MODEL", str(model)) for each in arguments))


def test_a_damaged_archive_is_said_to_be_one(packed: Path, tmp_path: Path):
    cut = tmp_path / "model.tar.gz"
    cut.write_bytes(packed.read_bytes()[:1000])
    assert "the packed model is damaged" in refused("recommend", cut)


def test_evaluate_prints_what_training_measured(model: Path):
    metrics = json.loads((model / "manifest.json").read_text())["metrics"]
    found = json.loads(told("evaluate", model, "--json"))
    assert found == metrics
    said = told("evaluate", model)
    assert f"{metrics['test:ndcg_at_10']:.4f}" in said
    assert f"{metrics['popularity:ndcg_at_10']:.4f}" in said


def test_evaluate_on_a_test_gives_the_figures_of_a_job_with_that_test(tmp_path: Path):
    """The channel `test` and `--test` are one judgement."""

    views = list(csv.reader((SAMPLE / "interactions" / "views.csv").read_text(encoding="utf-8").splitlines()))
    head, views = views[0], sorted(views[1:], key=lambda row: float(row[3]))
    cut = len(views) * 9 // 10
    parts = ["\n".join(",".join(row) for row in (head, *some)).encode() for some in (views[:cut], views[cut:])]
    channels = {"interactions": {"views.csv": parts[0]}, "test": {"later.csv": parts[1]}}
    trained = train(tmp_path / "ml", channels)
    assert trained.status == 0, trained.log
    model = tmp_path / "ml" / "model"
    metrics = json.loads((model / "manifest.json").read_text())["metrics"]
    (tmp_path / "later.csv").write_bytes(parts[1])
    found = json.loads(told("evaluate", model, "--test", tmp_path / "later.csv", "--json"))
    assert found == {name: pytest.approx(metrics[name]) for name in found}
    assert len(found) == 8


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_export_leaves_plain_tables(model: Path, tmp_path: Path, form: str):
    out = tmp_path / "tables"
    said = told("export", model, out, "--format", form)
    names = {"items", "clusters", "histories", "weights", "profiles", "tastes"}
    assert {file.name for file in out.iterdir()} == {f"{name}.{form}" for name in names}
    assert all(f"{name}.{form}" in said for name in names)
    assert "is there already" in refused("export", model, out, "--format", form)


def test_exported_tables_say_what_the_model_says(model: Path, tmp_path: Path):
    """A score made of the tables by hand: the block's weight and the product of profile and taste."""
    told("export", model, tmp_path / "out")

    def table(name: str) -> list[dict[str, str]]:
        return rows(tmp_path / "out" / f"{name}.csv")

    def vectors(name: str) -> dict[str, list[float]]:
        return {row.pop("item_id"): [float(value) for value in row.values()] for row in table(name)}

    item = "alien-1979"
    pulls = {row["pulls"]: float(row["weight"]) for row in table("weights") if row["item_id"] == item}
    profile, tastes = vectors("profiles")[item], vectors("tastes")
    answer = json.loads(told("recommend", model, "--history", item, "--json"))
    for one in answer["recommendations"]:
        taste = sum(a * b for a, b in zip(profile, tastes[one["item_id"]], strict=True))
        assert one["score"] == pytest.approx(pulls.get(one["item_id"], 0.0) + taste, rel=1e-4, abs=1e-6)
    films = {row["item_id"]: row for row in table("items")}
    assert films[item]["title"] == "Alien"
    assert films[item]["genres"] == "Horror|Sci-Fi"
    labels = {row["cluster"]: row["label"] for row in table("clusters")}
    assert labels[films[item]["cluster"]] == one["label"] or films[item]["cluster"] != str(one["cluster"])


def test_a_user_who_is_stored_gets_their_recommendations_on_request(tmp_path: Path):

    trained = train(tmp_path / "ml", sample_channels(), recommendations="3", evaluate="false")
    assert trained.status == 0, trained.log
    found = rows(tmp_path / "ml" / "output" / "data" / "recommendations.csv")
    assert len(found) == 3 * len({row["user_id"] for row in found})
    asked = json.loads(told("recommend", tmp_path / "ml" / "model", "--user", "viewer-0010", "--n", 3, "--json"))
    theirs = [row["item_id"] for row in found if row["user_id"] == "viewer-0010"]
    assert theirs == [each["item_id"] for each in asked["recommendations"]]


def test_recommendations_for_stored_users_need_the_users(tmp_path: Path):

    trained = train(tmp_path / "ml", sample_channels(), recommendations="3", store_users="false")
    assert trained.status != 0
    assert "leave store_users at true" in trained.log
