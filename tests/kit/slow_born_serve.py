"""The real `serve`, whose workers take a second from the fork to handlers of signals of their own."""

import sys
import time

from gunicorn.config import Postfork

from kindred.contract import environment
from kindred.contract.serving import door
from kit.awkward import AWKWARD


def _slow(_arbiter: object, _worker: object) -> None:
    time.sleep(1)


if __name__ == "__main__":
    Postfork.default = staticmethod(_slow)
    sys.exit(door.main((AWKWARD,), environ=environment.snapshot()))
