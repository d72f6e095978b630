"""What training makes of ordinary, thin, odd and empty data, and what it leaves."""

import random
import re
from pathlib import Path

import msgspec
import numpy as np
import pytest

from algorithms.jobs import (
    SAMPLE_CHANNELS,
    TASTES,
    Trained,
    ids,
    job,
    read,
    scores,
    table,
    trained,
    truth,
    two_taste_items,
    two_tastes,
    views,
)
from kindred.algorithms import recommender
from kindred.artefact import shelf
from kindred.artefact.manifest import Manifest
from kindred.errors import UserError
from kindred.recommender.ensemble import Judges
from kindred.recommender.ranking import Ranker

EVENTS, ITEMS = two_tastes(), two_taste_items()


@pytest.fixture
def events(tmp_path: Path) -> Path:
    return table(tmp_path / "interactions", EVENTS)


@pytest.fixture
def items(tmp_path: Path) -> Path:
    return table(tmp_path / "items", ITEMS)


def manifest(made: Trained) -> Manifest:
    return shelf.open(made.base / "model").manifest


def refusal(base: Path, channels: dict[str, Path], **asked: object) -> str:
    task = job(base, channels, **asked)
    with pytest.raises(UserError) as caught:
        recommender.train(task)
    assert list(task.model.iterdir()) == []
    return caught.value.sentence


def test_the_sample_is_learnt_far_better_than_popularity(sample: Trained):
    metrics = sample.outcome.metrics
    assert metrics["test:ndcg_at_10"] > 2 * metrics["popularity:ndcg_at_10"] > 0
    assert metrics["test:coverage_at_10"] > 5 * metrics["popularity:coverage_at_10"]
    assert all(0 <= figure <= 1 for name, figure in metrics.items() if not name.startswith("chosen:"))


def test_the_notes_tell_what_was_positive_and_what_held_out(sample: Trained):
    positive, *chosen, held = sample.outcome.notes
    assert "4 and above is positive" in positive
    assert [note[: note.index(" ")].rstrip(",") for note in chosen] == ["λ", "ρ", "the"]
    assert chosen[-1].startswith("the head holds")
    assert held.startswith("held out: the last tenth of time")


def test_the_manifest_tells_all(sample: Trained):
    told = manifest(sample)
    assert (told.algorithm, told.seed) == ("recommender", 0)
    defaults = msgspec.json.encode({row.name: row.default for row in recommender.ALGORITHM.hyperparameters})
    assert told.hyperparameters == msgspec.json.decode(defaults)
    assert told.metrics == sample.outcome.metrics
    assert told.notes == list(sample.outcome.notes)
    assert told.fingerprint
    assert set(told.versions) >= {"kindred", "numpy", "scikit-learn", "polars"}
    facts = sample.desk.stock.facts
    assert (facts.kind, facts.positive_from, facts.users) == ("blocks", 4.0, True)
    assert facts.recency == told.metrics["chosen:recency"] > 0
    assert facts.columns == {"genres": "categorical", "runtime": "numeric", "year": "numeric"}
    assert [group.column for group in facts.features] == ["genres", "year"]


def test_the_table_of_clusters_is_whole(sample: Trained):
    rows = read(sample.base / "output" / "clusters.csv")
    labels = sample.desk.stock.facts.labels
    assert [(int(row["cluster"]), row["label"]) for row in rows] == list(enumerate(labels))
    assert sum(int(row["size"]) for row in rows) == len(sample.desk.stock.ids)
    assert sum(float(row["interactions"]) for row in rows) == pytest.approx(1, abs=0.001)
    assert all(1 <= len(row["typical"].split(" | ")) <= 5 for row in rows)


def test_two_tastes_come_apart(tmp_path: Path, events: Path):
    made = trained(tmp_path / "job", {"interactions": events})
    assert made.desk.stock.facts.kind == "blocks"
    seen = {(row["user_id"], row["item_id"]) for row in EVENTS}
    for user in range(40):
        taste = TASTES[user % 2]
        wanted = {f"{taste}-{item}" for item in range(20) if (f"u-{user}", f"{taste}-{item}") not in seen}
        assert set(ids(made.ask({"user_id": f"u-{user}", "n": 2}))) == wanted
    clusters = {
        taste: {made.ask({"item_id": f"{taste}-{item}"}).clusters[0].cluster} for taste in TASTES for item in [3]
    }
    assert clusters["red"] != clusters["blue"]


def test_without_metadata_titles_columns_and_described_items_are_missing(tmp_path: Path, events: Path):
    made = trained(tmp_path / "job", {"interactions": events})
    [best] = made.ask({"history": ["red-1"], "n": 1}).recommendations
    assert best.title is None
    assert best.item_id.startswith("red-")
    with pytest.raises(UserError, match="columns that do: none"):
        made.ask({"item": {"title": "red 99"}})
    with pytest.raises(UserError, match="no column 'genres'"):
        made.ask({"filter": {"genres": ["Red"]}})


def test_without_times_all_of_a_history_counts_alike(tmp_path: Path, events: Path):
    made = trained(tmp_path / "job", {"interactions": events})
    assert made.desk.stock.facts.recency == 0.0
    forth, back = made.ask(["red-1", "blue-2", "red-3"], n=1000), made.ask(["red-3", "blue-2", "red-1"], n=1000)
    alike = pytest.approx(dict(zip(ids(back), scores(back), strict=True)), rel=1e-4, abs=1e-6)
    assert dict(zip(ids(forth), scores(forth), strict=True)) == alike


def test_a_reason_is_what_the_answer_would_stand_lower_without(tmp_path: Path, events: Path):
    made = trained(tmp_path / "job", {"interactions": events}, evaluate=False)
    history = ["red-1", "blue-2", "red-3"]
    for one in made.ask({"history": history, "n": 1000}).recommendations:
        assert one.because
        assert {reason.partition("-")[0] for reason in one.because} == {one.item_id.partition("-")[0]}
        for reason in one.because:
            rest = [item for item in history if item != reason]
            assert scores(made.ask({"history": rest, "rank": [one.item_id]}))[0] < one.score


def test_few_interactions_beside_metadata_leave_it_to_the_metadata(tmp_path: Path, items: Path):
    few = [row for row in EVENTS if int(row["user_id"].removeprefix("u-")) < 4]
    made = trained(tmp_path / "job", {"interactions": table(tmp_path / "few", few), "items": items})
    assert isinstance(made.desk.stock.scorer, Judges)
    assert made.desk.stock.facts.kind == "ensemble"
    [note] = made.outcome.notes
    assert note.startswith("72 positive interactions are fewer than 1000")
    assert note.endswith("genres and year")
    assert manifest(made).notes == [note]
    assert all(one.startswith("red-") for one in ids(made.ask({"history": ["red-1", "red-2"], "n": 5})))
    answer = made.ask({"user_id": "u-1", "n": 2})
    assert answer.source == "user"
    assert all(one.startswith("blue-") for one in ids(answer))


def test_a_bare_catalogue_is_enough(tmp_path: Path, items: Path):
    made = trained(tmp_path / "job", {"items": items})
    opened = made.desk.stock
    assert isinstance(opened.scorer, Judges)
    assert (opened.facts.users, opened.users) == (False, None)
    asked = [
        ({"history": ["red-1", "red-2", "no such thing"]}, "history"),
        ({"item_id": "red-4"}, "item"),
        ({"item": {"genres": ["Red"], "year": 1965}}, "content"),
    ]
    for instance, source in asked:
        answer = made.ask(instance, n=5)
        assert answer.source == source
        assert len(ids(answer)) == 5
        assert all(one.startswith("red-") for one in ids(answer))
        assert msgspec.json.decode(msgspec.json.encode(answer))
        assert {share.weight for share in answer.clusters} <= {1.0} or source == "history"
    assert made.ask({}).source == "popular"
    assert len(ids(made.ask({}, n=1000))) == 40
    with pytest.raises(UserError, match="keeps no users"):
        made.ask({"user_id": "u-1"})


def test_clusters_are_named_where_nobody_has_voted(tmp_path: Path, items: Path):
    made = trained(tmp_path / "job", {"items": items})
    labels = made.desk.stock.facts.labels
    assert {label.split(" · ")[0] for label in labels} == {"Red", "Blue"}
    assert all(re.fullmatch(r"(Red|Blue) · (19|20)\d\d(s|–(19|20)\d\d)?", label) for label in labels)


def test_votes_of_a_bare_catalogue_make_the_popular_ones(tmp_path: Path):
    rows = [row | {"votes": 1000 * (row["item_id"] == "blue-7")} for row in ITEMS]
    made = trained(tmp_path / "job", {"items": table(tmp_path / "items", rows)})
    assert ids(made.ask({}))[0] == "blue-7"


def test_one_user_alone_is_told_of(tmp_path: Path):
    rows = [{"user_id": "only", "item_id": f"red-{item}"} for item in range(20)]
    made = trained(tmp_path / "job", {"interactions": table(tmp_path / "one", rows)})
    assert any("one user" in note for note in made.outcome.notes)
    assert len(ids(made.ask({"history": ["red-1"], "n": 1000}))) == 19
    assert ids(made.ask({"user_id": "only"})) == []


def test_a_single_event_is_a_model(tmp_path: Path):
    made = trained(tmp_path / "job", {"interactions": table(tmp_path / "one", [{"user_id": "u", "item_id": "i"}])})
    assert ids(made.ask({})) == ["i"]
    assert ids(made.ask({"history": ["i"]})) == []


def test_nothing_positive_and_nothing_described_is_refused(tmp_path: Path):
    rows = [row | {"rating": 2 + int(row["user_id"][2:]) % 3} for row in EVENTS]
    folder = table(tmp_path / "rated", rows)
    assert "nothing to learn from" in refusal(tmp_path / "job", {"interactions": folder}, positive_from=5)


def test_users_who_liked_nothing_get_the_popular_ones_they_have_not_met(tmp_path: Path):
    rows = [row | {"rating": 5.0} for row in EVENTS]
    rows += [{"user_id": "sour", "item_id": f"red-{item}", "rating": 1.0 + item % 2} for item in range(5)]
    made = trained(tmp_path / "job", {"interactions": table(tmp_path / "rated", rows)}, positive_from=4)
    answer = made.ask({"user_id": "sour", "n": 1000})
    assert answer.source == "popular"
    assert set(ids(answer)) == {row["item_id"] for row in EVENTS} - {f"red-{item}" for item in range(5)}


def test_among_items_chosen_alike_the_better_rated_is_the_popular_one(tmp_path: Path):
    rows = [{"user_id": u, "item_id": i, "rating": 4 + (i == "z")} for u in range(30) for i in ("a", "y", "z")]
    made = trained(tmp_path / "job", {"interactions": table(tmp_path / "rated", rows)}, evaluate=False, positive_from=4)
    assert ids(made.ask({})) == ["z", "a", "y"]


def test_a_rating_that_is_just_enough_is_enough_in_a_request_too(tmp_path: Path):
    rows = [row | {"rating": 0.1 if row["item_id"] == "red-1" else 30} for row in EVENTS]
    rows += [{"user_id": "u-0", "item_id": "red-9", "rating": 0}]
    made = trained(tmp_path / "job", {"interactions": table(tmp_path / "seconds", rows)}, evaluate=False)
    assert 0 < made.desk.stock.facts.positive_from < 1
    assert made.ask({"history": [{"item_id": "red-1", "rating": 0.1}]}).source == "history"
    assert made.ask({"history": [{"item_id": "red-1", "rating": 0.09}]}).source == "popular"


def test_users_are_kept_only_where_they_may_be(tmp_path: Path, events: Path):
    made = trained(tmp_path / "job", {"interactions": events}, store_users=False)
    with pytest.raises(UserError) as caught:
        made.ask({"user_id": "u-1"})
    assert (caught.value.status, caught.value.at) == (400, "[0].user_id")
    assert "store_users=false" in caught.value.sentence
    content = b"".join(path.read_bytes() for path in (made.base / "model").iterdir())
    assert b"u-17" not in content
    assert not [name for name in shelf.open(made.base / "model").arrays if name.startswith("users.")]


def test_not_to_evaluate_is_said(tmp_path: Path, events: Path):
    made = trained(tmp_path / "job", {"interactions": events}, evaluate=False)
    assert made.outcome.metrics == {}
    assert "as asked" in made.outcome.notes[-1]


def test_a_job_told_to_stop_before_anything_was_read_has_no_model(tmp_path: Path, events: Path):
    assert "before anything was read" in refusal(tmp_path / "job", {"interactions": events}, stopped=True)


def test_hyperparameters_reach_the_model(tmp_path: Path):
    asked = {"tastes": 7, "width": 9, "recency": 0.25, "positive_from": 5, "evaluate": False, "seed": 3, "ridge": 1000}
    made = trained(tmp_path / "job", SAMPLE_CHANNELS, **asked)
    opened = made.desk.stock
    assert isinstance(opened.scorer, Ranker)
    assert opened.scorer.model.tastes.shape[1] == 9
    assert len(opened.facts.labels) == 7
    assert (opened.facts.recency, opened.facts.positive_from) == (0.25, 5.0)
    assert opened.users.liked.sum() == sum(float(view["rating"]) >= 5 for view in views())
    told = manifest(made)
    assert told.seed == 3
    assert {name: told.hyperparameters[name] for name in asked} == asked


@pytest.mark.parametrize(("name", "other"), [("ridge", 10), ("block", 5), ("seed", 1)])
def test_a_hyperparameter_changes_the_model(tmp_path: Path, events: Path, name: str, other: int):
    one = trained(tmp_path / "one", {"interactions": events}, evaluate=False)
    two = trained(tmp_path / "two", {"interactions": events}, evaluate=False, **{name: other})
    assert content(one)["arrays.safetensors"] != content(two)["arrays.safetensors"]


def content(made: Trained) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (made.base / "model").iterdir()}


@pytest.mark.parametrize("threads", [1, 2])
def test_the_same_data_and_seed_give_the_same_bytes(sample: Trained, tmp_path: Path, threads: int):
    again = trained(tmp_path / "again", SAMPLE_CHANNELS, evaluate=False, threads=threads)
    ours, theirs = content(sample), content(again)
    assert set(ours) == set(theirs)
    for name in set(ours) - {"manifest.json"}:
        assert ours[name] == theirs[name], name


def test_an_ensemble_is_the_same_to_the_byte_as_well(tmp_path: Path, items: Path):
    one, two = (trained(tmp_path / name, {"items": items}, threads=n) for name, n in (("one", 1), ("two", 2)))
    assert content(one) == content(two)


def test_the_order_of_rows_does_not_matter(sample: Trained, tmp_path: Path):
    rows = list(views())
    random.Random(0).shuffle(rows)
    shuffled = table(tmp_path / "shuffled", rows)
    made = trained(tmp_path / "job", SAMPLE_CHANNELS | {"interactions": shuffled}, evaluate=False)
    assert manifest(made).fingerprint == manifest(sample).fingerprint
    for row in truth("viewers")[:50]:
        assert made.ask({"user_id": row["user_id"]}) == sample.ask({"user_id": row["user_id"]})


def test_ids_keep_their_zeros(tmp_path: Path):
    rows = [{"user_id": f"0{user}", "item_id": f"00{item}"} for user in range(10, 30) for item in range(1, 9)]
    made = trained(tmp_path / "job", {"interactions": table(tmp_path / "zeros", rows)})
    assert made.ask({"user_id": "012"}).source == "user"
    answer = made.ask({"history": ["001", 1]})
    assert answer.unknown == ["1"]
    assert set(ids(answer)) == {f"00{item}" for item in range(2, 9)}


def test_an_integer_is_the_string_of_its_digits(tmp_path: Path):
    rows = [{"user_id": user, "item_id": item} for user in range(10, 30) for item in range(1, 9)]
    made = trained(tmp_path / "job", {"interactions": table(tmp_path / "digits", rows)})
    assert made.ask({"user_id": 12}) == made.ask({"user_id": "12"})
    assert ids(made.ask({"history": [1, {"item_id": 2}]})) == ids(made.ask({"history": ["1", "2"]}))
    assert ids(made.ask({"rank": [3]})) == ["3"]


def test_items_nobody_chose_are_answered_as_well(tmp_path: Path, events: Path):
    rows = [*ITEMS, {"item_id": "red-new", "title": "red new", "genres": "Red", "year": 1961}]
    more = [row | {"user_id": f"{row['user_id']}-{copy}"} for row in EVENTS for copy in range(2)]
    channels = {"interactions": table(events, more), "items": table(tmp_path / "items", rows)}
    made = trained(tmp_path / "job", channels)
    assert made.desk.stock.facts.kind == "blocks"
    assert all(one.startswith("red-") for one in ids(made.ask({"item_id": "red-new"}, n=5)))
    assert made.ask({"history": ["red-new"]}).source == "history"
    ranked = ids(made.ask({"history": ["red-1", "red-2"], "rank": ["blue-5", "red-new"]}))
    assert ranked == ["red-new", "blue-5"]


def test_one_folder_may_hold_both(tmp_path: Path):
    folder = table(table(tmp_path / "train", EVENTS, name="ratings.csv"), ITEMS, name="movies.csv")
    made = trained(tmp_path / "job", {"train": folder})
    assert made.ask({"item_id": "red-4"}, n=1).recommendations[0].title.startswith("red")


def test_scores_of_the_popular_never_fall_below_zero(sample: Trained):
    assert np.all(sample.desk.stock.scorer.popularity >= 0)


def held_back(*, hidden: int = 2) -> list[dict[str, str]]:
    """What `two_tastes` leaves out: each user's next likings."""
    every = {(row["user_id"], row["item_id"]) for row in two_tastes(hidden=0)}
    given = {(row["user_id"], row["item_id"]) for row in two_tastes(hidden=hidden)}
    return [{"user_id": user, "item_id": item} for user, item in sorted(every - given)]


def test_the_channel_test_judges_the_model_itself(tmp_path: Path, events: Path):
    strangers = [{"user_id": "nobody", "item_id": "red-1"}, {"user_id": "u-0", "item_id": "no such item"}]
    later = table(tmp_path / "later", [*held_back(), *strangers])
    made = trained(tmp_path / "job", {"interactions": events, "test": later})
    assert made.outcome.metrics["test:ndcg_at_10"] == 1.0
    assert made.outcome.metrics["test:recall_at_20"] == 1.0
    assert made.outcome.metrics["popularity:ndcg_at_10"] < 0.9
    assert made.outcome.notes[-1] == "the channel 'test': 40 users known from training are asked about"
    plain = trained(tmp_path / "plain", {"interactions": events})
    history = {"history": ["red-1", "red-2"]}
    assert ids(made.ask(history)) == ids(plain.ask(history))


def test_a_channel_test_of_strangers_asks_nothing_and_says_so(tmp_path: Path, events: Path):
    later = table(tmp_path / "later", [{"user_id": "nobody", "item_id": "red-1"}])
    made = trained(tmp_path / "job", {"interactions": events, "test": later})
    assert made.outcome.metrics == {}
    assert made.outcome.notes[-1].startswith("the channel 'test' asks nothing")


def test_an_empty_channel_test_is_named(tmp_path: Path, events: Path):
    (tmp_path / "later").mkdir()
    with pytest.raises(UserError, match="the channel 'test' cannot be read as interactions"):
        trained(tmp_path / "job", {"interactions": events, "test": tmp_path / "later"})
