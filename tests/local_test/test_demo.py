"""`make demo` as a stranger runs it: the real `train`, the real `serve`, answers on the screen."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from kit.movielens import movielens_folder

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.slow


def demo(folder: Path | str, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, ROOT / "local_test" / "demo.py", folder],
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", "PYTHONUTF8": "1", **environ},
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_the_sample_gives_two_users_of_different_taste_their_next_titles_and_the_reasons():
    told = demo("sample").stdout
    tastes = re.findall(r"tastes: (.*?) \(", told)
    assert len(tastes) == 2
    assert tastes[0] != tastes[1]
    assert len(re.findall(r"^  \d\. .+ because of ", told, flags=re.MULTILINE)) == 10
    assert re.search(r"^  > \S+\n  < \S+", told, flags=re.MULTILINE), "one answer in CSV"
    assert len(re.findall(r"^  \d\. ", told.partition("\nLike ")[2], flags=re.MULTILINE)) == 5
    assert re.search(r"^\d+\.\d s in all$", told, flags=re.MULTILINE)


def test_the_model_beats_popularity_on_the_sample_and_says_so():
    told = demo("sample").stdout
    (figures,) = re.findall(r"NDCG@10 (\S+), the most popular titles (\S+)$", told, flags=re.MULTILINE)
    model, popular = map(float, figures)
    assert model > 2 * popular


def test_five_named_titles_are_answered_with_their_kind():
    told = demo(movielens_folder(), HISTORY="Alien|Blade Runner|The Terminator|Aliens|The Matrix").stdout
    answers = re.findall(r"^  \d\. (.+?)  ", told, flags=re.MULTILINE)
    assert (
        sum(bool(re.match(r"Star Wars|Terminator 2|Back to the Future|Raiders|Die Hard", one)) for one in answers) >= 3
    )


@pytest.mark.parametrize(
    ("folder", "sentence"),
    [("no-such-folder", "There is no folder 'no-such-folder'"), ("docs", "ClientError: ")],
)
def test_a_folder_that_will_not_do_is_refused_in_a_sentence(folder: str, sentence: str):
    done = demo(folder)
    assert done.returncode != 0
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr
