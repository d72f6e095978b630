"""Training as a framework module of sagemaker-training, the one file that imports it (contract lines 189-199)."""

import os
from collections.abc import Mapping

from kindred.contract import paths
from kindred.contract.training import door
from kindred.contract.training.door import Algorithms


def main(algorithms: Algorithms, *, environ: Mapping[str, str]) -> None:
    """Run the job inside the toolkit's process.

    Raises the toolkit's ClientError with the sentence of the failure file: the toolkit keeps a failure file that it
    finds, and ends with 1. Without one the process ends here, with our status: after a signal there must be none
    (line 210), and where ours could not be written the toolkit's fails as well, upon which it ends with 0 (line 199).
    """
    from sagemaker_training import errors

    ended = door.run(algorithms, environ=environ)
    if ended.status == door.SUCCESS:
        return
    if not ended.sentence or not paths.of(environ).failure.exists():
        os._exit(ended.status)
    raise errors.ClientError(ended.sentence)
