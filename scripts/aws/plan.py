"""A plan: what would be done to an account, as values that can be printed, tested and kept.

Text within parameters may hold `${name}`: `account`, `region`, `partition`, `suffix` (of host names) and `now` are
facts of the run, `call.Path.To.Value` is taken from the answer of an earlier call. The runner fills them in.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Parameters = Mapping[str, Any]
Answer = Mapping[str, Any]

MISSING = (
    r"^(404|NoSuch\w*|ResourceNotFound\w*|ObjectNotFoundException|RepositoryNotFoundException)\b",
    r"^Validation(Exception|Error): .*(could not find|does not exist|not found|\bno [a-z ]{1,40} found)",
)
"""Regular expressions on `Code: message`: what is asked for is not there."""


@dataclass(frozen=True, kw_only=True)
class Cost:
    """`count` machines of `instance`, each by the hour."""

    instance: str
    count: int = 1
    spot: bool = False


@dataclass(frozen=True, kw_only=True)
class Call:
    """One request: `operation` of `service` as AWS names it, and `why` in a few words.

    Later parameters may refer to its answer by `name`. `made` is what stands in the account afterwards, and `undo` what
    takes it away again. An error whose `Code: message` matches one of `accept` is taken for done.
    """

    service: str
    operation: str
    parameters: Parameters
    why: str
    name: str = ""
    made: str = ""
    undo: "tuple[Effect, ...]" = ()
    accept: tuple[str, ...] = ()
    cost: Cost | None = None


@dataclass(frozen=True, kw_only=True)
class Ask:
    """A question first: `found` follows where `probe` is answered, `missing` where AWS knows no such thing.

    With `states`, it is found only where the value at `path` of the answer is one of them.
    """

    probe: Call
    path: str = ""
    states: tuple[str, ...] = ()
    found: "tuple[Effect, ...]" = ()
    missing: "tuple[Effect, ...]" = ()


@dataclass(frozen=True, kw_only=True)
class Wait:
    """Ask `probe` every `every_s` seconds until the value at `path` is `good`; one of `bad` ends the plan.

    `gone` among the good ones: it is done where AWS knows no such thing (any more). Of a container that did not become
    healthy, AWS does not say why: then `log` is asked, the last of which answers with the lines that it wrote.
    """

    probe: Call
    path: str
    good: tuple[str, ...]
    bad: tuple[str, ...] = ()
    reason: str = "FailureReason"
    log: tuple[Call, ...] = ()
    every_s: float = 15


@dataclass(frozen=True, kw_only=True)
class Each:
    """Every item that `listing` holds at one of `lists` is handed to `call` as `${item.…}`, until none is left.

    With `keys`, the items of a page are handed over at once, as the list `${items}` of these keys. With `where`, a key
    and a regular expression for the whole of its value, only the items that fit are meant, on whichever page they are.
    """

    listing: Call
    lists: tuple[str, ...]
    call: Call
    keys: tuple[str, ...] = ()
    where: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Upload:
    """Send `file` to `s3://bucket/key`, in parts where it is large."""

    file: Path
    bucket: str
    key: str
    why: str
    undo: "tuple[Effect, ...]" = ()


@dataclass(frozen=True, kw_only=True)
class Undo:
    """Take away what entry `number` of the ledger made; one that cannot be undone does not stop the others."""

    number: str
    what: str
    effects: "tuple[Effect, ...]"


Effect = Call | Ask | Wait | Each | Upload | Undo


@dataclass(frozen=True, kw_only=True)
class Plan:
    """`title` in the imperative; `links` into the console; `then` is the next command to type.

    `show` turns the named answers into what a person reads; without it the plan has nothing to say but that it is done.
    """

    title: str
    effects: tuple[Effect, ...]
    links: tuple[str, ...] = ()
    then: str = ""
    notes: tuple[str, ...] = ()
    show: Callable[[Mapping[str, Answer]], str] | None = field(default=None, compare=False)


def once(probe: Call, *effects: Effect) -> Ask:
    """Return the effects, for where `probe` finds nothing: what is there already is neither made nor undone."""
    return Ask(probe=probe, missing=effects)


def steps(effects: Sequence[Effect]) -> Iterator[Effect]:
    """Yield every effect in order, those behind a question too, and what undoes them not."""
    for effect in effects:
        yield effect
        if isinstance(effect, Ask):
            yield from steps(effect.found)
            yield from steps(effect.missing)
        if isinstance(effect, Undo):
            yield from steps(effect.effects)


def calls(effects: Sequence[Effect]) -> Iterator[Call]:
    """Yield every request that the effects may send, the questions and what undoes them among them."""
    for effect in steps(effects):
        match effect:
            case Call():
                yield effect
                yield from calls(effect.undo)
            case Ask():
                yield effect.probe
            case Wait():
                yield effect.probe
                yield from effect.log
            case Each():
                yield effect.listing
                yield effect.call
            case Upload():
                yield from calls(effect.undo)
            case Undo():
                pass


def costs(plan: Plan) -> list[Cost]:
    """Return what the plan would start that is paid by the hour; behind a question, what its dearer answer starts."""
    return _paid(plan.effects)


def _paid(effects: Sequence[Effect]) -> list[Cost]:
    paid: list[Cost] = []
    for effect in effects:
        if isinstance(effect, Call) and effect.cost:
            paid.append(effect.cost)
        elif isinstance(effect, Ask):
            found, missing = _paid(effect.found), _paid(effect.missing)
            paid += found if len(found) > len(missing) else missing
    return paid
