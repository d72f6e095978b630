"""A plan on paper: what `--dry-run` shows."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .filling import fill
from .papers import encode
from .plan import Ask, Call, Each, Effect, Plan, Undo, Upload, Wait, costs
from .prices import hourly, sentence


def document(plan: Plan, known: Mapping[str, Any]) -> dict[str, Any]:
    """Return the plan as JSON: every request as it would be sent, as far as it is known before."""
    return {
        "title": fill(plan.title, known),
        "effects": fill(encode(list(plan.effects)), known),
        "usd_per_hour": hourly(costs(plan)),
        "links": fill(list(plan.links), known),
        "then": fill(plan.then, known),
    }


def lines(plan: Plan, known: Mapping[str, Any]) -> Iterator[str]:
    """Yield the plan in lines: a comment and a request for each step. ${…} is only known when it runs."""
    yield f"# {fill(plan.title, known)}"
    if warning := sentence(costs(plan)):
        yield f"# {warning}"
    yield from _steps(plan.effects, known, "")
    for note in plan.notes:
        yield f"# {note}"


def _steps(effects: Sequence[Effect], known: Mapping[str, Any], indent: str) -> Iterator[str]:
    for effect in effects:
        yield from _step(effect, known, indent)


def _step(effect: Effect, known: Mapping[str, Any], indent: str) -> Iterator[str]:
    match effect:
        case Call():
            yield f"{indent}# {fill(effect.why, known)}"
            yield f"{indent}{_request(effect, known)}"
        case Ask():
            yield from _step(effect.probe, known, indent)
            yield from _branch("where it is there", effect.found, known, indent)
            yield from _branch("where it is not", effect.missing, known, indent)
        case Wait():
            yield f"{indent}# every {effect.every_s:g} s until {effect.path} is {' or '.join(effect.good)}"
            yield f"{indent}{_request(effect.probe, known)}"
        case Each():
            yield f"{indent}{_request(effect.listing, known)}"
            only = " whose {} is {}".format(*effect.where) if effect.where else ""
            yield f"{indent}# for each of {' and '.join(effect.lists)}{fill(only, known)}"
            yield f"{indent}  {_request(effect.call, known)}"
        case Upload():
            yield f"{indent}s3 PutObject {fill(f's3://{effect.bucket}/{effect.key}', known)} from {effect.file}"
        case Undo():
            yield f"{indent}# take away {effect.what}"
            yield from _steps(effect.effects, known, indent + "  ")


def _branch(when: str, effects: Sequence[Effect], known: Mapping[str, Any], indent: str) -> Iterator[str]:
    if effects:
        yield f"{indent}# {when}:"
        yield from _steps(effects, known, indent + "  ")


def _request(call: Call, known: Mapping[str, Any]) -> str:
    return f"{call.service} {call.operation} {json.dumps(encode(fill(call.parameters, known)), ensure_ascii=False)}"
