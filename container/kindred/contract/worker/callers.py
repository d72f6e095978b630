"""A caller: a connection, how far its next request has come, and until when that may take."""

import contextlib
import enum
import math
import socket
from dataclasses import dataclass
from typing import Any

from kindred.contract.worker.gathering import Gathering


class Phase(enum.IntEnum):
    """What a connection is at."""

    IDLE = 0
    """It asks nothing."""
    HEAD = 1
    """The head of a request is coming."""
    BODY = 2
    """The body is coming."""
    TAKEN = 3
    """A thread is at its request, which a Turn looks after."""
    LEAVING = 4
    """The last answer is sent, and the caller is to hang up."""


@dataclass(kw_only=True, eq=False, slots=True)
class Caller:
    """One thread at a time has it, and that alone reads from it, writes to it and closes it; any may shut it down.

    `due` is when its phase is over, on the monotonic clock; `received` what came and belongs to no request yet;
    `gathering` the request whose body is coming, or which is being answered. `unread`: more of it has come. `ended`:
    no more will. `asked`: it has had an answer.
    """

    number: int
    sock: socket.socket
    address: Any
    due: float
    phase: Phase = Phase.IDLE
    received: bytes = b""
    gathering: Gathering | None = None
    unread: bool = False
    ended: bool = False
    asked: bool = False

    def took(self, piece: bytes) -> None:
        """Take in what has come, nothing where no more will; who was idle has asked, and is not overdue any more."""
        if self.gathering is None:
            self.received += piece
        else:
            self.gathering.add(piece)
        self.ended = not piece
        if self.phase is Phase.IDLE:
            self.due = math.inf

    def answered(self) -> None:
        """Note that it has had an answer, behind which its next request may already be here."""
        if self.gathering is not None:
            self.received = self.gathering.rest
            self.gathering.close()
            self.gathering = None
        self.asked = True
        self.phase, self.due = Phase.IDLE, math.inf

    def hang_up(self) -> None:
        """Shut the connection down, so that whoever has it, or waits for it, finds its end.

        Whoever was sending a body can still be told that it took too long; and who has just asked is not idle.
        """
        if self.phase is Phase.IDLE and self._speaks():
            return
        with contextlib.suppress(OSError):
            self.sock.shutdown(socket.SHUT_RD if self.phase is Phase.BODY else socket.SHUT_RDWR)

    def _speaks(self) -> bool:
        try:
            return bool(self.sock.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT))
        except OSError:
            return False
