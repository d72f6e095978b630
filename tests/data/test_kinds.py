"""Events of several kinds: what their weights add up to."""

from pathlib import Path

import polars as pl
import pytest

from kindred.contract.hyperparameters import weights as parser
from kindred.data import kinds, pantry
from kindred.data.earlier import SETTLED
from kindred.errors import UserError


def events(*rows: tuple[str, str, str | None, float]) -> pl.DataFrame:
    frame = pl.DataFrame(rows, schema=["user_id", "item_id", "event_type", "timestamp"], orient="row")
    return frame.with_columns(pl.col("user_id", "item_id", "event_type").cast(pl.Categorical))


def settled(frame: pl.DataFrame, **weight: float) -> list[int]:
    return kinds.weighed(frame, weight)[0][SETTLED].to_list()


def test_one_purchase_is_enough_and_so_are_ten_views_of_a_tenth():
    views = events(*[("u", "i", "view", t) for t in range(10)], ("v", "i", "buy", 0.0))
    assert settled(views, view=0.1, buy=1) == [0] * 9 + [1, 1]


def test_events_add_up_by_user_and_item_alone():
    apart = events(("u", "i", "view", 0.0), ("u", "j", "view", 1.0), ("v", "i", "view", 2.0), ("u", "i", "view", 3.0))
    assert settled(apart, view=0.5) == [0, 0, 0, 1]


def test_they_add_up_in_order_of_time_not_of_rows():
    late_first = events(("u", "i", "view", 2.0), ("u", "i", "view", 1.0))
    assert settled(late_first, view=0.5) == [1, 0]
    assert settled(late_first.drop("timestamp"), view=0.5) == [0, 1]


def test_a_kind_without_a_weight_counts_in_full_and_so_does_none():
    assert settled(events(("u", "i", "rent", 0.0), ("u", "j", None, 0.0), ("u", "k", "view", 0.0)), view=0) == [1, 1, 0]


def test_weights_of_nobody_change_nothing():
    told = events(("u", "i", "view", 0.0))
    same, notes = kinds.weighed(told, {})
    assert same.equals(told)
    assert notes == []


def test_a_weight_that_no_event_has_is_refused_with_the_nearest():
    with pytest.raises(UserError, match=r"event_weights names 'veiw', but no interaction has .*did you mean 'view'"):
        kinds.weighed(events(("u", "i", "view", 0.0)), {"veiw": 1})


def test_weights_without_types_are_refused():
    with pytest.raises(UserError, match="no column event_type"):
        kinds.weighed(events(("u", "i", "view", 0.0)).drop("event_type"), {"view": 1})


def test_a_test_need_not_have_every_type(tmp_path: Path):
    """In its tenth of the time perhaps nobody bought anything; a type without a weight counts in full as ever."""
    (tmp_path / "later.csv").write_text("user_id,item_id,event_type\nu,i,view\nu,j,view\nu,j,rent\n")
    read = pantry.read_test(tmp_path, event_weights={"view": 0.2, "buy": 1.0}).interactions
    assert read.settled is not None
    assert sorted(read.settled.tolist()) == [0, 0, 1]
    assert pantry.read_test(tmp_path, event_weights={"buy": 0.5}).interactions.settled is None


@pytest.mark.parametrize(
    "text",
    [
        "view=0.2,purchase=1",
        " purchase = 1 , view=.2 ",
        '{"view": 0.2, "purchase": 1}',
        "{'view': 0.2, 'purchase': 1}",
        "['view=0.2', 'purchase=1']",
    ],
)
def test_every_way_to_write_them_is_read_alike(text: str):
    assert parser(1.0)(text) == ("purchase=1", "view=0.2")
    assert kinds.weights(parser(1.0)(text)) == {"purchase": 1.0, "view": 0.2}


@pytest.mark.parametrize("text", ["view", "view=much", "=1", "view=2", "view=-0.1", "view=nan"])
def test_what_is_no_weight_is_refused(text: str):
    with pytest.raises(ValueError, match=r"names with weights between 0 and 1"):
        parser(1.0)(text)
