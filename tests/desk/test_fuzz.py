"""Whatever is asked is answered, or refused with a sentence: nothing else."""

import math
from collections.abc import Callable
from typing import Any

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from algorithms.jobs import Trained, films
from kindred.desk.parsing import from_json, from_row
from kindred.desk.request import Request
from kindred.errors import UserError

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)
ID = st.sampled_from(sorted(films())) | st.text(max_size=12) | st.integers(-(2**63), 2**63 - 1)
EVENT = st.fixed_dictionaries(
    {"item_id": ID}, optional={"rating": st.floats(0, 5), "timestamp": st.integers(0, 2**40), "event_type": st.text()}
)
NUMBER = st.integers(1900, 2030) | st.floats(allow_nan=False, allow_infinity=False)
CONDITION = (
    st.lists(st.text(max_size=8) | NUMBER, max_size=3)
    | st.sampled_from(["Drama", "1999", 1999])
    | st.fixed_dictionaries({}, optional=dict.fromkeys(("gte", "gt", "lte", "lt"), NUMBER))
)
DESCRIBED = st.fixed_dictionaries(
    {}, optional={"genres": st.lists(st.sampled_from(["Drama", "War", "?"])) | st.text(max_size=9), "year": ANYTHING}
)
SUBJECT = st.one_of(
    st.fixed_dictionaries({"history": st.lists(ID | EVENT, max_size=6)}),
    st.fixed_dictionaries({"user_id": st.sampled_from(["viewer-0001", "viewer-0300", "nobody"])}),
    st.fixed_dictionaries({"item_id": ID}),
    st.fixed_dictionaries({"item": DESCRIBED}),
    st.just({}),
)
OPTIONS = st.fixed_dictionaries(
    {},
    optional={
        "n": st.integers(1, 1000),
        "rank": st.lists(ID, max_size=5),
        "exclude": st.lists(ID, max_size=5),
        "allow": st.lists(ID, max_size=5),
        "filter": st.dictionaries(st.sampled_from(["genres", "year", "runtime"]), CONDITION, max_size=2),
        "exclude_seen": st.booleans(),
        "diversity": st.floats(0, 1),
        "explain": st.booleans(),
    },
)


def outcome(ask: Callable[[], Any]) -> Any:
    """What `ask` returns, or how it refuses."""
    try:
        return ask()
    except UserError as error:
        return error


def well_refused(error: Any) -> bool:
    return (
        isinstance(error, UserError)
        and error.status in (400, 404)
        and error.sentence[0].islower()
        and not error.sentence.endswith(".")
    )


def holds_null(value: Any) -> bool:
    """The word may be an id that was asked for."""
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return value is None or any(map(holds_null, inside))


@given(instance=ANYTHING | st.dictionaries(st.sampled_from(Request.__struct_fields__), ANYTHING, max_size=3))
def test_any_json_becomes_a_request_or_is_refused(instance: Any) -> None:
    read = outcome(lambda: from_json(instance, {}))
    assert isinstance(read, Request) or well_refused(read)


@given(
    cells=st.lists(st.text(max_size=8), max_size=4),
    options=st.dictionaries(
        st.sampled_from([*Request.__struct_fields__, "input", "trace"]), st.text(max_size=12), max_size=3
    ),
)
def test_any_line_becomes_a_request_or_is_refused(cells: list[str], options: dict[str, str]) -> None:
    read = outcome(lambda: from_row(cells, options))
    assert isinstance(read, Request) or well_refused(read)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(subject=SUBJECT, options=OPTIONS)
def test_every_valid_request_is_answered_as_promised(
    sample: Trained, subject: dict[str, Any], options: dict[str, Any]
) -> None:
    answer = outcome(lambda: sample.ask(subject | options))
    if isinstance(answer, UserError):
        assert well_refused(answer)
        return
    found = [one.item_id for one in answer.recommendations]
    keys = [(-one.score, one.item_id.encode()) for one in answer.recommendations]
    assert len(set(found)) == len(found)
    assert keys == sorted(keys)
    assert all(math.isfinite(one.score) for one in answer.recommendations)
    assert not holds_null(msgspec.json.decode(msgspec.json.encode(answer)))
    if "rank" in options:
        assert set(found) <= {str(one) for one in options["rank"]}
        return
    assert len(found) <= options.get("n", 10)
    assert not set(found) & {str(one) for one in options.get("exclude", [])}
    assert "allow" not in options or set(found) <= {str(one) for one in options["allow"]}
