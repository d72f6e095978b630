"""prepare-data: files in, folders as train reads them out."""

import zipfile

import pytest
from scripts.aws.refusals import Refused

from scripts import prepare_data

HEADER = "userId,movieId,rating,timestamp\n"
ROWS = [f"{row % 3},{row},4.0,{1000 - row}\n" for row in range(10)]


@pytest.fixture
def archive(tmp_path):
    path = tmp_path / "ml.zip"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("ml/ratings.csv", HEADER + "".join(ROWS))
        file.writestr("ml/../../movies.csv", "movieId,title,genres\n")
    return path


def test_an_archive_is_unpacked_by_names_alone(tmp_path, archive):
    prepare_data.fetch(str(archive), tmp_path / "data" / "train")
    assert sorted(path.name for path in (tmp_path / "data" / "train").iterdir()) == ["movies.csv", "ratings.csv"]
    assert not (tmp_path.parent / "movies.csv").exists()


def test_the_last_share_of_time_is_held_out(tmp_path, archive):
    prepare_data.fetch(str(archive), tmp_path / "train")
    assert prepare_data.divide(tmp_path, 0.3) == 3
    kept, held = (_times(tmp_path / channel / "ratings.csv") for channel in ("train", "test"))
    assert (len(kept), len(held)) == (7, 3)
    assert max(kept) < min(held)


@pytest.mark.parametrize(
    ("content", "says"), [(b"not a zip", "not a whole zip"), (None, "no data set, file or folder")]
)
def test_what_cannot_be_read_is_said(tmp_path, content, says):
    path = tmp_path / "a.zip"
    if content:
        path.write_bytes(content)
    with pytest.raises(Refused, match=says):
        prepare_data.fetch(str(path), tmp_path / "train")


def _times(path):
    return [int(line.split(",")[3]) for line in path.read_text().splitlines()[1:]]
