"""A worker that lets in who already knocked, then closes the door, when it is asked to end (contract line 99)."""

from gunicorn.workers.gthread import ThreadWorker


class DrainingWorker(ThreadWorker):  # type: ignore[misc]  # gunicorn is untyped
    """Gunicorn's own keeps its copy of the listening socket open while it drains, without accepting from it: callers
    that connect meanwhile would wait, and be reset when it is gone.
    """

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
