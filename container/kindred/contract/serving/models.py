"""The models of a multi-model endpoint, as one worker has them open (contract lines 136-145).

What is loaded stands in the registry, for all workers; a worker opens a model when it is first asked for it, which
takes milliseconds, since it is mapped. When one is removed, every worker drops it before that is answered.
"""

import contextlib
import gc
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from kindred.contract.port import Algorithm, Predictor
from kindred.contract.serving import loading
from kindred.contract.serving.registry import Entry, Lease, Registry
from kindred.errors import NotFound, UserError

DROPPED_S = 50.0
"""Seconds that a removal waits for requests that still use the model."""

MIB = 1 << 20


class Loaded(UserError):
    """A model of that name is loaded already."""

    status = 409


class OutOfMemory(UserError):
    """There is no room for the model; SageMaker unloads others then, and asks again."""

    status = 507


class StillUsed(UserError):
    """A model was removed, and is not freed yet."""

    status = 503


@dataclass(eq=False)
class _Open:
    """A model that this worker has open, and how many requests use it."""

    lease: Lease
    predictor: Predictor | None
    users: int = 0


class Models:
    """Loads, lends and removes models; safe for threads and forks. `folders` are where a target may be found."""

    def __init__(
        self, registry: Registry, algorithms: Sequence[Algorithm], *, budget_bytes: int, folders: Sequence[Path]
    ) -> None:
        self._registry, self._algorithms = registry, algorithms
        self._budget_bytes, self._folders = budget_bytes, folders
        self._open: dict[str, _Open] = {}
        self._gone: list[_Open] = []
        self._guard = threading.Lock()
        self._listener: int | None = None

    def load(self, name: str, url: str) -> Entry:
        """Load the model in the folder `url`. Raises Loaded, OutOfMemory, and UserError for what is no model."""
        if not name:
            raise UserError("the model has no name", at="model_name")
        folder = Path(url)
        if not folder.is_absolute():
            raise UserError("the folder of the model is not absolute", at="url")
        with self._registry.alone():
            if self._registry.entry(name) is not None:
                raise Loaded(f"the model '{name[:60]}' is loaded already", at="model_name")
            entry = Entry(name=name, url=url, bytes=_size(folder))
            self._require_room(entry)
            _opened(self._algorithms, folder)
            self._registry.add(entry)
        return entry

    def unload(self, name: str) -> None:
        """Remove a model, and return when nobody has it open any more. Raises NotFound, StillUsed."""
        with self._registry.alone():
            try:
                handle = self._registry.remove(name)
            except FileNotFoundError:
                raise _unknown(name) from None
        self._drop_removed()
        self._registry.ring()
        if not self._registry.await_freed(handle, patience_s=DROPPED_S):
            raise StillUsed(f"the model '{name[:60]}' is removed, but a request still uses it")

    def entry(self, name: str) -> Entry:
        """Return what is known of a loaded model. Raises NotFound."""
        entry = self._registry.entry(name)
        if entry is None:
            raise _unknown(name)
        return entry

    def entries(self, *, after: str | None, limit: int) -> tuple[list[Entry], str | None]:
        """Return at most `limit` loaded models by name, from `after` on, and where to go on, None at the end."""
        found = [entry for entry in self._registry.entries() if after is None or entry.name > after]
        page = found[:limit]
        return page, page[-1].name if len(found) > limit else None

    @contextlib.contextmanager
    def lent(self, name: str) -> Iterator[Predictor]:
        """Lend the predictor of a loaded model; it is not freed before it is back. Raises NotFound, OutOfMemory."""
        self._listen()
        held = self._held(name)
        predictor = held.predictor
        if predictor is None:
            raise RuntimeError("a model was lent after it was freed")
        try:
            yield predictor
        finally:
            del predictor
            with self._guard:
                held.users -= 1
                self._free()

    @contextlib.contextmanager
    def targeted(self, target: str) -> Iterator[Predictor]:
        """Lend the model that a header names: a loaded one, or one that is found in the folders and loaded for it."""
        if self._registry.entry(target) is None:
            folder = self._found(target)
            with contextlib.suppress(Loaded):
                self.load(target, str(folder))
        with self.lent(target) as predictor:
            yield predictor

    def _require_room(self, entry: Entry) -> None:
        filled = sum(each.bytes for each in self._registry.entries())
        if filled + entry.bytes > self._budget_bytes:
            needed, left = entry.bytes / MIB, max(0, self._budget_bytes - filled) / MIB
            raise OutOfMemory(f"the model fills {needed:.1f} MB, and {left:.1f} MB are left; unload another first")

    def _found(self, target: str) -> Path:
        for name in (target, target.removesuffix(".tar.gz")):
            for folder in self._folders:
                path = (folder / name).resolve()
                if path != folder.resolve() and path.is_relative_to(folder.resolve()) and path.is_dir():
                    return path
        raise _unknown(target)

    def _held(self, name: str) -> _Open:
        with self._guard:
            held = self._open.get(name)
            if held is None or held.lease.serial != self._registry.serial(name):
                self._drop(name)
                held = self._open[name] = self._taken(name)
            held.users += 1
            return held

    def _taken(self, name: str) -> _Open:
        lease = self._registry.lease(name)
        if lease is None:
            raise _unknown(name)
        try:
            return _Open(lease, _opened(self._algorithms, Path(lease.entry.url)))
        except UserError:
            lease.close()
            raise

    def _drop_removed(self) -> None:
        with self._guard:
            for name, held in list(self._open.items()):
                if held.lease.serial != self._registry.serial(name):
                    self._drop(name)

    def _drop(self, name: str) -> None:
        held = self._open.pop(name, None)
        if held is not None:
            self._gone.append(held)
            self._free()

    def _free(self) -> None:
        """Close what was dropped and is no longer in use. The guard is held."""
        free = [held for held in self._gone if not held.users]
        if not free:
            return
        self._gone = [held for held in self._gone if held.users]
        for held in free:
            held.predictor = None
        gc.collect()
        for held in free:
            held.lease.close()

    def _listen(self) -> None:
        """Hear of removals by other workers, from the first model that this one lends."""
        if self._listener == os.getpid():
            return
        with self._guard:
            if self._listener == os.getpid():
                return
            ear = self._registry.bell()
            threading.Thread(target=self._hear, args=(ear.recv,), name="models", daemon=True).start()
            self._listener = os.getpid()

    def _hear(self, next_ring: Callable[[int], bytes]) -> None:
        while next_ring(1):
            self._drop_removed()


def _opened(algorithms: Sequence[Algorithm], folder: Path) -> Predictor:
    try:
        return loading.load(algorithms, folder=folder)[1]
    except MemoryError:
        raise OutOfMemory(f"the memory does not hold the model in {folder}") from None


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _unknown(name: str) -> NotFound:
    return NotFound(f"no model '{name[:60]}' is loaded")
