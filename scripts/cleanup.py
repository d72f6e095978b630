"""cleanup: take away what the ledger says was made, the newest first; a second time there is nothing left to do."""

from .aws import links
from .aws.ledger import Entry, Ledger, undoing
from .aws.plan import Plan

FIRST = ("autoscaling of ", "endpoint ")


def plan(*, ledger: Ledger) -> Plan:
    """Take away everything that the ledger says was made here, and nothing else."""
    entries = here(ledger)
    return Plan(
        title=f"take away {len(entries)} things" if entries else "nothing to take away: the ledger is clear",
        effects=undoing(entries),
        links=(links.sagemaker("dashboard"),) if entries else (),
        notes=elsewhere(ledger),
    )


def here(ledger: Ledger) -> list[Entry]:
    """Return what was made in this account and region; in a dry run, which knows no account, in any account."""
    return sorted((entry for entry in ledger.standing() if _is_here(entry, ledger)), key=_rank)


def elsewhere(ledger: Ledger) -> tuple[str, ...]:
    """Return a sentence for each other account and region in which something stands."""
    places = {(each.account, each.region) for each in ledger.standing() if not _is_here(each, ledger)}
    return tuple(
        f"More stands in account {account}, {region}: kindred-aws cleanup --region {region}, with its profile"
        for account, region in sorted(places)
    )


def _rank(entry: Entry) -> int:
    """An endpoint goes before what it is made of, whichever was made first: it must not outlive its model."""
    kind = next((each for each in FIRST if entry.what.startswith(each)), "")
    return FIRST.index(kind) if kind in FIRST else len(FIRST)


def _is_here(entry: Entry, ledger: Ledger) -> bool:
    return entry.region == ledger.region and ledger.account in ("", entry.account)
