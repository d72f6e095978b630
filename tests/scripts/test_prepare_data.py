"""prepare-data: files in, folders as train reads them out."""

import gzip
import json
import socket
import sys
import threading
import zipfile
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from scripts.aws.refusals import Refused

from kit.real_train import SAMPLE
from scripts import __main__ as command
from scripts import prepare_data, upload_data

HEADER = "userId,movieId,rating,timestamp\n"
ROWS = [f"{row % 3},{row},4.0,{1_700_000_000 - 60 * row}\n" for row in range(10)]
BASICS = "tconst\ttitleType\tprimaryTitle\toriginalTitle\tisAdult\tstartYear\tendYear\truntimeMinutes\tgenres\n"


@pytest.fixture
def archive(tmp_path):
    path = tmp_path / "ml.zip"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("ml/ratings.csv", HEADER + "".join(ROWS))
        file.writestr("ml/../../movies.csv", "movieId,title,genres\n1,Alien (1979),Horror|Sci-Fi\n")
    return path


def test_an_archive_is_unpacked_by_names_alone(tmp_path, archive):
    prepare_data.prepare(str(archive), tmp_path / "data", hold_out=0)
    assert sorted(path.name for path in (tmp_path / "data" / "train").iterdir()) == ["movies.csv", "ratings.csv"]
    assert not (tmp_path.parent / "movies.csv").exists()


def test_the_last_share_of_time_is_held_out(tmp_path, archive):
    told = prepare_data.prepare(str(archive), tmp_path / "data", hold_out=0.3)
    assert told["channels"] == {
        "train": {"users": 3, "items": 8, "interactions": 7}, "test": {"users": 3, "items": 3, "interactions": 3},
    }  # fmt: skip
    assert sorted(path.name for path in (tmp_path / "data").iterdir()) == ["test", "train"]


def test_titles_of_imdb_are_read_from_a_folder(tmp_path):
    rows = [f"tt{n:07}\tmovie\tFilm {n}\tFilm {n}\t0\t1999\t\\N\t90\tDrama\n" for n in range(5)]
    (tmp_path / "imdb").mkdir()
    (tmp_path / "imdb" / "title.basics.tsv.gz").write_bytes(gzip.compress((BASICS + "".join(rows)).encode()))
    told = prepare_data.prepare(str(tmp_path / "imdb"), tmp_path / "data", hold_out=0)
    assert told["channels"]["train"] == {"users": 0, "items": 5, "interactions": 0}
    with pytest.raises(Refused, match="no interactions to divide"):
        prepare_data.prepare(str(tmp_path / "imdb"), tmp_path / "other", hold_out=0.1)


@pytest.mark.parametrize(
    ("content", "says"), [(b"not a zip", "not a whole zip"), (None, "no data set, file or folder")]
)
def test_what_cannot_be_read_is_said(tmp_path, content, says):
    path = tmp_path / "a.zip"
    if content:
        path.write_bytes(content)
    _refuses(str(path), tmp_path / "data", says)


def test_what_training_would_refuse_is_refused_before_it_is_sent(tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "views.csv").write_text("name,age\na,1\n")
    _refuses(str(tmp_path / "mine"), tmp_path / "data", r"views\.csv")


def test_nothing_is_written_over(tmp_path, archive):
    (tmp_path / "data" / "train").mkdir(parents=True)
    (tmp_path / "data" / "train" / "mine.csv").write_text("mine")
    with pytest.raises(Refused, match="is there already"):
        prepare_data.prepare(str(archive), tmp_path / "data", hold_out=0)
    assert (tmp_path / "data" / "train" / "mine.csv").read_text() == "mine"


@pytest.mark.parametrize("place", [".", "inner", ".."])
def test_a_folder_is_not_put_into_itself(tmp_path, place):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "views.csv").write_text(HEADER + "".join(ROWS))
    with pytest.raises(Refused, match="one in the other"):
        prepare_data.prepare(str(tmp_path / "mine"), tmp_path / "mine" / place, hold_out=0)
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["views.csv"]


def test_a_data_set_is_downloaded(tmp_path, archive, monkeypatch):
    serving = ThreadingHTTPServer(("127.0.0.1", 0), partial(SimpleHTTPRequestHandler, directory=archive.parent))
    threading.Thread(target=serving.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{serving.server_port}/ml.zip"
    monkeypatch.setattr(prepare_data, "SETS", {"films": (address,), "torn": (address.replace("ml", "no"),)})
    try:
        told = prepare_data.prepare("films", tmp_path / "data", hold_out=0)
        _refuses("torn", tmp_path / "other", "404")
    finally:
        serving.shutdown()
        serving.server_close()
    assert told["channels"]["train"]["interactions"] == 10


@pytest.mark.parametrize("head", ["Content-Length: 400", "Transfer-Encoding: chunked"])
def test_a_download_that_breaks_off_is_no_data(tmp_path, monkeypatch, head):
    """Text that ends in the middle is as good as whole: only the length tells."""
    said = f"HTTP/1.1 200 OK\r\n{head}\r\nConnection: close\r\n\r\n400\r\n{HEADER}1,2,3.0,4\n".encode()
    with socket.create_server(("127.0.0.1", 0)) as door:
        address = f"http://127.0.0.1:{door.getsockname()[1]}/views.csv"
        monkeypatch.setattr(prepare_data, "SETS", {"films": (address,)})
        threading.Thread(target=_say, args=(door, said), daemon=True).start()
        _refuses("films", tmp_path / "data", "cannot be had")


def _say(door, content):
    caller, _ = door.accept()
    with caller:
        caller.recv(1 << 16)
        caller.sendall(content)


def test_of_two_files_of_one_name_in_an_archive_none_is_lost(tmp_path):
    path = tmp_path / "two.zip"
    with zipfile.ZipFile(path, "w") as file:
        for folder in ("2025", "2026"):
            file.writestr(f"{folder}/views.csv", HEADER + "".join(ROWS))
            file.writestr(f"{folder}/.DS_Store", "what a Mac leaves in every folder")
    _refuses(str(path), tmp_path / "data", r"'two\.zip' holds two files named 'views\.csv'")


def test_an_archive_damaged_in_the_middle_is_said(tmp_path):
    path = tmp_path / "torn.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("views.csv", HEADER + "".join(ROWS) * 40)
    content = bytearray(path.read_bytes())
    content[60:80] = bytes([255]) * 20
    path.write_bytes(content)
    _refuses(str(path), tmp_path / "data", "not a whole zip file")


def test_without_a_network_it_says_where_to_fetch_it(tmp_path, monkeypatch):
    monkeypatch.setattr(prepare_data, "SETS", {"films": ("http://127.0.0.1:9/films.zip",)})
    _refuses("films", tmp_path / "data", r"http://127\.0\.0\.1:9/films\.zip cannot be had .*; fetch it elsewhere")


def test_people_read_a_table(tmp_path, capsys, monkeypatch):
    said = _typed(capsys, monkeypatch, str(SAMPLE), str(tmp_path / "data"), "--hold-out", "0.1")
    head, *rows = said.out.splitlines()
    assert head.split() == ["channel", "users", "items", "interactions", "where"]
    assert [row.split()[::4] for row in rows] == [
        [channel, str(tmp_path / "data" / channel)] for channel in ("train", "test")
    ]
    assert f"next:    kindred-aws upload-data {tmp_path / 'data'}" in said.err


def test_programs_read_json(tmp_path, capsys, monkeypatch):
    told = json.loads(_typed(capsys, monkeypatch, str(SAMPLE), str(tmp_path / "data"), "--json").out)
    assert told["channels"]["train"]["items"] == 336
    assert told["then"] == f"kindred-aws upload-data {tmp_path / 'data'}"


def test_what_comes_next_fits_the_folders(tmp_path):
    prepare_data.prepare(str(SAMPLE), tmp_path / "data", hold_out=0.1)
    divided, whole = upload_data.plan(tmp_path / "data", bucket="films").then, upload_data.plan(SAMPLE).then
    assert divided == "kindred-aws train --channel 'test=s3://films/data/test' --channel 'train=s3://films/data/train'"
    assert "--data" in whole


def _refuses(source, folder, says):
    with pytest.raises(Refused, match=says):
        prepare_data.prepare(source, folder, hold_out=0)
    assert not folder.exists() or list(folder.iterdir()) == []


def _typed(capsys, monkeypatch, *words):
    monkeypatch.setattr(sys, "argv", ["kindred-aws", "prepare-data", *words])
    with pytest.raises(SystemExit) as ended:
        command.main()
    said = capsys.readouterr()
    assert not ended.value.code, said.err
    return said


def test_the_data_sets_are_those_that_the_page_names():
    page = (Path(__file__).parents[2] / "docs" / "8-operations.md").read_text(encoding="utf-8")
    assert [name for name in prepare_data.SETS if f"`{name}`" not in page] == []
