"""The console commands `train`, `serve` and `kindred`: the algorithms, bound to the doors."""

import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from kindred.contract import environment, resources

if TYPE_CHECKING:
    from kindred.contract.port import Algorithm


def train() -> int:
    """Run the training job that SageMaker laid out; return the exit status."""
    from kindred.contract import signals
    from kindred.contract.training import door

    environment.provide(_blas(resources.threads()))
    status = door.main(algorithms, environ=environment.snapshot(), arguments=sys.argv[1:])
    signals.deaf()
    return status


def serve() -> int:
    """Answer requests with the model that SageMaker laid out, until told to end; return the exit status."""
    environment.provide(_blas(1))
    from kindred.contract.serving import door

    return door.main(algorithms(), environ=environment.snapshot())


def toolkit() -> None:
    """Run training inside sagemaker-training: SAGEMAKER_TRAINING_MODULE=kindred.entry:toolkit (contract line 189)."""
    from kindred.contract.training import toolkit

    environment.provide(_blas(resources.threads()))
    toolkit.main(algorithms, environ=environment.snapshot())


def command() -> int:
    """Answer `kindred …`, what is asked about the algorithms; return the exit status."""
    from kindred.contract import command

    return command.main(algorithms(), arguments=sys.argv[1:])


def algorithms() -> "Sequence[Algorithm]":
    """Return the algorithms of this image; imported here, so that the doors react to signals while that lasts."""
    from kindred.algorithms import ALGORITHMS

    return ALGORITHMS


def _blas(threads: int) -> Mapping[str, str]:
    """NumPy's BLAS reads this once, when NumPy is imported (contract line 63)."""
    return {"OMP_NUM_THREADS": str(threads)}


if __name__ == "__main__":
    doors = {"train": train, "serve": serve, "kindred": command}
    if len(sys.argv) < 2 or sys.argv[1] not in doors:
        sys.exit("usage: python -m kindred.entry train|serve|kindred")
    sys.exit(doors[sys.argv.pop(1)]())
