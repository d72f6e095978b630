"""`python -m kit.echo_train`: the real `train`, bound to ECHO alone; KIT_GRACE_S and KIT_PORT quicken its waits."""

import sys

from kindred.contract import environment
from kindred.contract.training import door
from kit.echo import ECHO

if __name__ == "__main__":
    environ = environment.snapshot()
    status = door.main(
        lambda: (ECHO,),
        environ=environ,
        arguments=sys.argv[1:],
        grace_s=float(environ.get("KIT_GRACE_S", door.GRACE_S)),
        port=int(environ.get("KIT_PORT", door.PORT)),
    )
    sys.exit(status)
