"""Threads that take turns at the door: one is there; when what it does takes long, another takes its place."""

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

Item = TypeVar("Item")


@dataclass(kw_only=True, eq=False)
class _Post:
    """A thread: `bell` calls it to the door; `done` counts what it did there, and it is `inside` something just now."""

    bell: threading.Lock = field(default_factory=threading.Lock)
    inside: bool = False
    done: int = 0


class Shifts(Generic[Item]):
    """Only one thread works, as only one can hold Python's lock: what is short goes from hand to hand to nobody.

    `wait` returns what is to be done next, and blocks until there is something; `work` does it, and returns whether it
    could: while `most` threads are away with something long, the one at the door only does what `work` does when told
    that it is not `free`; the rest it lays aside for those who come back.
    """

    def __init__(self, wait: Callable[[], Item], work: Callable[..., bool], *, most: Callable[[], int]) -> None:
        self._wait, self._work, self._most = wait, work, most
        self._spare: deque[_Post] = deque()
        self._aside: deque[Item] = deque()
        self._alive = 0
        self._growing = threading.Lock()
        self._door: _Post | None = None
        self._seen: tuple[_Post | None, int] = (None, 0)
        self._own = threading.local()

    def leave(self) -> None:
        """Call another thread to the door, if this one is there: what it is about to do will take long."""
        if self._door is self._own.post:
            self.relieve()

    def relieve(self) -> None:
        """Call another thread to the door, a new one where none is spare; who is there goes when it is done."""
        try:
            post = self._spare.popleft()
        except IndexError:
            post = _Post()
            post.bell.acquire()
            with self._growing:
                self._alive += 1
            threading.Thread(target=self._stand, args=(post,), daemon=True).start()
        self._door = post
        post.bell.release()

    def look(self) -> bool:
        """Relieve whoever is at the same thing as at the last look; tell whether anything was done in between."""
        post = self._door
        assert post is not None
        now = (post, post.done)
        moved, self._seen = now != self._seen, now
        if post.inside and not moved:
            self.relieve()
        return moved or post.inside

    @property
    def inside(self) -> bool:
        """Whether the thread at the door is at work just now."""
        return self._door is not None and self._door.inside

    def _stand(self, post: _Post) -> None:
        self._own.post = post
        try:
            while True:
                post.bell.acquire()
                while self._door is post:
                    self._step(post)
                self._retire(post)
        finally:
            with self._growing:
                self._alive -= 1
            if self._door is post:
                self.relieve()

    def _step(self, post: _Post) -> None:
        aside = self._laid_aside() if self._aside and self._free() else []
        (item,) = aside or [self._wait()]
        post.done += 1
        post.inside = True
        if not self._work(item, free=self._free()):
            self._aside.append(item)
        post.inside = False

    def _retire(self, post: _Post) -> None:
        while True:
            for item in iter(self._laid_aside, []):
                self._work(*item, free=True)
            self._spare.append(post)
            if not self._aside:
                return
            try:
                self._spare.remove(post)
            except ValueError:
                return

    def _laid_aside(self) -> list[Item]:
        """Take the item that was laid aside first; there is none where another thread was sooner."""
        try:
            return [self._aside.popleft()]
        except IndexError:
            return []

    def _free(self) -> bool:
        """Whether fewer threads than may be are away; the one at the door is not."""
        return self._alive - len(self._spare) - 1 < self._most()
