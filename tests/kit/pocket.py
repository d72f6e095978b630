"""An account in a pocket: answers by a table, remembers what it was asked, and fails where it is told to."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from scripts.aws.refusals import refused


@dataclass
class Pocket:
    """`answers` by operation: a value, or a list to be taken one after the other; an exception is raised."""

    answers: dict[str, Any] = field(default_factory=dict)
    asked: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)

    def ask(self, _service, operation, parameters):
        self.asked.append((operation, parameters))
        answer = self.answers.get(operation, {})
        if isinstance(answer, list):
            answer = answer.pop(0) if len(answer) > 1 else answer[0]
        if isinstance(answer, BaseException):
            raise answer
        return answer

    def upload(self, file, *, bucket, key):
        self.ask("s3", "Upload", {"file": str(file), "bucket": bucket, "key": key})

    def facts(self):
        return {"account": "111122223333"}

    @property
    def operations(self):
        return [operation for operation, _ in self.asked]


def missing(operation):
    return refused("ValidationException", "Could not find it", operation=operation)
