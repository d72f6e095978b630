"""An inference pipeline as SageMaker hosts it: containers that share a machine and its ports, asked in turn."""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from kindred.testing import Answer, asking
from kit import boxes

FIRST_PORT = 9000
APART = 100


@dataclass(frozen=True, kw_only=True)
class Link:
    """One container of a pipeline: its model folder, and what its definition puts into the environment."""

    model: Path
    environ: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Chain:
    """A running pipeline; `doors` are the ports of its containers as this machine reaches them, in order."""

    doors: Sequence[int]

    def invoke(self, body: bytes, content_type: str, *, accept: str | None = None) -> tuple[int, Answer]:
        """Return how many containers answered, and the answer of the last of them: a refusal ends the chain.

        Each hears the Content-Type of the answer before it; `accept` is said to the last alone (contract line 151).
        """
        for count, door in enumerate(self.doors, 1):
            headers = {"Content-Type": content_type}
            if accept is not None and count == len(self.doors):
                headers["Accept"] = accept
            answer = asking.send(door, "POST", "/invocations", body=body, headers=headers)
            if answer.status != 200:
                break
            body, content_type = answer.body, answer.headers["content-type"]
        return count, answer


@contextmanager
def chained(image: str, links: Sequence[Link]) -> Iterator[Chain]:
    """Start a container a link, each told of its port and of the ports that it may use; all are gone afterwards."""
    ports = [FIRST_PORT + APART * number for number in range(len(links))]
    name = f"kindred-chain-{uuid.uuid4().hex[:8]}"
    network = tuple(word for port in ports for word in ("--publish", f"127.0.0.1::{port}"))
    with ExitStack() as stack:
        started = []
        for port, link in zip(ports, links, strict=True):
            options = (*network, "--name", f"{name}-{port}", *_definition(port, link))
            started.append(stack.enter_context(boxes.running(image, "serve", options=options)))
            network = ("--network", f"container:{name}-{FIRST_PORT}")
        doors = [_published(started[0], port) for port in ports]
        for door, box in zip(doors, started, strict=True):
            boxes.wait_for(lambda door=door: boxes.answers(f"http://127.0.0.1:{door}/ping"), box=box)
        yield Chain(doors)


def _definition(port: int, link: Link) -> Iterator[str]:
    ports = {"SAGEMAKER_BIND_TO_PORT": str(port), "SAGEMAKER_SAFE_PORT_RANGE": f"{port}-{port + APART - 1}"}
    for name, value in {**link.environ, **ports}.items():
        yield from ("--env", f"{name}={value}")
    yield from ("--volume", f"{link.model}:/opt/ml/model:ro")


def _published(box: boxes.Box, port: int) -> int:
    return int(boxes.docker("port", box.id, str(port)).stdout.splitlines()[0].rpartition(":")[2])
