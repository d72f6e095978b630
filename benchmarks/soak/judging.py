"""What a soak must have kept, judged by what callers were told, the log, and memory."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from benchmarks.soak.callers import EXPECTED, Said

NEAR_S = 1.0
"""A call that a kill comes so near to may have lost its worker."""
MOST_GROWTH_BYTES = 20 << 20


@dataclass(frozen=True, kw_only=True)
class Sample:
    """Bytes that the eldest worker, which is never killed, and the first process have for themselves."""

    share: float
    worker: int
    first: int


@dataclass(frozen=True, kw_only=True)
class Soaked:
    """What a run saw: every call, when workers were killed, memory, the log, the status that `serve` ended with."""

    said: Sequence[Said]
    kills: Sequence[float]
    samples: Sequence[Sample]
    lines: Sequence[str]
    status: int


def judged(soaked: Soaked) -> Mapping[str, Any]:
    """Return what was found, and `held`: whether all of it is as it must be."""
    strange = [(each.kind, *_odd(each)) for each in soaked.said if _odd(each) and not _near(each, soaked.kills)]
    faults = [status for each in soaked.said for status in each.statuses if (status or 0) >= 500]
    lost = _lost(soaked)
    growth = _growth([each.worker for each in soaked.samples])
    held = not strange and not faults and not lost and growth < MOST_GROWTH_BYTES and soaked.status == 0
    return {
        "calls": len(soaked.said),
        "told": _told(soaked.said),
        "kills": len(soaked.kills),
        "near_a_kill": sum(_near(each, soaked.kills) and bool(_odd(each)) for each in soaked.said),
        "faults": len(faults),
        "strange": strange[:20],
        "log_lines": len(soaked.lines),
        "lost": lost,
        "worker_mb": _fifths([each.worker for each in soaked.samples]),
        "first_mb": _fifths([each.first for each in soaked.samples]),
        "status": soaked.status,
        "held": held,
    }


def _odd(each: Said) -> list[int | None]:
    return [status for status in each.statuses if status not in EXPECTED[each.kind]]


def _near(each: Said, kills: Sequence[float]) -> bool:
    return any(each.began - NEAR_S <= kill <= each.ended + NEAR_S for kill in kills)


def _told(said: Sequence[Said]) -> Mapping[str, Mapping[str, int]]:
    kinds = {kind: Counter(str(s) for each in said if each.kind == kind for s in each.statuses) for kind in EXPECTED}
    return {kind: dict(sorted(counted.items())) for kind, counted in kinds.items()}


def _lost(soaked: Soaked) -> Mapping[str, int]:
    """By status, answers that the log has no line of."""
    logged = Counter(json.loads(line)["status"] for line in soaked.lines)
    answered = Counter(status for each in soaked.said for status in each.statuses if status is not None)
    return {str(status): answered[status] - logged[status] for status in answered if answered[status] > logged[status]}


def _growth(sizes: Sequence[int]) -> float:
    """From the second fifth of the time to the last."""
    fifth = max(1, len(sizes) // 5)
    return median(sizes[-fifth:]) - median(sizes[fifth : 2 * fifth] or sizes)


def _fifths(sizes: Sequence[int]) -> list[float]:
    """The median of each fifth of the time, in MB."""
    fifth = max(1, len(sizes) // 5)
    parts = [sizes[at * fifth : (at + 1) * fifth] for at in range(5)]
    return [round(median(part) / 1e6, 1) for part in parts if part]
