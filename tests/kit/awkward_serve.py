"""`python -m kit.awkward_serve`: the real `serve`, bound to AWKWARD alone."""

import sys

from kindred.contract import environment, serving
from kit.awkward import AWKWARD

if __name__ == "__main__":
    sys.exit(serving.main((AWKWARD,), environ=environment.snapshot()))
