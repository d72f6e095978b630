"""Weigh the image `kindred` that `make image` leaves; write image.md."""

import json
import shutil
import subprocess
import zlib
from collections.abc import Mapping
from pathlib import Path

IMAGE = "kindred"
LIMIT_MB = 600
SHOWN = 10
GZIP = 31
"""zlib's number for the format of gzip, at its usual effort: what a registry keeps a layer as."""

WHY: Mapping[str, str] = {
    "Debian": "the base of `python:3.13-slim-bookworm`: C library, shell, certificates",
    "Python": "the interpreter, its standard library and pip",
    "polars": "`train` reads interactions and catalogues with it (decision 2); `serve` never imports it",
    "scipy": "sparse matrices and factorisations of `train`; sagemaker-training wants it too",
    "scikit-learn": "k-means and quality measures of `train`",
    "numpy": "arrays, in `train` and `serve`",
    "gevent": "sagemaker-training wants it",
    "boto3": "sagemaker-training wants it; of AWS's services only S3 and credentials are kept",
    "cryptography": "sagemaker-training wants it, by paramiko",
    "protobuf": "sagemaker-training wants it; our RecordIO does without",
    "greenlet": "sagemaker-training wants it, by gevent",
    "paramiko": "sagemaker-training wants it",
    "sagemaker_training": "AWS's toolkit, for whoever starts its `train`",
    "pip": "for images that are built on this one",
    "kindred": "all that is ours, compiled",
}

PAGE = """\
# What the image weighs

`python -m benchmarks image` weighs the image that `make image` leaves. It has **{size:.0f} MB** ({limit} MB is the most
that a test lets pass), and **{packed:.0f} MB** packed with gzip, as a registry keeps it and a start has to fetch it.

| the ten largest parts | MB | share | what for |
|---|--:|--:|---|
{rows}
| the other {others} | {rest:.1f} | {rest_share:.0%} | |

Stripped at the build: symbol tables, the libraries' own tests, stubs and headers, and the AWS service models that
sagemaker-training never calls.

AWS publishes no size of its scikit-learn image that we could find, so there is none beside ours. Of MLServer's images
for the same library, [a pull request of one of their users]({peer}) gives 930 MB for `1.3.5-sklearn` and 3.74 GB for
`1.3.5`.
"""
PEER = "https://github.com/validatedpatterns/industrial-edge/pull/343"


def run(*, data: Path, results: Path) -> None:  # noqa: ARG001 - every benchmark is called alike
    """Write image.md into results; where there is no such image, say so and leave the page as it is."""
    if shutil.which("docker") is None or not _docker("images", "--quiet", IMAGE):
        print("image: left out, since there is no image `kindred`; make image")
        return
    size = int(_docker("image", "inspect", "--format", "{{.Size}}", IMAGE))
    script = (Path(__file__).parent / "inside.py").read_text()
    parts: Mapping[str, int] = json.loads(_docker("run", "--rm", "--interactive", IMAGE, "python", "-", said=script))
    (results / "image.md").write_text(page(size, _packed(), parts))


def page(size: int, packed: int, parts: Mapping[str, int]) -> str:
    """Return the page; sizes are in bytes, `parts` by name."""
    largest = sorted(parts, key=lambda name: -parts[name])[:SHOWN]
    rows = [f"| {name} | {parts[name] / 1e6:.1f} | {parts[name] / size:.0%} | {WHY[name]} |" for name in largest]
    rest = size - sum(parts[name] for name in largest)
    return PAGE.format(
        size=size / 1e6,
        limit=LIMIT_MB,
        packed=packed / 1e6,
        rows="\n".join(rows),
        others=len(parts) - SHOWN,
        rest=rest / 1e6,
        rest_share=rest / size,
        peer=PEER,
    )


def _packed() -> int:
    squeezed, packer = 0, zlib.compressobj(wbits=GZIP)
    with subprocess.Popen(["docker", "save", IMAGE], stdout=subprocess.PIPE) as saved:
        assert saved.stdout is not None
        for piece in iter(lambda: saved.stdout.read(1 << 20), b""):  # type: ignore[union-attr]
            squeezed += len(packer.compress(piece))
    return squeezed + len(packer.flush())


def _docker(*words: str, said: str | None = None) -> str:
    return subprocess.run(["docker", *words], input=said, capture_output=True, text=True, check=True).stdout
