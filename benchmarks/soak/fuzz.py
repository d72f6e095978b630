"""Send bodies that chance has damaged to a running `serve`: never a 500, never an answer cut off but a streamed one.

python -m benchmarks.soak.fuzz PORT --bodies 100000
"""

import argparse
import http.client
import random
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from kindred.codecs import npy, records

THREADS = 4
ROWS = np.random.default_rng(0).normal(size=(5, 2)).astype(np.float32)
SEEDS = {
    "application/json": b'{"instances": [{"features": [1.5, 2]}, {"data": {"features": {"values": [3, 4e-2]}}}]}',
    "application/jsonlines": b'{"features": [1.5, 2]}\n{"features": {"keys": [1], "shape": [2], "values": [1]}}',
    "text/csv": b'1.5,2\n"3",4e1\n5,-6\n',
    "application/x-recordio-protobuf": records.encode_features(ROWS),
    "application/x-npy": npy.encode(ROWS),
}
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


def sent(port: int, seed: int, count: int) -> Counter[int]:
    chance, told = random.Random(seed), Counter[int]()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    types = (*SEEDS, "", "text/plain", "application/json; charset=utf-16", "text/csv;label_size=1", "image/png")
    for _ in range(count):
        body = damaged(SEEDS[chance.choice(list(SEEDS))], chance)
        headers = {
            "Content-Type": chance.choice(types),
            "Accept": chance.choice((*SEEDS, "*/*", 'text/csv;output="one_hot,distances"')),
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
    parser.add_argument("port", type=int)
    parser.add_argument("--bodies", type=int, default=100_000)
    asked = parser.parse_args()
    with ThreadPoolExecutor(THREADS) as pool:
        parts = pool.map(lambda seed: sent(asked.port, seed, asked.bodies // THREADS), range(THREADS))
        told = sum(parts, Counter[int]())
    print(dict(sorted(told.items())))
    return int(any(status >= 500 for status in told))


if __name__ == "__main__":
    sys.exit(main())
