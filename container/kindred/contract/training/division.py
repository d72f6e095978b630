"""Who does what when sharded data lies on several hosts: they agree on the algorithm, the first of them leads it."""

import json
from collections.abc import Sequence

from kindred.contract.port import Algorithm, Link
from kindred.contract.training import job, leader
from kindred.contract.training.inputs import Inputs
from kindred.contract.training.job import Order
from kindred.contract.training.leader import Party
from kindred.errors import Bug, UserError


def claim(asked: Inputs, algorithms: Sequence[Algorithm]) -> Algorithm | None:
    """Return the algorithm that this host's part of the data asks for; None where it cannot tell (contract line 46).

    Raises UserError for an algorithm that does not train on several hosts, or a name that none has.
    """
    try:
        found = job.claimant(asked, algorithms)
    except UserError:
        if job.CHOICE in asked.hyperparameters:
            raise
        return None  # what one host can make nothing of, perhaps no file at all, another may know
    if found is not None:
        job.refuse_shards(asked, found)
    return found


def led(asked: Inputs, party: Party, algorithms: Sequence[Algorithm]) -> tuple[Order, tuple[Link, ...]]:
    """Return the order, as this host or the first that can tell understands it, and the links to all the others.

    Every host is told the algorithm. Raises UserError where a host does not come, or nothing fits.
    """
    own = claim(asked, algorithms)
    links = party.gathered(patience_s=leader.SEARCH_S)
    told = [name for host in party.hosts if (name := party.claims[host])]
    algorithm = own or (_named(told[0], algorithms) if told else None)
    order = job.understand(asked, algorithms=algorithms, algorithm=algorithm)
    for link in links:
        link.send([json.dumps(order.algorithm.name).encode()])
    return order, links


def followed(asked: Inputs, link: Link, algorithms: Sequence[Algorithm]) -> Order | None:
    """Return the order, as the leader understands it; None where the leader is done already. Raises UserError."""
    parts = link.receive()
    if parts is None:
        return None
    algorithm = _named(json.loads(parts[0]), algorithms)
    return job.understand(asked, algorithms=algorithms, algorithm=algorithm)


def _named(name: str, algorithms: Sequence[Algorithm]) -> Algorithm:
    found = next((algorithm for algorithm in algorithms if algorithm.name == name), None)
    if found is None:
        raise Bug(f"another host speaks of an algorithm '{name}' that this one does not have")
    return found
