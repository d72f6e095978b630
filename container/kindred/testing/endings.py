"""How a training job ended, as SageMaker would tell it."""

import re
from dataclasses import dataclass

from kindred.testing.tree import Tree

SHOWN = 1024
"""Characters of the failure file that a job's FailureReason has room for."""


@dataclass(frozen=True, kw_only=True)
class Ended:
    """A host's end: its exit status (negative for a signal that ended it), all it said, and the tree it leaves."""

    status: int
    log: str
    tree: Tree

    @property
    def failure(self) -> str | None:
        """The failure file, None where there is none."""
        return self.tree.failure()

    @property
    def reason(self) -> str | None:
        """What SageMaker shows of the failure file."""
        failure = self.failure
        return None if failure is None else failure[:SHOWN]

    def figures(self, regex: str) -> list[float]:
        """Return what a metric definition's regular expression finds in the log, in order; its first group counts."""
        return [float(found) for found in re.findall(regex, self.log)]
