"""What a job says of itself while it runs: a line for every change, a line for every metric."""

from collections.abc import Iterator

from .filling import at
from .plan import Answer


def lines(answer: Answer, path: str) -> Iterator[str]:
    """Yield the lines worth saying of one answer: its state, what it is doing, its metrics as they stand."""
    if state := at(answer, path):
        doing = at(answer, "SecondaryStatus")
        yield f"{state}: {doing}" if doing and doing != state else str(state)
    for metric in at(answer, "FinalMetricDataList") or ():
        yield f"{metric['MetricName']} = {metric['Value']:.6g}"
    if (seconds := at(answer, "BillableTimeInSeconds")) and (whole := at(answer, "TrainingTimeInSeconds")):
        yield f"billed {seconds} s of {whole} s"
