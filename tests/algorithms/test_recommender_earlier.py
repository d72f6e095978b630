"""The channel `model`: what an earlier model knows is learnt from as well (contract line 49)."""

from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from algorithms.jobs import Trained, films, ids, job, scores, table, trained, two_taste_items, two_tastes, views
from kindred.algorithms import recommender
from kindred.artefact import shelf
from kindred.errors import UserError
from kindred.recommender.model import ARRAYS

EVENTS, ITEMS = two_tastes(users=80, hidden=4), two_taste_items()
SECOND = slice(0, None, 3)
"""Every third event is new: most users have some before and some after."""


def earlier_and_later() -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    later = EVENTS[SECOND]
    kept = {id(event) for event in later}
    return [event for event in EVENTS if id(event) not in kept], later


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    base = tmp_path_factory.mktemp("before")
    events, _ = earlier_and_later()
    return trained(base / "job", {"interactions": table(base / "interactions", events)}, evaluate=False)


def model(made: Trained) -> Path:
    return made.base / "model"


def refusal(base: Path, channels: dict[str, Path], **asked: object) -> UserError:
    with pytest.raises(UserError) as caught:
        recommender.train(job(base, channels, **asked))
    return caught.value


def history(made: Trained, user: str) -> list[str]:
    """A user's stored history, oldest first."""
    stock = made.desk.stock
    assert stock.users is not None
    number = [stock.users.ids[u] for u in range(len(stock.users.ids))].index(user)
    return [stock.ids[i] for i in stock.users.items[stock.users.starts[number] : stock.users.starts[number + 1]]]


def clusters(made: Trained) -> dict[str, int]:
    return {made.desk.stock.ids[i]: c for i, c in enumerate(made.desk.stock.scorer.clusters.tolist())}


def test_learning_in_two_steps_is_learning_at_once(tmp_path: Path, before: Trained):
    """[49] The same answers and the same scores, to the bit: nothing is lost between the two."""
    _, later = earlier_and_later()
    at_once = trained(tmp_path / "at-once", {"interactions": table(tmp_path / "all", EVENTS)}, evaluate=False)
    channels = {"interactions": table(tmp_path / "later", later), "model": model(before)}
    in_steps = trained(tmp_path / "in-steps", channels, evaluate=False)
    for name in ARRAYS:
        ours, theirs = (made.desk.stock.scorer.model for made in (in_steps, at_once))
        assert getattr(ours, name).tobytes() == getattr(theirs, name).tobytes()
    for user in ("u-0", "u-1", "u-42", "u-79"):
        one, other = in_steps.ask({"user_id": user, "n": 4}), at_once.ask({"user_id": user, "n": 4})
        assert (ids(one), scores(one)) == (ids(other), scores(other))
    assert ids(in_steps.ask({"user_id": "u-0"})) != ids(before.ask({"user_id": "u-0"}))
    assert any("adds 80 histories" in note for note in in_steps.outcome.notes)


def test_what_was_before_is_older_than_what_is_new(tmp_path: Path, before: Trained):
    """[49] The histories of a user are joined, times or not."""
    old = history(before, "u-0")
    new = [{"user_id": "u-0", "item_id": f"fresh-{n}", "timestamp": 1000 + n} for n in (2, 0, 1)]
    timed = {"interactions": table(tmp_path / "timed", new), "model": model(before)}
    made = trained(tmp_path / "a", timed, evaluate=False)
    assert history(made, "u-0") == [*old, "fresh-0", "fresh-1", "fresh-2"]
    assert history(made, "u-5") == history(before, "u-5")
    untimed = [{"user_id": "u-0", "item_id": "fresh-7"}]
    channels = {"interactions": table(tmp_path / "untimed", untimed), "model": model(before)}
    assert history(trained(tmp_path / "b", channels, evaluate=False), "u-0") == [*old, "fresh-7"]


def test_new_titles_alone_are_placed_among_those_known(tmp_path: Path):
    """[49] A job with nothing but new items goes on from what the viewers of the earlier model liked."""
    many = two_tastes(users=120, hidden=2)
    first = {"interactions": table(tmp_path / "interactions", many), "items": table(tmp_path / "items", ITEMS)}
    known = trained(tmp_path / "first", first, evaluate=False)
    new = [{"item_id": "new-red", "title": "New", "genres": "Red", "year": 1965}]
    made = trained(tmp_path / "job", {"items": table(tmp_path / "new", new), "model": model(known)}, evaluate=False)
    assert made.desk.stock.facts.kind == "blocks"
    told = clusters(made)
    assert told["new-red"] == told["red-3"] != told["blue-3"]
    red, blue = made.ask({"user_id": "u-0", "n": 40}), made.ask({"user_id": "u-1", "n": 40})
    liking, other = (scores(one)[ids(one).index("new-red")] for one in (red, blue))
    assert liking > 5 * abs(other)


def test_of_metadata_the_new_wins_and_the_rest_stays(tmp_path: Path):
    """[49]"""
    first = trained(tmp_path / "first", {"items": table(tmp_path / "items", ITEMS)})
    new = [{"item_id": "red-3", "title": "Another", "genres": "", "year": ""}]
    made = trained(tmp_path / "job", {"items": table(tmp_path / "new", new), "model": model(first)})
    stock = made.desk.stock
    titles = {stock.ids[i]: stock.titles[i] for i in range(len(stock.ids))}
    assert (titles["red-3"], titles["red-4"], titles["blue-0"]) == ("Another", "red 4", "blue 0")
    number = [stock.ids[i] for i in range(len(stock.ids))].index("red-3")
    assert stock.columns["year"].numbers[number] == 1963


def test_what_was_liked_stays_liked_whatever_the_new_ratings_say(tmp_path: Path):
    """[49] The earlier threshold holds, and the earlier verdicts."""
    rated = [{**event, "rating": 5 if n % 4 else 1} for n, event in enumerate(EVENTS)]
    first = trained(tmp_path / "first", {"interactions": table(tmp_path / "rated", rated)}, evaluate=False)
    channels = {
        "interactions": table(tmp_path / "new", [{"user_id": "u-0", "item_id": "red-0", "rating": r} for r in (3, 2)]),
        "model": model(first),
    }
    made = trained(tmp_path / "job", channels, evaluate=False)
    assert made.desk.stock.facts.positive_from == first.desk.stock.facts.positive_from
    assert made.desk.stock.users.liked.sum() == first.desk.stock.users.liked.sum()
    assert len(made.desk.stock.users.liked) == len(first.desk.stock.users.liked) + 2


@pytest.mark.slow
def test_clusters_keep_their_numbers_and_figures_are_those_of_all_the_data(tmp_path: Path, sample: Trained):
    """[49] The sample's last tenth comes later; without the earlier model the numbers are anybody's."""
    events = sorted(views(), key=lambda row: float(row["timestamp"]))
    cut = len(events) * 7 // 10
    catalogue = table(tmp_path / "films", list(films().values()))
    first = trained(tmp_path / "first", {"interactions": table(tmp_path / "a", events[:cut]), "items": catalogue})
    channels = {"interactions": table(tmp_path / "b", events[cut:]), "model": model(first)}
    made = trained(tmp_path / "job", channels)
    kept = [number == clusters(made)[item] for item, number in clusters(first).items() if number >= 0]
    anew = [number == clusters(sample)[item] for item, number in clusters(first).items() if number >= 0]
    assert np.mean(kept) > 0.9 > 0.5 > np.mean(anew)
    figure, expected = (one.outcome.metrics["test:ndcg_at_10"] for one in (made, sample))
    assert figure == pytest.approx(expected, rel=0.1)


def test_a_model_without_histories_gives_its_catalogue_and_says_so(tmp_path: Path):
    """[49]"""
    first = {"interactions": table(tmp_path / "a", EVENTS), "items": table(tmp_path / "i", ITEMS)}
    secretive = trained(tmp_path / "first", first, evaluate=False, store_users=False)
    channels = {"interactions": table(tmp_path / "b", EVENTS), "model": model(secretive)}
    made = trained(tmp_path / "job", channels, evaluate=False)
    assert any("keeps no histories: only its catalogue of 40 items" in note for note in made.outcome.notes)
    assert made.desk.stock.titles[0]
    alone = {"items": table(tmp_path / "new", ITEMS[:1]), "model": model(secretive)}
    assert "bring the interactions as well" in refusal(tmp_path / "alone", alone).sentence


def test_a_model_of_another_algorithm_is_refused_by_name(tmp_path: Path, before: Trained):
    """[49]"""
    opened = shelf.open(model(before))
    other = msgspec.structs.replace(opened.manifest, algorithm="kmeans")
    shelf.write(tmp_path / "model", manifest=other, arrays={"centroids": np.zeros((2, 2))}, strings={})
    channels = {"interactions": table(tmp_path / "b", EVENTS), "model": tmp_path / "model"}
    assert "made by the algorithm 'kmeans', not by 'recommender'" in refusal(tmp_path / "job", channels).sentence


def test_a_damaged_model_is_refused(tmp_path: Path, before: Trained):
    """[49]"""
    folder = tmp_path / "model"
    folder.mkdir()
    for path in model(before).iterdir():
        content = bytearray(path.read_bytes())
        content[-1] ^= path.name == "arrays.safetensors"
        (folder / path.name).write_bytes(content)
    channels = {"interactions": table(tmp_path / "b", EVENTS), "model": folder}
    assert "SHA-256" in refusal(tmp_path / "job", channels).sentence


def test_a_model_alone_brings_nothing_new(tmp_path: Path, before: Trained):
    """[49]"""
    assert "no channel holds data" in refusal(tmp_path / "job", {"model": model(before)}).sentence
