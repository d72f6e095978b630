"""Recommendations at the command line: titles in, a table with reasons out."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from kindred.desk import stock as stocks
from kindred.desk.lines import table
from kindred.desk.parsing import from_json
from kindred.desk.predictor import Desk
from kindred.desk.response import Prediction, Recommendation
from kindred.desk.search import Search
from kindred.errors import UserError

HEAD = ("", "title", "score", "cluster", "because of")


def recommend(folder: Path, *, subject: tuple[str, Any] | None, options: Mapping[str, Any], as_json: bool) -> str:
    """Return the answer as a table, or as `/invocations` gives it in JSON. Raises UserError.

    subject: `history` with texts, `user` with an id or `item` with a text; None asks for the popular ones.
    """
    stock = stocks.take(folder)
    search = Search(stock)
    instance, question = _instance(search, subject)
    answer = _answered(Desk(stock=stock), instance, options)
    return _json(answer) if as_json else f"{question}\n\n{_table(search, answer)}{_clusters(answer)}"


def _answered(desk: Desk, instance: Mapping[str, Any], options: Mapping[str, Any]) -> Prediction:
    try:
        [answer] = desk.predict([from_json(instance, options)])
    except UserError as error:
        # There is one instance, which nobody at the command line numbered.
        error.at = (error.at or "").removeprefix("[0]").removeprefix(".") or None
        raise
    return answer


def _instance(search: Search, subject: tuple[str, Any] | None) -> tuple[Mapping[str, Any], str]:
    """The request, and what it asks in words."""
    kind, value = subject or ("nobody", "")
    ids = search.stock.ids
    if kind == "history":
        numbers = search.history(value)
        told = ", ".join(search.shown(number) for number in numbers)
        return {"history": ids.many(numbers)}, f"After {told}:"
    if kind == "item":
        number = search.one(value)
        return {"item_id": ids[number]}, f"Like {search.shown(number)}:"
    return ({"user_id": value}, f"For the user {value}:") if kind == "user" else ({}, "The popular ones:")


def _table(search: Search, answer: Prediction) -> str:
    if not answer.recommendations:
        return "nothing is left to recommend\n"
    rows = [_row(search, place, one) for place, one in enumerate(answer.recommendations, 1)]
    columns = [at for at in range(len(HEAD)) if any(row[at] for row in rows)]
    kept = [[row[at] for at in columns] for row in rows]
    return table([HEAD[at] for at in columns], kept, right=[columns.index(0), columns.index(2)])


def _row(search: Search, place: int, one: Recommendation) -> Sequence[str]:
    number, *reasons = (int(each) for each in search.stock.ids.numbers([one.item_id, *(one.because or [])]))
    because = ", ".join(search.stock.titles[each] or search.stock.ids[each] for each in reasons)
    return str(place), search.shown(number), f"{one.score:.3g}", one.label or "", because


def _clusters(answer: Prediction) -> str:
    told = ", ".join(f"{share.label} ({share.weight:.0%})" for share in answer.clusters)
    return f"\nit rests on: {told}\n" if told else ""


def _json(answer: Prediction) -> str:
    return msgspec.json.format(msgspec.json.encode(answer), indent=2).decode() + "\n"
