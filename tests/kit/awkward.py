"""AWKWARD is ECHO with a predictor that sleeps, refuses, loses answers or answers NaN when an instance tells it to."""

import json
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from kindred.errors import NotFound
from kit import echo


@dataclass(frozen=True, kw_only=True)
class AwkwardPredictor(echo.EchoPredictor):
    def predict(self, requests: Sequence[Any]) -> Sequence[Any]:
        super().predict(requests)
        answers = [self._answer(i, request) for i, request in enumerate(requests)]
        return [answer for answer in answers if answer != "lost"]

    def _answer(self, i: int, request: Any) -> Any:
        told = request if isinstance(request, dict) else {}
        if "refuse" in told:
            raise NotFound("there is no such user", at=f"[{i}].refuse")
        time.sleep(told.get("sleep", 0))
        return "lost" if "lose" in told else {"score": math.nan, "title": None} if "nan" in told else request


def load(folder: Path) -> AwkwardPredictor:
    return AwkwardPredictor(counted=echo.load(folder).counted)


AWKWARD = replace(echo.ECHO, name="awkward", load=load)


def write_model(folder: Path, *, algorithm: str = "echo") -> Path:
    """Lay down what training ECHO or AWKWARD would leave, as far as `serve` is concerned; return the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "manifest.json").write_text(json.dumps({"algorithm": algorithm}), encoding="utf-8")
    (folder / echo.MODEL).write_text('{"bytes": 1, "lines": 1}', encoding="utf-8")
    return folder
