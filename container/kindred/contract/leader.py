"""One host trains, the others outlive it: the first in sorted order leads (contract lines 61, 62).

The first container to exit stops all the others in local mode, so a follower holds a connection to the leader and
leaves a little after that closes. Nothing is ever sent over it.
"""

import contextlib
import socket
import threading
import time
from collections.abc import Iterator

from kindred.contract.log import LOGGER
from kindred.contract.signals import Stop

PORT = 7946
ARRIVAL_S = 20.0
"""How long a leader that is done waits for followers whose containers are still starting."""
SEARCH_S = 300.0
"""How long a follower looks for the leader, whose name resolves only once its container runs (line 32)."""
LINGER_S = 3.0
"""How much longer than the leader a follower stays, so that the leader's exit status is the one that counts."""

_STEP_S = 1.0


@contextlib.contextmanager
def leading(followers: int, *, port: int, stop: Stop) -> Iterator[None]:
    """Hold the connections of so many followers for as long as the block lasts; raises OSError if `port` is taken."""
    if followers == 0:
        yield
        return
    held: list[socket.socket] = []
    everybody, done = threading.Event(), threading.Event()
    # Every interface: the name that SageMaker gives us may not resolve yet, and nothing that arrives is read.
    with socket.create_server(("", port), backlog=followers) as server:
        server.settimeout(_STEP_S)
        door = threading.Thread(target=_admit, args=(server, followers, held, everybody, done), daemon=True)
        door.start()
        try:
            yield
        finally:
            _await(everybody, stop=stop)
            done.set()
            door.join()
            for connection in held:
                connection.close()


def follow(leader: str, *, port: int, stop: Stop, search_s: float = SEARCH_S) -> None:
    """Return when the leader has ended, or `stop` is set, or no leader could be found for `search_s` seconds."""
    connection = _found(leader, port, stop=stop, search_s=search_s)
    if connection is None:
        LOGGER.warning("the host %s, which trains, was not found", leader)
        return
    with connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        while not stop.is_set() and not _closed(connection):
            continue
    stop.wait(LINGER_S)


def _admit(
    server: socket.socket,
    followers: int,
    held: list[socket.socket],
    everybody: threading.Event,
    done: threading.Event,
) -> None:
    while not done.is_set() and len(held) < followers:
        with contextlib.suppress(TimeoutError):
            held.append(server.accept()[0])
    everybody.set()


def _await(everybody: threading.Event, *, stop: Stop) -> None:
    latest = time.monotonic() + ARRIVAL_S
    while time.monotonic() < latest and not stop.is_set() and not everybody.wait(_STEP_S):
        continue


def _found(leader: str, port: int, *, stop: Stop, search_s: float) -> socket.socket | None:
    latest = time.monotonic() + search_s
    while time.monotonic() < latest and not stop.is_set():
        try:
            return socket.create_connection((leader, port), timeout=_STEP_S)
        except OSError:
            stop.wait(_STEP_S)
    return None


def _closed(connection: socket.socket) -> bool:
    try:
        return connection.recv(1) == b""
    except TimeoutError:
        return False
    except OSError:
        return True
