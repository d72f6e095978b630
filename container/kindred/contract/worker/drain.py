"""Workers hear the signal to end, however young they are (contract line 99)."""

import signal

from gunicorn.arbiter import Arbiter

ENDING = (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT)


class HeedfulArbiter(Arbiter):  # type: ignore[misc]  # gunicorn is untyped
    """A worker that was just forked has its parent's handlers, and so loses a signal to end until it has its own;
    gunicorn would wait for it as long as for one that drains. Here the signal waits instead.
    """

    def spawn_worker(self) -> int:
        """Fork a worker; in the parent, return its process id."""
        signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)
        try:
            return int(super().spawn_worker())
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING)
