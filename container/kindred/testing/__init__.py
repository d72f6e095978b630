"""A test kit for SageMaker images, ours or anybody's: a temporary /opt/ml, real processes, kills, disks, no AWS.

docs/9-testing-kit.md shows a user testing a program of twenty lines.
"""

from kindred.testing.asking import Answer
from kindred.testing.disks import CannotMount, read_only, small
from kindred.testing.endings import Ended
from kindred.testing.endpoints import Endpoint, serving
from kindred.testing.hosts import of_one_machine
from kindred.testing.job import Channel, Group, Job
from kindred.testing.objects import csv, folder, npy, records
from kindred.testing.programs import Container, Process, Program, Running
from kindred.testing.runs import ended, train, train_together, training
from kindred.testing.spot import Kill, Machine, attempts, kills
from kindred.testing.tree import Tree, contents, digest, lay_out

__all__ = [
    "Answer",
    "CannotMount",
    "Channel",
    "Container",
    "Ended",
    "Endpoint",
    "Group",
    "Job",
    "Kill",
    "Machine",
    "Process",
    "Program",
    "Running",
    "Tree",
    "attempts",
    "contents",
    "csv",
    "digest",
    "ended",
    "folder",
    "kills",
    "lay_out",
    "npy",
    "of_one_machine",
    "read_only",
    "records",
    "serving",
    "small",
    "train",
    "train_together",
    "training",
]
