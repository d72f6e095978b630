"""An answer goes out: head and body at once where it is small and whole, else as gunicorn sends it."""

import time
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from gunicorn import util
from gunicorn.http.message import TOKEN_RE
from gunicorn.http.wsgi import HEADER_VALUE_RE, STATUS_RE, Response

from kindred.errors import Bug

SMALL_BYTES = 1 << 16
"""An answer up to this size is copied behind its head, to be sent with it."""


class Started:
    """What an application says with `start_response`: the status and the headers of its answer."""

    __slots__ = ("headers", "status")

    def __init__(self) -> None:
        self.status = ""
        self.headers: list[tuple[str, str]] = []

    def __call__(self, status: str, headers: list[tuple[str, str]], _: Any = None) -> Any:
        """Take status and headers; the last word counts. Nothing is written here, as nobody here writes so."""
        self.status, self.headers = status, headers
        return _unwritten


def send(sock: Any, answer: Iterable[bytes], started: Started, *, request: Any, cfg: Any, closes: bool) -> bool:
    """Send the answer to gunicorn's `request`; return whether another request may follow. Raises OSError."""
    body = answer[0] if type(answer) is list and len(answer) == 1 else None
    if body is not None and len(body) <= SMALL_BYTES and _whole(started, body) and request.method != "HEAD":
        sock.sendall(_head(started, closes=closes) + body)
        return not closes
    response = Response(request, sock, cfg)
    if closes:
        response.force_close()
    try:
        response.start_response(started.status, started.headers)
        for piece in answer:
            response.write(piece)
        response.close()
    finally:
        close = getattr(answer, "close", None)
        if close is not None:
            close()
    return not response.should_close()


def _whole(started: Started, body: bytes) -> bool:
    return ("Content-Length", str(len(body))) in started.headers and started.status[:3] not in ("204", "304")


def _head(started: Started, *, closes: bool) -> bytes:
    return _rendered(started.status, tuple(started.headers), closes, int(time.time()))


@lru_cache(maxsize=64)
def _rendered(status: str, headers: tuple[tuple[str, str], ...], closes: bool, second: int) -> bytes:  # noqa: FBT001
    """The bytes of a head. Raises ValueError for what would not be one."""
    for name, value in headers:
        if not TOKEN_RE.fullmatch(name) or not HEADER_VALUE_RE.fullmatch(value):
            raise ValueError(f"the header {name!r} cannot be sent")
    if not STATUS_RE.fullmatch(status):
        raise ValueError("the status cannot be sent")
    goes_on = "close" if closes else "keep-alive"
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers)
    return f"HTTP/1.1 {status}\r\nDate: {_date(second)}\r\nConnection: {goes_on}\r\n{lines}\r\n".encode("latin-1")


@lru_cache(maxsize=1)
def _date(second: int) -> str:
    return str(util.http_date(second))


def _unwritten(_: bytes) -> None:
    raise Bug("an answer is what the application returns, and nothing is written beside it")
