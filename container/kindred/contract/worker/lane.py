"""A lane with room for so many: whoever comes when it is full waits in order until he is called."""

import threading
from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

Item = TypeVar("Item")


class Lane(Generic[Item]):
    """Threads may use it at once; `most` says how many may be in it, and may change its mind."""

    def __init__(self, *, most: Callable[[], int]) -> None:
        self._most = most
        self._inside: set[Item] = set()
        self._waiting: deque[Item] = deque()
        self._lock = threading.Lock()

    def __contains__(self, item: Item) -> bool:
        """Whether it is in the lane; who waits is not."""
        return item in self._inside

    def enter(self, item: Item) -> bool:
        """Return whether the item is in the lane now, as it is when it was called; else it waits until it is."""
        with self._lock:
            if item not in self._inside and len(self._inside) >= self._most():
                self._waiting.append(item)
                return False
            self._inside.add(item)
            return True

    def leave(self, item: Item) -> None:
        """Make room, if the item was in the lane."""
        with self._lock:
            self._inside.discard(item)

    def called(self) -> list[Item]:
        """Let those in for whom there is room, and return them."""
        with self._lock:
            room = max(0, self._most() - len(self._inside))
            called = [self._waiting.popleft() for _ in range(min(room, len(self._waiting)))]
            self._inside.update(called)
            return called
