"""An image registry that takes a push, forgets the layers and remembers the manifests."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread


@dataclass(frozen=True)
class Registry:
    """`host` is what an image's name begins with; `manifests` are the media types pushed, by reference."""

    host: str
    manifests: dict[str, str] = field(default_factory=dict)


@contextmanager
def registry() -> Iterator[Registry]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    server.sizes = {}
    server.seen = Registry(f"127.0.0.1:{server.server_port}")
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.seen
    finally:
        server.shutdown()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    """As much of the distribution protocol as `docker push` speaks (github.com/opencontainers/distribution-spec)."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_GET(self):
        self._answer(200)

    def do_HEAD(self):
        size = self.server.sizes.get(self.path.rpartition("/")[2])
        if size is None:
            self._answer(404)
        else:
            self._answer(200, length=size)

    def do_POST(self):
        self._answer(202, Location=f"http://{self.server.seen.host}{self.path.rstrip('/')}/upload")

    def do_PATCH(self):
        size = sum(len(chunk) for chunk in self._body())
        self.server.sizes[self.path] = size
        self._answer(202, Location=f"http://{self.server.seen.host}{self.path}", Range=f"0-{max(size - 1, 0)}")

    def do_PUT(self):
        body = b"".join(self._body())
        if "/manifests/" in self.path:
            self.server.seen.manifests[self.path.rpartition("/")[2]] = self.headers["Content-Type"]
            digest = "sha256:" + hashlib.sha256(body).hexdigest()
        else:
            upload, _, digest = self.path.partition("?digest=")
            digest = digest.replace("%3A", ":")
            self.server.sizes[digest] = self.server.sizes.pop(upload, 0)
        self._answer(201, **{"Docker-Content-Digest": digest})

    def _body(self) -> Iterator[bytes]:
        if self.headers.get("Transfer-Encoding") == "chunked":
            while size := int(self.rfile.readline(), 16):
                yield self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
        elif length := int(self.headers.get("Content-Length", 0)):
            yield self.rfile.read(length)

    def _answer(self, status: int, *, length: int = 0, **headers: str):
        self.send_response(status)
        self.send_header("Content-Length", str(length))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
