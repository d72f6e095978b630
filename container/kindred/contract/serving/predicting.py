"""A batch becomes its predictions, each in the place of its request."""

import re
from collections.abc import Sequence
from typing import Any

from kindred.contract.port import Predictor
from kindred.contract.serving.requests import Batch, Fault, within
from kindred.errors import UserError


def predictions(predictor: Predictor, batch: Batch) -> Sequence[Any]:
    """Return one prediction a request, in order. Raises UserError, `at` in the caller's terms."""
    try:
        return _whole(predictor, batch.requests)
    except UserError as error:
        found = re.match(r"\[(\d+)\](.*)", error.at or "", re.DOTALL)
        if found:
            error.at = within(batch.place(int(found[1])), found[2])
        raise


def kept(predictor: Predictor, batch: Batch) -> Sequence[Any]:
    """Return one prediction a request, in order; a Fault for what cannot be answered."""
    good = [each for each in batch.requests if not isinstance(each, Fault)]
    try:
        answered = iter(_whole(predictor, good))
        return [each if isinstance(each, Fault) else next(answered) for each in batch.requests]
    except UserError:
        return [_one(predictor, batch, i) for i in range(len(batch.requests))]


def _one(predictor: Predictor, batch: Batch, i: int) -> Any:
    request = batch.requests[i]
    if isinstance(request, Fault):
        return request
    try:
        return _whole(predictor, [request])[0]
    except UserError as error:
        found = re.match(r"\[0\](.*)", error.at or "", re.DOTALL)
        return Fault(sentence=error.sentence, at=within(batch.place(i), found[1] if found else error.at))


def _whole(predictor: Predictor, asked: Sequence[Any]) -> Sequence[Any]:
    answered = predictor.predict(asked) if asked else []
    if len(answered) != len(asked):
        raise RuntimeError("predict returned another number of answers than it was given requests")
    return answered
