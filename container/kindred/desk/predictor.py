"""The recommender as `serve` asks it: JSON values and CSV lines in, predictions and CSV cells out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kindred.desk.answering import answers
from kindred.desk.parsing import from_json, from_row
from kindred.desk.request import Request
from kindred.desk.response import Prediction
from kindred.desk.stock import Stock


@dataclass(frozen=True, kw_only=True, eq=False)
class Desk:
    """A stock, ready to answer; it keeps the promises of the front door's `Predictor`."""

    stock: Stock

    def parse(self, value: Any, options: Mapping[str, Any]) -> Request:
        """Turn a JSON instance into a request. Raises UserError."""
        return from_json(value, options)

    def parse_row(self, cells: Sequence[str], options: Mapping[str, Any]) -> Request:
        """Turn a CSV line into a request. Raises UserError."""
        return from_row(cells, options)

    def predict(self, requests: Sequence[Request]) -> list[Prediction]:
        """Answer every request, in order. Raises UserError, `at` `[i]` and the place within the instance."""
        return answers(self.stock, requests)

    def row(self, prediction: Prediction) -> list[str]:
        """Return the ids recommended, best first."""
        return [recommendation.item_id for recommendation in prediction.recommendations]
