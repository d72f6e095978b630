"""A worker whose threads stay with a caller who asks again at once."""

import select
import threading
import time
from typing import Any

from kindred.contract.patience import PatientWorker

STAYS_MS = 2
"""So long a thread waits for the caller's next request."""

SHY_S, SHYEST = 0.0002, 5
"""So long a worker leaves a new caller to the others, for each that it has, up to so many."""


class StayingWorker(PatientWorker):
    """Gunicorn's own gives a connection back to the worker's loop after every answer, and takes it from there again:
    two hand-overs between threads, which cost as much as a small answer.

    A thread stays only while nobody else waits for one; and one thread never waits, for whoever comes next.
    """

    def init_process(self) -> None:
        """Start."""
        self._waiters = threading.BoundedSemaphore(max(1, self.cfg.threads - 1))
        super().init_process()

    def accept(self, listener: Any) -> None:
        """Take a new caller, unless a worker with fewer of them was sooner: kept connections stay where they came."""
        if self.alive and self.cfg.workers > 1:
            time.sleep(SHY_S * min(self.nr_conns, SHYEST))
        super().accept(listener)

    def handle(self, conn: Any) -> Any:
        """Handle a connection's next request, and those that follow it closely."""
        goes_on = super().handle(conn)
        while goes_on is True and self._asks_again(conn):
            goes_on = super().handle(conn)
        return goes_on

    def _asks_again(self, conn: Any) -> bool:
        if not self.alive or self.tpool._work_queue.qsize() or conn.parser.unreader.buf.getvalue():
            return False
        if not self._waiters.acquire(blocking=False):
            return False
        try:
            poll = select.poll()
            poll.register(conn.sock, select.POLLIN)
            return bool(poll.poll(STAYS_MS))
        finally:
            self._waiters.release()
