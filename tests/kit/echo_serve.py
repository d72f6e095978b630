"""`python -m kit.echo_serve`: the real `serve`, bound to ECHO alone."""

import sys

from kindred.contract import environment
from kindred.contract.serving import door
from kit.echo import ECHO

if __name__ == "__main__":
    sys.exit(door.main((ECHO,), environ=environment.snapshot()))
