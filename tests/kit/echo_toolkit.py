"""ECHO as sagemaker-training runs it: SAGEMAKER_TRAINING_MODULE=kit.echo_toolkit:main."""

from kindred.contract import environment
from kindred.contract.training import toolkit
from kit.echo import ECHO


def main() -> None:
    toolkit.main(lambda: (ECHO,), environ=environment.snapshot())
