"""The story of `train`: from SageMaker's files to a model and an exit status (contract sections B to D)."""

import functools
import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import kindred
from kindred.contract import log, paths, resources, signals
from kindred.contract.log import LOGGER
from kindred.contract.paths import Paths
from kindred.contract.port import Algorithm, Job, Outcome
from kindred.contract.signals import GRACE_S, Stop
from kindred.contract.training import division, earlier, failure, inputs, job, leader, metrics, outputs
from kindred.contract.training.checkpoints import Store
from kindred.contract.training.inputs import Inputs
from kindred.contract.training.job import Order
from kindred.contract.training.leader import PORT
from kindred.contract.training.outputs import Stamps
from kindred.errors import Bug, UserError

SUCCESS, USER_ERROR, BUG, SIGNALLED = 0, 1, 2, 128
"""Exit statuses; SIGNALLED is added to the number of the signal that ended a job before it had a model."""

USAGE = """usage: train [--help | --version]

Runs the training job that SageMaker laid out below /opt/ml, or below SAGEMAKER_BASE_DIR:
settings from input/config, data from input/data, the model into model, what went wrong into output/failure.
"""

Algorithms = Callable[[], Sequence[Algorithm]]
"""Called once signals are heard: it may import what is slow to import, and fail as training may fail."""


@dataclass(frozen=True, kw_only=True)
class Ended:
    """How training ended: the exit status, and the sentence that the failure file begins with, "" if it has none."""

    status: int
    sentence: str = ""


def main(
    algorithms: Algorithms,
    *,
    environ: Mapping[str, str],
    arguments: Sequence[str] = (),
    grace_s: float = GRACE_S,
    port: int = PORT,
) -> int:
    """Run the job, or print what `--help` or `--version` asks for; return the exit status, never 0 on failure."""
    pages = {"--help": USAGE, "-h": USAGE, "--version": f"kindred {kindred.__version__}\n"}
    if len(arguments) == 1 and arguments[0] in pages:
        sys.stdout.write(pages[arguments[0]])
        return SUCCESS
    return run(algorithms, environ=environ, arguments=arguments, grace_s=grace_s, port=port).status


def run(
    algorithms: Algorithms,
    *,
    environ: Mapping[str, str],
    arguments: Sequence[str] = (),
    grace_s: float = GRACE_S,
    port: int = PORT,
) -> Ended:
    """Run the job and say how it ended; raises nothing, whatever training does (contract lines 189-199).

    Only the main thread may call. A signal that comes before there is a model ends the job without a failure file
    (line 210); `grace_s` after a signal the process exits, with what model there is.
    """
    log.configure(environ)
    places = paths.of(environ)
    before = outputs.stamps(places.model)
    with signals.heard(grace_s=grace_s, late=functools.partial(_leave, places.model, before)) as stop:
        try:
            _refuse(arguments)
            _divide(algorithms, places, before=before, environ=environ, port=port, stop=stop)
        except BaseException as error:  # noqa: BLE001 - a SystemExit would end a failed job as a success
            return _failed(error, places, before=before, stop=stop)
        finally:
            outputs.hand_over((places.model, places.output))
    return Ended(status=SUCCESS)


def _refuse(arguments: Sequence[str]) -> None:
    if arguments:
        raise UserError(f"train takes no argument, but was given '{arguments[0]}'; see train --help")


def _divide(
    algorithms: Algorithms, places: Paths, *, before: Stamps, environ: Mapping[str, str], port: int, stop: Stop
) -> None:
    """The first host trains; the others wait for it, or answer it where the data is sharded (contract line 62)."""
    asked = inputs.read(places, stop=stop)
    job_of = functools.partial(_job, places=places, name=environ.get("TRAINING_JOB_NAME", "local"), stop=stop)
    first, *others = asked.hosts
    if asked.host != first:
        if job.shards(asked) or asked.mixed:
            _follow(asked, algorithms(), job_of, port=port, stop=stop)
            return
        LOGGER.warning(
            "the host %s trains alone, this one (%s) waits for it: one instance is enough", first, asked.host
        )
        leader.wait(first, host=asked.host, port=port, stop=stop)
        return
    with leader.leading(others, port=port, stop=stop) as party:
        places.failure.unlink(missing_ok=True)
        with stop.losing_nothing():
            if job.shards(asked):
                order, links = division.led(asked, party, algorithms())
            else:
                order, links = job.understand(asked, algorithms=algorithms()), ()
        _train(order, replace(job_of(order, asked), links=links), before)


def _follow(
    asked: Inputs, algorithms: Sequence[Algorithm], job_of: Callable[..., Job], *, port: int, stop: Stop
) -> None:
    first, own = asked.hosts[0], division.claim(asked, algorithms)
    LOGGER.info("the host %s trains, this one (%s) adds its part of the data", first, asked.host)
    with leader.following(first, host=asked.host, claim=own.name if own else None, port=port, stop=stop) as link:
        order = division.followed(asked, link, algorithms)
        if order is not None and order.algorithm.follow is not None:
            order.algorithm.follow(job_of(order, asked), link)


def _job(order: Order, asked: Inputs, places: Paths, *, name: str, stop: Stop) -> Job:
    outputs.prepare((places.model, places.output_data))
    return Job(
        name=name,
        hyperparameters=order.hyperparameters,
        channels=order.channels,
        model=places.model,
        output=places.output_data,
        checkpoints=None if asked.checkpoints is None else Store(asked.checkpoints, host=asked.host),
        host=asked.host,
        hosts=asked.hosts,
        threads=resources.threads(),
        memory_bytes=resources.memory_bytes(),
        stop=stop,
        losing_nothing=stop.losing_nothing,
        report=functools.partial(metrics.report, host=asked.host),
    )


def _train(order: Order, task: Job, before: Stamps) -> None:
    _announce(order, task)
    began_s = time.time()
    outcome = _learn(order.algorithm, task)
    if not outputs.whole(task.model, before=before):
        raise Bug(f"{order.algorithm.name} ended without leaving a model in {task.model}.")
    outputs.discard_unfinished(task.model, before=before)
    outputs.write_metrics(task.output, outcome.metrics)
    ended_s = time.time()
    summed_up = metrics.summary(
        outcome.metrics, algorithm=order.algorithm.name, host=task.host, began_s=began_s, ended_s=ended_s
    )
    LOGGER.info("%s", summed_up)
    _conclude(order, task, outcome)


def _learn(algorithm: Algorithm, task: Job) -> Outcome:
    most_bytes = task.memory_bytes // 2
    with earlier.unpacked(task.channels, most_bytes=most_bytes, stopped=task.stop.is_set) as channels:
        return algorithm.train(replace(task, channels=channels))


def _announce(order: Order, task: Job) -> None:
    LOGGER.info("kindred %s trains %s with %d threads", kindred.__version__, order.algorithm.name, task.threads)
    for name in order.strange:
        LOGGER.warning("the channel '%s' is not one that %s reads; it is left alone", name, order.algorithm.name)
    for row in order.algorithm.hyperparameters:
        if task.hyperparameters[row.name] != row.default:
            LOGGER.info("hyperparameter %s is %s", row.name, task.hyperparameters[row.name])


def _conclude(order: Order, task: Job, outcome: Outcome) -> None:
    """The objective comes last: it is the last figure of its name that the tuner takes (contract line 79)."""
    for note in outcome.notes:
        LOGGER.info("%s", note)
    objectives = {metric.name for metric in order.algorithm.metrics if metric.objective}
    for name in sorted(outcome.metrics, key=objectives.__contains__):
        task.report(name, outcome.metrics[name])
    LOGGER.info("the model is in %s", task.model)


def _failed(error: BaseException, places: Paths, *, before: Stamps, stop: Stop) -> Ended:
    """The model goes first, as it may be what filled the disk that the failure file needs."""
    outputs.discard(places.model, before=before)
    if stop.is_set():
        LOGGER.warning("training was stopped before it had a model: %s", failure.sentence(failure.explained(error)))
        return Ended(status=SIGNALLED + stop.signal)
    sentence = failure.tell(error, file=places.failure)
    mendable = isinstance(failure.explained(error), UserError)
    return Ended(status=USER_ERROR if mendable else BUG, sentence=sentence)


def _leave(model: Path, before: Stamps, number: int) -> None:
    """Training has nothing to leave yet, or did not end within the grace: leave with the whole model that it wrote, or
    with none."""
    outputs.discard_unfinished(model, before=before)
    whole = outputs.whole(model, before=before)
    LOGGER.warning("training is ended by signal %d; it leaves %s", number, "a model" if whole else "none")
    os._exit(SUCCESS if whole else SIGNALLED + number)
