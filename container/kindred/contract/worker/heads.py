"""The head of a request: gunicorn reads it, and it is kept for the next request that begins with the same bytes."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from gunicorn.http import wsgi
from gunicorn.http.errors import ParseException
from gunicorn.http.message import Request
from gunicorn.http.unreader import IterUnreader

END = b"\r\n\r\n"

REMEMBERED = 512
"""Heads that a worker keeps; a caller's next request most often has the same, but for the length of its body."""

LONGEST_KEPT = 4096
"""Bytes of a head that is kept."""

LONGEST = 1 << 16
"""Bytes of a head that is waited for; gunicorn allows less."""

_LINE = re.compile(rb"[A-Z]{3,20} [!-~]+ HTTP/1\.[01]\r\n")


@dataclass(frozen=True, kw_only=True, eq=False)
class Head:
    """What the bytes of a head say: gunicorn's request, and the WSGI environment but for the caller and the body.

    `length` is the body's in bytes. `closes`: no other request is to follow. `light`: it asks nothing of the model.
    """

    request: Any
    environ: Mapping[str, Any]
    length: int
    closes: bool
    light: bool


def reader(cfg: Any, server: Any) -> Callable[[bytes], Head | None]:
    """Return a function of the bytes of a whole head: what they say, for a server with this configuration and address.

    It returns None for what is to be left to gunicorn's own way: a body that is chunked, a caller who waits to be told
    to go on, a head that is broken.
    """

    def read(head: bytes) -> Head | None:
        try:
            request = Request(cfg, IterUnreader([head]), ("", 0))
        except (ParseException, StopIteration, OSError):
            return None
        names = {name for name, _ in request.headers}
        if names & {"TRANSFER-ENCODING", "EXPECT", "UPGRADE"} or request.method == "CONNECT":
            return None
        _, environ = wsgi.create(request, None, ("", 0), server, cfg)
        del environ["wsgi.early_hints"], environ["wsgi.input"]
        environ["wsgi.multithread"] = True
        return Head(
            request=request,
            environ=environ,
            length=int(environ.get("CONTENT_LENGTH") or 0),
            closes=request.should_close(),
            light=environ["PATH_INFO"] == "/ping",
        )

    kept = lru_cache(maxsize=REMEMBERED)(read)
    return lambda head: kept(head) if len(head) <= LONGEST_KEPT else read(head)


def promising(begun: bytes) -> bool:
    """Tell whether this may be the beginning of a head; what is not, gunicorn refuses without waiting for its end."""
    if len(begun) > LONGEST or begun.count(b"\n") != begun.count(b"\r\n"):
        return False
    return b"\n" not in begun or _LINE.match(begun) is not None
