"""What a predictor may be able to do beyond the port's `Predictor`; the door asks for it by these protocols."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Protocol, Self, runtime_checkable

from kindred.contract.port import MatrixPredictor


@runtime_checkable
class Selectable(Protocol):
    """A predictor whose answers can be chosen (contract line 152)."""

    def answering(self, outputs: Sequence[str]) -> Self:
        """Return the same predictor, which answers with these, in this order. Raises UserError for an unknown name."""


@runtime_checkable
class Measured(Protocol):
    """A predictor that knows figures of its answers which are worth watching (contract line 155)."""

    def figures(self, predictions: Sequence[Any]) -> Mapping[str, float]:
        """Return the figures of some answers by name, such as a mean distance."""


@lru_cache(maxsize=64)
def takes_matrices(kind: type) -> bool:
    """Return whether predictors of this type are MatrixPredictors; looking a protocol over takes long."""
    return issubclass(kind, MatrixPredictor)
