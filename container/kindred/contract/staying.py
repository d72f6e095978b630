"""A worker whose threads stay with a caller who asks again at once."""

import select
import threading
from typing import Any

from kindred.contract.patience import PatientWorker

STAYS_MS = 2
"""So long a thread waits for the caller's next request."""


class StayingWorker(PatientWorker):
    """Gunicorn's own gives a connection back to the worker's loop after every answer, and takes it from there again:
    two hand-overs between threads, which cost as much as a small answer.

    A thread stays only while nobody else waits for one; and one thread never waits, for whoever comes next.
    """

    def init_process(self) -> None:
        """Start."""
        self._waiters = threading.BoundedSemaphore(max(1, self.cfg.threads - 1))
        super().init_process()

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
