"""Send bodies that chance has damaged to `serve`: never a 500, nor an answer cut off but a streamed one.

python -m benchmarks.soak.fuzz --bodies 100000
"""

import argparse
import http.client
import random
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from benchmarks.soak import page
from benchmarks.soak.stands import STANDS, Stand, served

THREADS = 4
WORKERS = 2
OPTIONS = (
    "",
    "output=distances",
    "bad_records=keep",
    "id_columns=1",
    "stream=true",
    "bad_records=keep;stream=true",
    "n=;=",
)
TOKENS = (
    b"[",
    b"}",
    b'"',
    b",",
    b"\n",
    b"\r",
    b"\0",
    b"\xff",
    b"1e999",
    b"NaN",
    b"\\ud800",
    b"null",
    b"\x0a\x23\xd7\xce",
)


def damaged(body: bytes, chance: random.Random) -> bytes:
    made = bytearray(body)
    for _ in range(chance.choice((0, 1, 1, 2, 5, 20))):
        at = chance.randint(0, len(made))
        act = chance.randrange(4)
        if act == 0:
            made[at:at] = chance.choice(TOKENS)
        elif act == 1:
            del made[at : at + chance.randint(1, 12)]
        elif act == 2:
            made[at : at + 1] = bytes([chance.randrange(256)])
        else:
            made[at:at] = made[: chance.randint(0, 40)]
    return bytes(made)


def sent(port: int, stand: Stand, seed: int, count: int) -> Counter[int]:
    chance, told = random.Random(seed), Counter[int]()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    types = (*stand.seeds, "", "text/plain", "application/json; charset=utf-16", "text/csv;label_size=1", "image/png")
    for _ in range(count):
        body = damaged(stand.seeds[chance.choice(list(stand.seeds))], chance)
        headers = {
            "Content-Type": chance.choice(types),
            "Accept": chance.choice((*stand.seeds, "*/*", 'text/csv;output="one_hot,distances"')),
            "X-Amzn-SageMaker-Custom-Attributes": chance.choice(OPTIONS),
        }
        connection.request("POST", "/invocations", body=body, headers=headers)
        response = connection.getresponse()
        try:
            response.read()
        except http.client.IncompleteRead:
            if "stream" not in headers["X-Amzn-SageMaker-Custom-Attributes"]:
                raise
            connection.close()
        told[response.status] += 1
    connection.close()
    return told


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="algorithm", help=f"any of {', '.join(STANDS)}; both by default")
    parser.add_argument("--bodies", type=int, default=100_000)
    parser.add_argument("--port", type=int, default=18082)
    asked = parser.parse_args()
    held = True
    for name in asked.names or STANDS:
        found = _fuzzed(STANDS[name], asked.port, asked.bodies)
        page.keep("fuzz", name, found)
        print(name, found)
        held &= found["held"]
    return 0 if held else 1


def _fuzzed(stand: Stand, port: int, bodies: int) -> page.Found:
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder, served(stand, Path(folder), port=port, workers=WORKERS) as running:
        born = running.workers()
        with ThreadPoolExecutor(THREADS) as pool:
            parts = pool.map(lambda seed: sent(port, stand, seed, bodies // THREADS), range(THREADS))
            told = sum(parts, Counter[int]())
        same = running.workers() == born
        lines = len(running.lines())
    return {
        "bodies": told.total(),
        "seconds": round(time.monotonic() - began),
        "told": {str(status): count for status, count in sorted(told.items())},
        "log_lines": lines,
        "workers_alive": same,
        "held": same and max(told) < 500 and lines >= told.total(),
    }


if __name__ == "__main__":
    sys.exit(main())
