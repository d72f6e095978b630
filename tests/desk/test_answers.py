"""Every subject and every option, asked of a model trained on the sample."""

import math
from itertools import pairwise

import msgspec
import pytest

from algorithms.jobs import Trained, films, films_of, ids, scores, views
from kindred.desk.response import Prediction
from kindred.errors import NotFound, UserError

MATRIX = "the-matrix-1999"
SPACE = ["alien-1979", "blade-runner-1982", MATRIX]
VIEWER = "viewer-0001"

SUBJECTS = {
    "history": {"history": SPACE},
    "events": {"history": [{"item_id": MATRIX, "rating": 5, "timestamp": 1}, {"item_id": "jaws-1975", "rating": 1}]},
    "unknown": {"history": ["no such film"]},
    "user": {"user_id": VIEWER},
    "item": {"item_id": MATRIX},
    "content": {"item": {"genres": ["Western"], "year": 1968}},
    "popular": {},
}
OPTIONS = {
    "none": {},
    "n=1": {"n": 1},
    "n=1000": {"n": 1000},
    "diversity": {"diversity": 0.3, "n": 50},
    "seen": {"exclude_seen": False, "n": 30},
    "silent": {"explain": False},
    "filter": {"filter": {"genres": ["War"]}},
    "allow": {"allow": [MATRIX, "psycho-1960", "jaws-1975"]},
}


def seen_by(user_id: str) -> set[str]:
    return {view["item_id"] for view in views() if view["user_id"] == user_id}


SEEN = {
    "history": set(SPACE),
    "events": {MATRIX, "jaws-1975"},
    "unknown": set(),
    "user": seen_by(VIEWER),
    "item": {MATRIX},
    "content": set(),
    "popular": set(),
}


@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS)
@pytest.mark.parametrize("subject", SUBJECTS)
def test_every_answer_keeps_the_promises(sample: Trained, subject: str, options: dict):
    answer = sample.ask(SUBJECTS[subject] | options)
    found, figures = ids(answer), scores(answer)
    assert len(found) <= options.get("n", 10)
    assert len(set(found)) == len(found)
    assert set(found) <= set(films())
    assert all(math.isfinite(score) for score in figures)
    for (one, score), (next_one, next_score) in pairwise(zip(found, figures, strict=True)):
        assert (-score, one) < (-next_score, next_one)
    if options.get("exclude_seen", True):
        assert not set(found) & SEEN[subject]


@pytest.mark.parametrize("subject", SUBJECTS)
def test_there_are_as_many_as_asked_for(sample: Trained, subject: str):
    for n in (1, 10, 200):
        assert len(ids(sample.ask(SUBJECTS[subject] | {"n": n}))) == n
    assert len(ids(sample.ask(SUBJECTS[subject] | {"n": 1000}))) == len(films()) - len(SEEN[subject])


@pytest.mark.parametrize("subject", SUBJECTS)
def test_fewer_are_the_first_of_more(sample: Trained, subject: str):
    more = ids(sample.ask(SUBJECTS[subject] | {"n": 200}))
    assert ids(sample.ask(SUBJECTS[subject] | {"n": 7})) == more[:7]


@pytest.mark.parametrize("subject", SUBJECTS)
def test_a_batch_is_answered_as_one_by_one(sample: Trained, subject: str):
    desk = sample.desk
    requests = [desk.parse(instance, {"n": 5}) for instance in SUBJECTS.values()]
    together = dict(zip(SUBJECTS, desk.predict(requests), strict=True))
    assert together[subject] == sample.ask(SUBJECTS[subject], n=5)


@pytest.mark.parametrize("subject", SUBJECTS)
def test_json_holds_what_was_answered_and_nothing_empty(sample: Trained, subject: str):
    answer = sample.ask(SUBJECTS[subject])
    text = msgspec.json.encode(answer)
    assert msgspec.json.decode(text, type=Prediction) == answer
    assert b"NaN" not in text
    for empty in (b"null", b"[]", b'""', b"{}"):
        assert empty not in text


@pytest.mark.parametrize(
    ("subject", "source"),
    [
        ("history", "history"),
        ("events", "history"),
        ("unknown", "popular"),
        ("user", "user"),
        ("item", "item"),
        ("content", "content"),
        ("popular", "popular"),
    ],
)
def test_the_source_is_told_honestly(sample: Trained, subject: str, source: str):
    assert sample.ask(SUBJECTS[subject]).source == source


def test_titles_and_clusters_are_those_of_the_items(sample: Trained):
    answer = sample.ask({"history": SPACE})
    labels = sample.desk.stock.facts.labels
    for one in answer.recommendations:
        assert one.title == films()[one.item_id]["title"]
        assert 0 <= one.cluster < len(labels)
    assert all(share.label == labels[share.cluster] for share in answer.clusters)


def test_the_clusters_are_those_of_the_history(sample: Trained):
    whole = sample.ask({"history": SPACE}).clusters
    assert sum(share.weight for share in whole) == pytest.approx(1)
    [alone] = sample.ask({"history": [MATRIX]}).clusters
    assert alone.weight == 1.0
    assert alone.cluster == sample.desk.stock.scorer.clusters[int(sample.desk.stock.ids.numbers([MATRIX])[0])]


def test_reasons_come_from_the_history(sample: Trained):
    answer = sample.ask({"history": SPACE, "n": 20})
    reasons = [one.because for one in answer.recommendations]
    assert all(reason is None or (set(reason) <= set(SPACE) and len(set(reason)) == len(reason)) for reason in reasons)
    assert reasons[0]


def test_the_reason_for_a_similar_item_is_that_item(sample: Trained):
    assert all(one.because == [MATRIX] for one in sample.ask({"item_id": MATRIX}).recommendations)


def test_nobody_gets_no_reasons(sample: Trained):
    answer = sample.ask({})
    assert answer.clusters == []
    assert all(one.because is None for one in answer.recommendations)


@pytest.mark.parametrize("subject", SUBJECTS)
def test_without_explaining_there_are_ids_titles_and_scores(sample: Trained, subject: str):
    plain = msgspec.to_builtins(sample.ask(SUBJECTS[subject] | {"explain": False}))
    assert {key for one in plain["recommendations"] for key in one} == {"item_id", "title", "score"}
    assert "clusters" not in plain
    assert ids(sample.ask(SUBJECTS[subject])) == [one["item_id"] for one in plain["recommendations"]]


def test_nothing_and_an_empty_history_ask_for_the_popular(sample: Trained):
    assert sample.ask({}) == sample.ask({"history": []}) == sample.ask([])
    ranks = sample.desk.stock.scorer.popularity
    assert scores(sample.ask({}))[0] == pytest.approx(float(ranks.max()), rel=1e-5)


def test_unknown_ids_are_listed_once_each(sample: Trained):
    answer = sample.ask({"history": ["no such film", MATRIX, "nor this", "no such film"]})
    assert (answer.source, answer.unknown) == ("history", ["no such film", "nor this"])
    assert ids(answer) == ids(sample.ask({"history": [MATRIX]}))
    nobody = sample.ask({"history": ["no such film"]})
    assert (nobody.source, nobody.unknown) == ("popular", ["no such film"])
    assert ids(nobody) == ids(sample.ask({}))


def test_the_newest_counts_most(sample: Trained):
    western = "unforgiven-1992"
    newest_space = ids(sample.ask({"history": [western, MATRIX], "n": 5}))
    newest_western = ids(sample.ask({"history": [MATRIX, western], "n": 5}))
    taste = films_of()["space"]
    assert len(taste & set(newest_space)) > len(taste & set(newest_western))


def test_times_order_a_history_where_every_event_has_one(sample: Trained):
    older, newer = {"item_id": "unforgiven-1992", "timestamp": 1}, {"item_id": MATRIX, "timestamp": 2}
    expected = sample.ask(["unforgiven-1992", MATRIX])
    assert sample.ask([newer, older]) == sample.ask([older, newer]) == expected
    assert sample.ask([newer, "unforgiven-1992"]) == sample.ask([MATRIX, "unforgiven-1992"])


def test_what_was_disliked_counts_as_seen_and_pulls_nothing(sample: Trained):
    disliked = {"item_id": "unforgiven-1992", "rating": 1}
    both, liked = sample.ask({"history": [MATRIX, disliked], "n": 300}), sample.ask({"history": [MATRIX], "n": 301})
    assert ids(both) == [one for one in ids(liked) if one != "unforgiven-1992"]
    nothing_liked = sample.ask({"history": [disliked]})
    assert nothing_liked.source == "popular"
    assert "unforgiven-1992" not in ids(sample.ask({"history": [disliked], "n": 1000}))


@pytest.mark.parametrize("user_id", ["viewer-0001", "viewer-0010", "viewer-0300"])
def test_a_user_is_answered_as_their_history_is(sample: Trained, user_id: str):
    theirs = [
        {"item_id": view["item_id"], "rating": float(view["rating"]), "timestamp": float(view["timestamp"])}
        for view in views()
        if view["user_id"] == user_id
    ]
    by_id, by_history = sample.ask({"user_id": user_id}), sample.ask({"history": theirs})
    assert by_id.recommendations == by_history.recommendations
    assert by_id.clusters == by_history.clusters


def test_what_was_seen_comes_back_on_request(sample: Trained):
    answer = sample.ask({"history": SPACE, "exclude_seen": False, "n": 1000})
    assert set(ids(answer)) == set(films())


def test_excluded_items_are_left_out(sample: Trained):
    first, second, third = ids(sample.ask({"history": SPACE, "n": 3}))
    assert ids(sample.ask({"history": SPACE, "n": 2, "exclude": [first, "no such film"]})) == [second, third]


def test_allowed_items_alone_remain(sample: Trained):
    allowed = ["jaws-1975", MATRIX, "psycho-1960", "no such film"]
    assert set(ids(sample.ask({"history": [MATRIX], "allow": allowed}))) == {"jaws-1975", "psycho-1960"}
    assert ids(sample.ask({"history": [MATRIX], "allow": []})) == []


@pytest.mark.parametrize("subject", SUBJECTS)
def test_a_filter_is_met_before_the_best_are_cut(sample: Trained, subject: str):
    westerns = {film["item_id"] for film in films().values() if "Western" in film["genres"].split("|")}
    wanted = westerns - SEEN[subject]
    answer = sample.ask(SUBJECTS[subject] | {"filter": {"genres": ["western"]}, "n": len(wanted)})
    assert set(ids(answer)) == wanted
    everything = ids(sample.ask(SUBJECTS[subject] | {"n": 1000}))
    assert ids(answer) == [one for one in everything if one in wanted]


FILTERS = {
    "a genre": ({"genres": ["western"]}, lambda film: "Western" in film["genres"].split("|")),
    "one value": ({"genres": "War"}, lambda film: "War" in film["genres"].split("|")),
    "any of two": (
        {"genres": ["Comedy", "nonsense", "ROMANCE"]},
        lambda film: {"Comedy", "Romance"} & set(film["genres"].split("|")),
    ),
    "a range": ({"year": {"gte": 1990, "lt": 1995}}, lambda film: 1990 <= int(film["year"]) < 1995),
    "a number": ({"year": 1999}, lambda film: film["year"] == "1999"),
    "numbers as text": ({"year": ["1999", 1968]}, lambda film: film["year"] in ("1999", "1968")),
    "a title": ({"title": "jaws"}, lambda film: film["title"] == "Jaws"),
    "titles": ({"title": ["JAWS", "Alien", "no such film"]}, lambda film: film["title"] in ("Jaws", "Alien")),
    "title and year": ({"title": ["Jaws", "Alien"], "year": 1979}, lambda film: film["title"] == "Alien"),
    "nothing": ({"title": []}, lambda _: False),
    "everything": ({}, lambda _: True),
}


@pytest.mark.parametrize("subject", SUBJECTS)
@pytest.mark.parametrize("name", FILTERS)
def test_any_filter_leaves_of_the_whole_ranking_what_meets_it(sample: Trained, subject: str, name: str):
    conditions, meets = FILTERS[name]
    everything = ids(sample.ask(SUBJECTS[subject] | {"n": 1000}))
    wanted = [one for one in everything if meets(films()[one])]
    assert ids(sample.ask(SUBJECTS[subject] | {"filter": conditions, "n": 1000})) == wanted
    assert ids(sample.ask(SUBJECTS[subject] | {"filter": conditions, "n": 3})) == wanted[:3]
    assert ids(sample.ask(SUBJECTS[subject] | {"allow": wanted, "n": 3})) == wanted[:3]


def test_keys_of_a_filter_combine(sample: Trained):
    nineties_war_or_horror = {
        film["item_id"]
        for film in films().values()
        if {"War", "Horror"} & set(film["genres"].split("|")) and 1990 <= int(film["year"]) <= 1999
    }
    conditions = {"genres": ["War", "Horror"], "year": {"gte": 1990, "lte": 1999}}
    assert set(ids(sample.ask({"filter": conditions, "n": 1000}))) == nineties_war_or_horror


def test_a_filter_that_nothing_meets_leaves_nothing(sample: Trained):
    answer = sample.ask({"history": SPACE, "filter": {"year": {"gt": 2100}}})
    assert (answer.recommendations, answer.source) == ([], "history")


@pytest.mark.parametrize("subject", SUBJECTS)
def test_ranking_orders_exactly_these(sample: Trained, subject: str):
    listed = ["unforgiven-1992", "no such film", MATRIX, "jaws-1975", MATRIX]
    answer = sample.ask(SUBJECTS[subject] | {"rank": listed, "n": 1, "exclude": [MATRIX]})
    assert sorted(ids(answer)) == ["jaws-1975", MATRIX, "unforgiven-1992"]
    assert "no such film" in answer.unknown
    assert scores(answer) == sorted(scores(answer), reverse=True)


def test_ranking_agrees_with_recommending(sample: Trained):
    recommended = ids(sample.ask({"history": SPACE, "n": 50}))
    assert ids(sample.ask({"history": SPACE, "rank": recommended[::-1]})) == recommended
    assert ids(sample.ask({"history": SPACE, "rank": []})) == []


def test_diversity_spreads_an_answer_over_clusters(sample: Trained):
    def clusters(diversity: float) -> int:
        answer = sample.ask({"history": SPACE, "n": 20, "diversity": diversity})
        return len({one.cluster for one in answer.recommendations})

    assert clusters(0) < clusters(0.1) < clusters(1)
    best = ids(sample.ask({"history": SPACE, "n": 1}))
    assert ids(sample.ask({"history": SPACE, "n": 1, "diversity": 1})) == best


STEPS = (0.0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.4, 0.7, 1.0)


def test_diversity_trades_score_for_spread_step_by_step(sample: Trained):
    """Over many viewers: the more is asked for, the more clusters an answer shows, and the less its items score."""
    stock = sample.desk.stock
    spread, worth = [], []
    for step in STEPS:
        shown, kept = 0, 0.0
        for number in range(0, 200, 10):
            user = stock.users.ids[number]
            answer = sample.ask({"user_id": user, "n": 10, "diversity": step})
            shown += len({one.cluster for one in answer.recommendations})
            kept += sum(one.score - (one.spread or 0) for one in answer.recommendations)
        spread.append(shown)
        worth.append(kept)
    assert spread == sorted(spread)
    assert worth == sorted(worth, reverse=True)
    assert spread[-1] > 1.5 * spread[0]


def test_an_item_told_by_its_own_id_is_no_neighbour_of_itself(sample: Trained):
    film = {"item_id": MATRIX, "genres": "Action|Sci-Fi", "year": 1999}
    answer = sample.ask({"item": film, "n": 1000})
    assert set(ids(answer)) == set(films()) - {MATRIX}


@pytest.mark.parametrize(("subject", "at"), [("user_id", ".user_id"), ("item_id", ".item_id")])
def test_an_unknown_user_or_item_is_not_found(sample: Trained, subject: str, at: str):
    with pytest.raises(NotFound) as caught:
        sample.ask({subject: "no such thing"})
    assert (caught.value.status, caught.value.at) == (404, f"[0]{at}")
    assert "'no such thing'" in caught.value.sentence


@pytest.mark.parametrize(
    ("instance", "at"),
    [
        ({"filter": {"genre": ["War"]}}, "[1].filter.genre"),
        ({"filter": {"genres": {"gte": 3}}}, "[1].filter.genres"),
        ({"item": {"genres": ["Nonsense"]}}, "[1].item"),
        ({"user_id": 7}, "[1].user_id"),
    ],
)
def test_the_place_of_a_mistake_in_a_batch_is_named(sample: Trained, instance: dict, at: str):
    desk = sample.desk
    with pytest.raises(UserError) as caught:
        desk.predict([desk.parse({}, {}), desk.parse(instance, {})])
    assert caught.value.at == at


def test_a_row_is_the_ids(sample: Trained):
    desk = sample.desk
    requests = [desk.parse_row(SPACE, {"n": "20"}), desk.parse_row([VIEWER], {"input": "user_id"})]
    by_row, by_user = desk.predict(requests)
    assert desk.row(by_row) == ids(sample.ask({"history": SPACE, "n": 20}))
    assert desk.row(by_user) == ids(sample.ask({"user_id": VIEWER}))
    [nothing] = desk.predict([desk.parse_row([], {})])
    assert desk.row(nothing) == ids(sample.ask({}))
