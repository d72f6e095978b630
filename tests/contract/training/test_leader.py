"""A host that trains and one that waits, in one process: what happens before they find each other."""

import threading
import time

import pytest

from kindred.contract import leader
from kindred.contract.signals import Stop
from kit.transports import free_port


@pytest.mark.slow
def test_a_leader_that_is_not_there_yet_is_tried_again():
    """[32] the follower's container runs first, and nobody listens"""
    port, stop = free_port(), Stop()
    follower = threading.Thread(target=leader.follow, args=("localhost",), kwargs={"port": port, "stop": stop})
    follower.start()
    try:
        time.sleep(0.2)
        begun = time.monotonic()
        with leader.leading(1, port=port, stop=Stop()):
            assert follower.is_alive()
        assert time.monotonic() - begun < leader.ARRIVAL_S / 2, "the follower never arrived"
    finally:
        stop.set()
        follower.join()


@pytest.mark.slow
def test_a_leader_that_never_comes_is_given_up():
    """[32, 61] after a while, and that is no error"""
    begun = time.monotonic()
    leader.follow("localhost", port=free_port(), stop=Stop(), search_s=0.1)
    assert time.monotonic() - begun < leader.LINGER_S, "it lingered as if it had found one"
