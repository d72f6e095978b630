"""SageMaker's runtime on this machine: InvokeEndpoint over HTTP, handed on to a server of ours, as boto3 expects it."""

import http.server
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from kit.transports import OverHttp

PASSED_ON = ("Content-Type", "Accept", "X-Amzn-SageMaker-Custom-Attributes")


@contextmanager
def runtime(endpoints: dict[str, OverHttp]) -> Iterator[str]:
    """Yield the address to set AWS_ENDPOINT_URL to; `endpoints` says by its name which server stands behind each."""
    handler = type("Handler", (_Handler,), {"endpoints": endpoints})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


class _Handler(http.server.BaseHTTPRequestHandler):
    endpoints: dict[str, OverHttp]

    def do_POST(self) -> None:
        name = self.path.split("/")[2]
        if name not in self.endpoints:
            return self._refuse(400, "ValidationError", {"Message": f"Endpoint {name} of account 0 not found."})
        headers = {key: self.headers[key] for key in PASSED_ON if key in self.headers}
        body = self.rfile.read(int(self.headers["Content-Length"]))
        answer = self.endpoints[name].send("POST", "/invocations", body=body, headers=headers)
        if answer.status >= 400:
            told = {
                "OriginalStatusCode": answer.status,
                "OriginalMessage": answer.body.decode(),
                "Message": "Received…",
            }
            return self._refuse(424, "ModelError", told)
        return self._answer(200, answer.body, {"Content-Type": answer.headers["content-type"]})

    def _refuse(self, status: int, kind: str, told: dict[str, object]) -> None:
        self._answer(status, json.dumps(told).encode(), {"x-amzn-ErrorType": kind, "Content-Type": "application/json"})

    def _answer(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for key, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(key, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""
