"""FIFOs as SageMaker feeds them (contract lines 41, 44)."""

import contextlib
import os
import threading
import time

import pytest

from kindred.contract.training import inputs, pipes
from kindred.errors import UserError
from kit.opt_ml import lay_out


def fed(fifo, content):
    """Make the FIFO and give what is in it to whoever reads it."""
    os.mkfifo(fifo)
    fifo.write_bytes(content)


def test_a_fifo_that_appears_late_is_read_to_its_end(tmp_path):
    """[41]"""
    content = os.urandom(3 << 20)
    threading.Timer(0.3, fed, (tmp_path / "train_0", content)).start()
    with pipes.opened(tmp_path / "train", 0) as stream:
        assert stream.read() == content


def test_a_writer_that_comes_late_and_pauses_is_waited_for(tmp_path):
    """[41] before its first writer a FIFO is silent, which is not its end"""
    os.mkfifo(tmp_path / "train_0")

    def write():
        time.sleep(0.3)
        with (tmp_path / "train_0").open("wb", buffering=0) as sink:
            sink.write(b"one ")
            time.sleep(0.3)
            sink.write(b"two")

    threading.Thread(target=write).start()
    with pipes.opened(tmp_path / "train", 0) as stream:
        assert stream.read() == b"one two"


def test_each_epoch_is_a_fifo_that_comes_when_the_one_before_is_closed(tmp_path):
    """[41] at its end or before"""

    def feed():
        for epoch in range(3):
            fifo = tmp_path / f"train_{epoch}"
            os.mkfifo(fifo)
            with contextlib.suppress(BrokenPipeError):
                fifo.write_bytes(b"%d" % epoch * (1 << 20))
            fifo.unlink()

    threading.Thread(target=feed).start()
    for epoch in range(3):
        with pipes.opened(tmp_path / "train", epoch, patience_s=20) as stream:
            assert stream.read(10) == b"%d" % epoch * 10


@pytest.mark.parametrize("there", [False, True])
def test_patience_ends(tmp_path, there):
    """[41] [51]"""
    if there:
        os.mkfifo(tmp_path / "train_0")
    with pytest.raises(UserError, match=r"train_0: .* for 0.2 s; does the S3 prefix") as caught:
        pipes.opened(tmp_path / "train", 0, patience_s=0.2).read()
    assert ("nothing came" if there else "the FIFO did not appear") in caught.value.sentence


@pytest.mark.parametrize("there", [False, True])
def test_whoever_waits_hears_that_the_job_is_to_stop(tmp_path, there):
    """[41] [54]"""
    stop = threading.Event()
    if there:
        os.mkfifo(tmp_path / "train_0")
    threading.Timer(0.2, stop.set).start()
    began = time.monotonic()
    with pytest.raises(UserError, match="asked to stop before the channel was read"):
        pipes.opened(tmp_path / "train", 0, stop=stop).read()
    assert time.monotonic() - began < 5


def test_channels_have_modes_of_their_own(tmp_path):
    """[43] [44] one through a pipe, wrapped; one as a folder"""
    said = {"TrainingInputMode": "Pipe", "RecordWrapperType": "RecordIO"}
    config = {"train": said, "test": {"TrainingInputMode": "File"}}
    places = lay_out(tmp_path / "ml", channels={"test": {}}, inputdataconfig=config)
    found = inputs.read(places).channels
    assert (found["train"].wrapped, found["test"].wrapped, found["test"].pipe) == (True, False, None)
    threading.Thread(target=fed, args=(places.data / "train_0", b"1,2\n")).start()
    assert found["train"].pipe(0).read() == b"1,2\n"


@pytest.mark.parametrize("hosts", [["a", "b"], ["a"]])
def test_a_host_may_get_no_object_of_a_sharded_channel(tmp_path, hosts):
    """[46] there is no folder then; where one host has all shards, that is a mistake"""
    places = lay_out(
        tmp_path / "ml",
        channels={},
        inputdataconfig={"train": {"S3DistributionType": "ShardedByS3Key"}},
        resourceconfig={"hosts": hosts, "current_host": "a"},
    )
    if len(hosts) > 1:
        assert inputs.read(places).channels["train"].sharded
    else:
        with pytest.raises(UserError, match="channel 'train' brought no folder"):
            inputs.read(places)
