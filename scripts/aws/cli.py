"""The command: a verb is a function from flags to a plan; here is what all verbs share."""

import inspect
import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from . import ledger as ledgers
from .filling import fill
from .ledger import Ledger
from .plan import Plan, Undo, costs
from .prices import sentence
from .printing import document, lines
from .refusals import Refused, refused
from .runner import Runner
from .session import Account, places

Verbs = Mapping[str, Callable[..., Plan]]
Local = Mapping[str, Callable[..., None]]


@dataclass(frozen=True, kw_only=True)
class Common:
    """The flags that every verb has."""

    region: Annotated[str, typer.Option(help="else AWS_REGION, or the profile's")] = ""
    profile: Annotated[str, typer.Option(help="of your AWS settings; else AWS_PROFILE")] = ""
    dry_run: Annotated[bool, typer.Option("--dry-run", help="print the exact requests and send none")] = False
    json: Annotated[bool, typer.Option("--json", help="for programs: one JSON document on stdout")] = False
    yes: Annotated[bool, typer.Option("--yes", "-y", help="do not ask before something is paid or deleted")] = False
    ledger: Annotated[Path, typer.Option(help="the file that remembers what was made")] = ledgers.HOME


def app(verbs: Verbs, local: Local, *, account: Callable[..., Account] = Account) -> typer.Typer:
    """Return the command: `verbs` return plans, `local` ones need no account and do their work themselves.

    `account` makes the account of a region and a profile.
    """
    made = typer.Typer(help="Kindred on AWS, a verb at a time.", no_args_is_help=True, add_completion=False,
                       pretty_exceptions_enable=False)  # fmt: skip
    for name, run in local.items():
        made.command(name)(run)
    for name, verb in verbs.items():
        made.command(name, help=inspect.getdoc(verb))(_command(verb, account))
    return made


def main(verbs: Verbs, local: Local, *, account: Callable[..., Account] = Account) -> None:
    """Run the command; a refusal is one sentence on stderr and status 1, Ctrl-C is status 130."""
    try:
        app(verbs, local, account=account)(standalone_mode=True)
    except Refused as refusal:
        print(f"kindred-aws: {refusal}", file=sys.stderr)
        sys.exit(130 if refusal.code == "KeyboardInterrupt" else 1)


def _command(verb: Callable[..., Plan], account: Callable[..., Account]) -> Callable[..., None]:
    """Return the verb as a command: its own flags, then the common ones."""
    wanted = inspect.signature(verb).parameters
    own = [flag for flag in wanted.values() if flag.name not in ("region", "ledger")]
    common = inspect.signature(Common).parameters.values()

    def run(**flags: Any) -> None:
        shared = Common(**{flag.name: flags.pop(flag.name) for flag in common})
        _run(verb, flags, shared, account(region=shared.region or None, profile=shared.profile or None))

    named = [flag.replace(kind=inspect.Parameter.KEYWORD_ONLY) for flag in (*own, *common)]
    run.__signature__ = inspect.Signature(named)  # type: ignore[attr-defined]
    run.__annotations__ = {flag.name: flag.annotation for flag in named}
    return run


def _run(verb: Callable[..., Plan], flags: Mapping[str, Any], shared: Common, account: Account) -> None:
    wanted = inspect.signature(verb).parameters
    facts = places(account.region) if shared.dry_run else account.facts()
    ledger = Ledger(shared.ledger, account=facts.get("account", ""), region=facts["region"])
    known: dict[str, Any] = {**facts, "now": datetime.now(UTC).strftime("%Y%m%d-%H%M%S")}
    given = {"region": facts["region"], "ledger": ledger}
    plan = verb(**flags, **{name: value for name, value in given.items() if name in wanted})
    if shared.dry_run:
        print(json.dumps(document(plan, known), indent=2) if shared.json else "\n".join(lines(plan, known)))
        return
    _agreed(plan, shared)
    say = _quiet if shared.json else _say
    try:
        answers = Runner(aws=account, ledger=ledger, known=known, say=say).run(plan)
    except KeyboardInterrupt:
        raise refused("KeyboardInterrupt", "") from None
    _report(plan, known, answers, shared)


def _agreed(plan: Plan, shared: Common) -> None:
    """Ask before something is paid by the hour or deleted. Raises typer.Abort for a no."""
    deletes = [effect.what for effect in plan.effects if isinstance(effect, Undo)]
    warning = sentence(costs(plan)) or (f"Deletes {', '.join(deletes)}" if deletes else "")
    if not warning:
        return
    typer.echo(warning, err=True)
    if shared.yes:
        return
    if not sys.stdin.isatty():
        raise Refused("nobody is there to say yes; add --yes")
    typer.confirm("Go on?", abort=True, err=True)


def _report(plan: Plan, known: Mapping[str, Any], answers: Mapping[str, Any], shared: Common) -> None:
    ended = fill({"links": list(plan.links), "then": plan.then}, known)
    if shared.json:
        print(json.dumps({"done": plan.title, "answers": answers, **ended}, indent=2, default=_text))
        return
    print(plan.show(answers) if plan.show else f"done: {fill(plan.title, known)}")
    for note in plan.notes:
        typer.echo(note, err=True)
    for link in ended["links"]:
        typer.echo(f"console: {link}", err=True)
    if ended["then"]:
        typer.echo(f"next:    {ended['then']}", err=True)


def _say(line: str) -> None:
    typer.echo(line, err=True)


def _quiet(line: str) -> None:
    del line


def _text(value: Any) -> str:
    return value.decode(errors="replace") if isinstance(value, bytes) else str(value)
