"""The page of the soak and of the fuzz: what the last run of each algorithm found."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks import machine

RESULTS = Path(__file__).parent.parent / "results"
PACKAGES = ("gunicorn", "flask", "msgspec", "numpy")
Found = Mapping[str, Any]

PAGE = """\
# `serve` under everything at once

{machine}. Callers and server share
the cores. Each table is of the last run of its command; "held" says that no caller got a 5xx, that without a kill
nearby everyone was told what his kind may be told, that every answer has its line of log, that memory did not grow, and
that SIGTERM ended it with 0.

## Soak

`python -m benchmarks.soak.run --seconds 600`. Callers ask in every content type, rightly (once, or 5 to 30 times over
one connection), wrongly, with bodies of up to 6 MB, with 26 MB; they hang up in the middle, send a byte every half
second, or send all but the last byte and wait. A worker is killed (SIGKILL) every 5 to 15 seconds; the eldest is
spared, and memory is its own. "no answer" near a kill is what was under way on the worker that died.

{soak}

## Fuzz

`python -m benchmarks.soak.fuzz --bodies 100000`. Right bodies, damaged by chance in 0 to 20 places, under any content
type and any Accept, with options and without.

{fuzz}
"""


def keep(part: str, name: str, found: Found) -> None:
    """Put what was found of an algorithm into soak.json, beside the rest, and print the page anew."""
    file = RESULTS / "soak.json"
    kept: dict[str, Any] = json.loads(file.read_text()) if file.exists() else {}
    kept["machine"] = machine.describe(PACKAGES)
    kept.setdefault(part, {})[name] = found
    file.write_text(json.dumps(kept, indent=2) + "\n")
    (RESULTS / "soak.md").write_text(page(kept))


def page(kept: Found) -> str:
    return PAGE.format(
        machine=kept["machine"],
        soak="\n\n".join(_soak(name, found) for name, found in kept.get("soak", {}).items()) or "Not run yet.",
        fuzz=_fuzz(kept.get("fuzz", {})),
    )


def _soak(name: str, found: Found) -> str:
    rows = "\n".join(f"| {kind} | {_statuses(told)} |" for kind, told in found["told"].items())
    memory = {each: " → ".join(f"{size:.0f}" for size in found[f"{each}_mb"]) for each in ("worker", "first")}
    strange = f" Not as expected: {found['strange']}." if found["strange"] else ""
    lost = f" Without a line: {found['lost']}." if found["lost"] else ""
    return f"""\
**{name}**: {"held" if found["held"] else "FAILED"}. {found["seconds"]:.0f} s, {found["callers"]} callers, \
{found["workers"]} workers, {found["kills"]} times one killed; {found["calls"]:,} calls, {found["faults"]} answers of \
5xx, {found["near_a_kill"]} calls cut off near a kill; {found["log_lines"]:,} lines of log.{strange}{lost}

| caller | told |
|---|---|
{rows}

Memory by fifths of the time, MB: the eldest worker {memory["worker"]}; the first process {memory["first"]}."""


def _fuzz(parts: Mapping[str, Found]) -> str:
    rows = "\n".join(
        f"| {name} | {found['bodies']:,} | {found['seconds']} | {_statuses(found['told'])} "
        f"| {found['log_lines']:,} | {'held' if found['held'] else 'FAILED'} |"
        for name, found in parts.items()
    )
    return f"| algorithm | bodies | seconds | told | lines of log | |\n|---|--:|--:|---|--:|---|\n{rows}"


def _statuses(told: Mapping[str, int]) -> str:
    return ", ".join(f"{count:,} × {'no answer' if status == 'None' else status}" for status, count in told.items())
