"""Requests become answers, some at a time."""

from collections.abc import Iterator, Sequence

from kindred.desk.choosing import Asked, asked, picked
from kindred.desk.histories import Met, met
from kindred.desk.request import Request
from kindred.desk.response import Prediction
from kindred.desk.stock import Stock
from kindred.desk.telling import predictions
from kindred.errors import UserError

TOGETHER, MOST_ITEMS = 16, 2048
"""Histories asked at once, and items in all of them, so that memory is bounded whatever the batch."""


def answer(stock: Stock, request: Request) -> Prediction:
    """Return the answer to one request. Raises UserError as `answers`."""
    return answers(stock, [request])[0]


def answers(stock: Stock, requests: Sequence[Request]) -> list[Prediction]:
    """Return the answers, in order, each the same to the byte as if it were alone.

    Raises UserError for the first that cannot be answered, `at` `[i]` and the place within the instance.
    """
    found: list[Prediction] = []
    for begin in range(0, len(requests), TOGETHER):
        some = requests[begin : begin + TOGETHER]
        understood = [
            _asked(stock, request, ours, place=place)
            for place, (request, ours) in enumerate(zip(some, met(stock, some), strict=True), begin)
        ]
        for run in _runs(understood):
            found += predictions(stock, picked(stock, run))
    return found


def _asked(stock: Stock, request: Request, ours: Met, *, place: int) -> Asked:
    try:
        return asked(stock, request, met=ours)
    except UserError as error:
        error.at = f"[{place}]{error.at or ''}"
        raise


def _runs(understood: Sequence[Asked]) -> Iterator[Sequence[Asked]]:
    """Those understood, in order, cut where their histories would hold too many items."""
    begin, held = 0, 0
    for place, one in enumerate(understood):
        items = len(one.question.history.numbers) if one.question.history else 0
        if place > begin and held + items > MOST_ITEMS:
            yield understood[begin:place]
            begin, held = place, 0
        held += items
    yield understood[begin:]
