"""`python -m kit.several_train`: the real `train` with every algorithm of ours, on the port KIT_PORT, hasty to part."""

import sys

from kindred.contract import environment
from kindred.contract.training import door, leader
from kindred.entry import algorithms

if __name__ == "__main__":
    environ = environment.snapshot()
    leader.LINGER_S = 0.2
    leader.ARRIVAL_S = leader.FAREWELL_S = 5.0
    leader._STEP_S = 0.1
    leader.SEARCH_S = float(environ.get("KIT_SEARCH_S", 30))
    sys.exit(door.main(algorithms, environ=environ, port=int(environ["KIT_PORT"])))
