"""A worker that lets in who already knocked, then closes the door, when it is asked to end (contract line 99)."""

import signal

from gunicorn.arbiter import Arbiter
from gunicorn.workers.gthread import ThreadWorker

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


class DrainingWorker(ThreadWorker):  # type: ignore[misc]  # gunicorn is untyped
    """Gunicorn's own keeps its copy of the listening socket open while it drains, without accepting from it: callers
    that connect meanwhile would wait, and be reset when it is gone.
    """

    def init_signals(self) -> None:
        """Set the handlers, then hear what was sent before."""
        super().init_signals()
        signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING)

    def set_accept_enabled(self, enabled: bool) -> None:  # noqa: FBT001 - gunicorn's signature
        """Let connections in, or no more of them; for good when the worker is ending."""
        super().set_accept_enabled(enabled)
        if enabled or self.alive:
            return
        for listener in self.sockets:
            let_in = -1
            while self.nr_conns != let_in:
                let_in = self.nr_conns
                self.accept(listener)
            listener.close()
