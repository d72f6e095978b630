"""`python -m kit.awkward_serve`: the real `serve`, bound to AWKWARD alone."""

import sys

from kindred.contract import environment
from kindred.contract.serving import door
from kit.awkward import AWKWARD

if __name__ == "__main__":
    sys.exit(door.main((AWKWARD,), environ=environment.snapshot()))
