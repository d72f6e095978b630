"""The share of the machine that a container has (contract line 63)."""

import os

import pytest

from kindred.contract import resources

PROCESSORS = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()


def write(root, **files):
    for name, text in files.items():
        path = root / name.replace("__", "/").replace("_DOT_", ".")
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"{text}\n", encoding="ascii")
    return root


@pytest.mark.parametrize(
    ("quota", "threads"), [("100000 100000", 1), ("50000 100000", 1), ("199999 100000", 1), ("max 100000", PROCESSORS)]
)
def test_quota_of_version_2(tmp_path, quota, threads):
    """[63] cpu.max"""
    assert resources.threads(write(tmp_path, cpu_DOT_max=quota)) == threads


@pytest.mark.parametrize(("quota", "threads"), [("100000", 1), ("-1", PROCESSORS), ("100000000", PROCESSORS)])
def test_quota_of_version_1(tmp_path, quota, threads):
    """[63]"""
    root = write(tmp_path, cpu__cpu_DOT_cfs_quota_us=quota, cpu__cpu_DOT_cfs_period_us="100000")
    assert resources.threads(root) == threads


def test_memory_limit_of_either_version(tmp_path):
    """[63]"""
    machine = resources.memory_bytes(tmp_path)
    assert machine > 1 << 28
    assert resources.memory_bytes(write(tmp_path, memory_DOT_max="max")) == machine
    assert resources.memory_bytes(write(tmp_path, memory_DOT_max=str(1 << 62))) == machine
    assert resources.memory_bytes(write(tmp_path, memory_DOT_max="1048576")) == 1 << 20
    assert resources.memory_bytes(write(tmp_path, memory__memory_DOT_limit_in_bytes="524288")) == 1 << 19


def test_no_control_groups_at_all(tmp_path):
    assert resources.threads(tmp_path / "absent") == PROCESSORS
