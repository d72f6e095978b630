"""A host that trains and those that wait, in one process: how they find each other, and how they part."""

import contextlib
import socket
import threading
import time

import pytest

from kindred.contract.signals import Stop
from kindred.contract.training import leader
from kindred.contract.training.link import Link
from kindred.errors import Bug, UserError
from kindred.testing.asking import free_port


@pytest.fixture(autouse=True)
def hasty(monkeypatch):
    """What is waited for out of courtesy takes no time here."""
    for name in ("LINGER_S", "ARRIVAL_S", "_STEP_S"):
        monkeypatch.setattr(leader, name, 0.02)


@pytest.mark.slow
def test_a_leader_that_is_not_there_yet_is_tried_again():
    """[32] the follower's container runs first, and nobody listens"""
    port, stop = free_port(), Stop()
    asked = {"host": "algo-2", "port": port, "stop": stop}
    follower = threading.Thread(target=leader.wait, args=("localhost",), kwargs=asked)
    follower.start()
    try:
        time.sleep(0.2)
        with leader.leading(["algo-2"], port=port, stop=Stop()) as party:
            assert follower.is_alive()
            assert [link.host for link in party.gathered(patience_s=5)] == ["algo-2"]
    finally:
        stop.set()
        follower.join()


def test_a_leader_that_never_comes_is_given_up(caplog):
    """[32, 61] after a while, and that is no error for who only waits"""
    leader.wait("localhost", host="algo-2", port=free_port(), stop=Stop(), search_s=0.1)
    assert "the host localhost, which trains, was not found" in caplog.text


def test_a_leader_that_is_needed_and_never_comes(monkeypatch):
    """[61]"""
    monkeypatch.setattr(leader, "SEARCH_S", 0.1)
    port = free_port()
    with pytest.raises(UserError, match=f"the host localhost, which leads, could not be reached .* on port {port}"):
        follow(port)


def test_a_follower_that_never_comes():
    """[61]"""
    with (
        pytest.raises(UserError, match=r"the host algo-2, algo-3 did not reach the leader within 0\.1 s"),
        leader.leading(["algo-2", "algo-3"], port=free_port(), stop=Stop()) as party,
    ):
        party.gathered(patience_s=0.1)


@pytest.mark.parametrize(
    "greeting",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        b"",
        b"m\x01\x00\x00\x00" + (1 << 40).to_bytes(8, "little"),
        b"m\xff\xff\xff\xff",
        b"m\x00\x00\x00\x00",
        b"f\x00\x00\x00\x00",
        b"m\x01\x00\x00\x00" + (2).to_bytes(8, "little") + b"[]",
        b"m\x01\x00\x00\x00" + (15).to_bytes(8, "little") + b'{"host": "eve"}',
        b"m\x01\x00\x00\x00" + (13).to_bytes(8, "little") + b'{"host": [1]}',
    ],
)
def test_strangers_are_sent_away(greeting):
    """[61] whatever else connects neither takes a host's place nor ends the job"""
    port = free_port()
    with leader.leading(["algo-2"], port=port, stop=Stop()) as party:
        with socket.create_connection(("localhost", port)) as stranger, contextlib.suppress(OSError):
            stranger.sendall(greeting)
            stranger.shutdown(socket.SHUT_WR)
            assert stranger.recv(1) == b""
        follower = threading.Thread(target=follow, args=(port,))
        follower.start()
        assert [link.host for link in party.gathered(patience_s=5)] == ["algo-2"]
        assert party.claims == {"algo-2": "echo"}
    follower.join()


@pytest.mark.parametrize(("error", "kind"), [(UserError("no rows", at="a.csv"), UserError), (ValueError("x"), Bug)])
def test_a_follower_hears_why_the_leader_failed(error, kind):
    """[61]"""
    port, heard = free_port(), []

    def fails(_):
        raise error

    follower = threading.Thread(target=follow, args=(port, heard))
    follower.start()
    with pytest.raises(type(error)):
        lead(port, fails)
    follower.join()
    [told] = heard
    assert type(told) is kind
    assert str(told).startswith("the host localhost failed: ")
    assert ("a.csv: no rows" in str(told)) == (kind is UserError)


def test_the_leader_hears_why_a_follower_failed():
    """[61] even where it was about to ask for something"""
    port = free_port()

    def fails():
        with pytest.raises(UserError, match="broken"), following(port):
            raise UserError("broken", at="b.csv")

    def talks(link):
        while not link.waiting(0.01):
            link.send([bytes(1 << 20)])
        link.receive()

    follower = threading.Thread(target=fails)
    follower.start()
    with pytest.raises(UserError, match=r"the host algo-2 failed: b\.csv: broken"):
        lead(port, talks)
    follower.join()


def test_messages_arrive_whole():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        one, other = Link("a", ours), Link("b", theirs)
        parts = [b"", b"x" * 3_000_000, b"y"]
        sending = threading.Thread(target=one.send, args=(parts,))
        sending.start()
        assert other.receive() == parts
        sending.join()
        assert not other.waiting()
        one.done()
        assert other.waiting()
        assert other.receive() is None


def test_what_a_host_failed_of_is_told_as_it_is():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        Link("a", ours).fail('"Straße"\n', mendable=True)
        with pytest.raises(UserError) as told:
            Link("b", theirs).receive()
        assert str(told.value) == 'the host b failed: "Straße"\n'


def lead(port, task):
    with leader.leading(["algo-2"], port=port, stop=Stop()) as party:
        [link] = party.gathered(patience_s=5)
        task(link)


def following(port):
    return leader.following("localhost", host="algo-2", claim="echo", port=port, stop=Stop())


def follow(port, heard=None):
    with following(port) as link:
        try:
            link.receive()
        except (UserError, Bug) as error:
            if heard is None:
                raise
            heard.append(error)
