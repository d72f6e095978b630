"""One host leads, the others follow and outlive it: the first in sorted order leads (contract lines 61, 62).

Followers come to the leader and say who they are. A leader that ends tells them how, and each leaves a little later:
in local mode the first container to exit stops all the others.
"""

import contextlib
import json
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from types import TracebackType

from kindred.contract.log import LOGGER
from kindred.contract.signals import Stop
from kindred.contract.training import failure
from kindred.contract.training.link import Link, watched
from kindred.errors import KindredError, UserError

PORT = 7946
ARRIVAL_S = 20.0
"""How long a leader that is done waits for followers whose containers are still starting."""
SEARCH_S = 300.0
"""How long a follower looks for the leader, whose name resolves only once its container runs (line 32), and how long
a leader that needs its followers waits for them."""
LINGER_S = 3.0
"""How much longer than the leader a follower stays, so that the leader's exit status is the one that counts."""
FAREWELL_S = 10.0
"""How long a host that ends waits for the others to have heard how."""

_STEP_S = 1.0
_GREETING_S = 5.0
_GREETING_BYTES = 4096

Exit = tuple[type[BaseException] | None, BaseException | None, TracebackType | None]


@dataclass(frozen=True)
class Party:
    """The followers of this host, as they come: `links` and `claims`, the algorithm each would choose, by host."""

    hosts: tuple[str, ...]
    stop: Stop = field(repr=False)
    links: dict[str, Link] = field(default_factory=dict)
    claims: dict[str, str | None] = field(default_factory=dict)
    everybody: threading.Event = field(default_factory=threading.Event, repr=False)

    def gathered(self, *, patience_s: float) -> tuple[Link, ...]:
        """Wait for all followers and return their links, in the order of hosts. Raises UserError, naming who is late.

        Nobody is waited for once `stop` is set.
        """
        self.wait(patience_s)
        late = [host for host in self.hosts if host not in self.links]
        if late:
            told = f"the host {', '.join(late)} did not reach the leader within {patience_s:g} s"
            raise UserError(f"{told}; its own log may say why, and hosts of a job must be let talk on TCP port {PORT}")
        return tuple(self.links[host] for host in self.hosts)

    def wait(self, most_s: float) -> None:
        """Return when everybody is here, `stop` is set, or after `most_s` seconds."""
        latest = time.monotonic() + most_s
        while time.monotonic() < latest and not self.stop.is_set() and not self.everybody.wait(_STEP_S):
            continue


@contextlib.contextmanager
def leading(followers: Sequence[str], *, port: int, stop: Stop) -> Iterator[Party]:
    """Let so many followers in for as long as the block lasts, and tell them how it ended.

    Raises OSError if `port` is taken.
    """
    party, over = Party(tuple(followers), stop), threading.Event()
    if not followers:
        yield party
        return
    # Every interface: the name that SageMaker gives us may not resolve yet, and a greeting is all that is listened to.
    with socket.create_server(("", port), backlog=len(followers)) as server, contextlib.ExitStack() as stack:
        server.settimeout(_STEP_S)
        door = threading.Thread(target=_admit, args=(server, party, over), daemon=True)
        stack.push(lambda *ended: _part(party, ended))
        stack.callback(door.join)
        stack.callback(over.set)
        stack.callback(party.wait, ARRIVAL_S)
        door.start()
        yield party


@contextlib.contextmanager
def following(leader: str, *, host: str, claim: str | None, port: int, stop: Stop) -> Iterator[Link]:
    """Give the link to the leader, and tell it if the block fails; leave a little after it.

    Raises UserError where no leader is found for SEARCH_S seconds, or `stop` is set before.
    """
    connection = _found(leader, port, stop=stop, search_s=SEARCH_S)
    if connection is None:
        raise UserError(f"the host {leader}, which leads, could not be reached within {SEARCH_S:g} s on port {port}")
    link = Link(leader, watched(connection))
    with contextlib.ExitStack() as stack:
        stack.callback(time.sleep, LINGER_S)
        stack.push(lambda *ended: _part_from(link, ended))
        link.send([_greeting(host, claim)])
        yield link


def wait(leader: str, *, host: str, port: int, stop: Stop, search_s: float = SEARCH_S) -> None:
    """Return when the leader has ended, or no leader was found for `search_s` seconds or before `stop` was set."""
    connection = _found(leader, port, stop=stop, search_s=search_s)
    if connection is None:
        LOGGER.warning("the host %s, which trains, was not found", leader)
        return
    link = Link(leader, watched(connection))
    # How the leader ended is its own to tell.
    with connection, contextlib.suppress(KindredError):
        link.send([_greeting(host, None)])
        link.receive()
    time.sleep(LINGER_S)


def _greeting(host: str, claim: str | None) -> bytes:
    return json.dumps({"host": host, "claim": claim}).encode()


def _admit(server: socket.socket, party: Party, over: threading.Event) -> None:
    while not over.is_set() and len(party.links) < len(party.hosts):
        with contextlib.suppress(TimeoutError):
            connection, _ = server.accept()
            if not _welcome(connection, party):
                connection.close()
    party.everybody.set()


def _welcome(connection: socket.socket, party: Party) -> bool:
    """Whoever does not say within seconds that it is a host of ours is sent away."""
    connection.settimeout(_GREETING_S)
    with contextlib.suppress(KindredError, ValueError, LookupError, TypeError, AttributeError, OSError):
        parts = Link("", connection).receive(most_bytes=_GREETING_BYTES) or [bytearray(b"{}")]
        said = json.loads(parts[0])
        host, claim = said.get("host"), said.get("claim")
        if host in party.hosts and host not in party.links:
            party.claims[host] = claim
            party.links[host] = Link(host, watched(connection))
            return True
    return False


def _part(party: Party, ended: Exit) -> None:
    latest = time.monotonic() + FAREWELL_S
    for link in party.links.values():
        _say(link, ended)
    for link in party.links.values():
        link.close(latest=latest)


def _part_from(link: Link, ended: Exit) -> None:
    if ended[1] is not None:
        _say(link, ended)
    link.close(latest=time.monotonic() + FAREWELL_S)


def _say(link: Link, ended: Exit) -> None:
    if ended[1] is None:
        link.done()
        return
    meant = failure.explained(ended[1])
    link.fail(str(meant), mendable=isinstance(meant, UserError))


def _found(leader: str, port: int, *, stop: Stop, search_s: float) -> socket.socket | None:
    latest = time.monotonic() + search_s
    while time.monotonic() < latest and not stop.is_set():
        try:
            return socket.create_connection((leader, port), timeout=_STEP_S)
        except OSError:
            stop.wait(_STEP_S)
    return None
