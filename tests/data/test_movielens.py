"""MovieLens as it is downloaded."""

import numpy as np
import pytest

from kindred.data.pantry import read, recognises
from kit.movielens import movielens_folder
from kit.pantries import numbers, pairs, values

MOVIES = """movieId,title,genres
1,Toy Story (1995),Adventure|Animation
2,"Matrix, The (1999)",Action
3,"City of Lost Children, The (Cité des enfants perdus, La) (1995)",Drama
4,"Misérables, Les (1995)",(no genres listed)
5,Babylon 5,Sci-Fi
6,"American President, The (1995)",Comedy
7,"Fawlty Towers (1975-1979)",Comedy
8,2001: A Space Odyssey (1968) ,Sci-Fi
9,"Good, the Bad and the Ugly, The (Buono, il brutto, il cattivo, Il) (1966)",Western
10,"Crocodile Hunter, Theodore (2002)",Comedy
"""
TITLES = {
    "1": ("Toy Story", 1995),
    "2": ("The Matrix", 1999),
    "3": ("The City of Lost Children (Cité des enfants perdus, La)", 1995),
    "4": ("Les Misérables", 1995),
    "5": ("Babylon 5", None),
    "6": ("The American President", 1995),
    "7": ("Fawlty Towers", 1975),
    "8": ("2001: A Space Odyssey", 1968),
    "9": ("The Good, the Bad and the Ugly (Buono, il brutto, il cattivo, Il)", 1966),
    "10": ("Crocodile Hunter, Theodore", 2002),
}
RATINGS = "userId,movieId,rating,timestamp\n1,1,4.0,964982703\n1,2,4.5,964981247\n2,2,1.0,964982224\n"
UNUSED = {
    "links.csv": "movieId,imdbId,tmdbId\n1,0114709,862\n",
    "tags.csv": "userId,movieId,tag,timestamp\n1,1,fun,1445714994\n",
    "genome-scores.csv": "movieId,tagId,relevance\n1,1,0.02\n",
    "genome-tags.csv": "tagId,tag\n1,007\n",
    "README.txt": "Summary\n=======\n",
}


def test_titles_years_and_genres_are_parted(pantry):
    catalogue = pantry(train={"movies.csv": MOVIES}).catalogue
    assert dict(zip(catalogue.ids, catalogue.titles, strict=True)) == {
        item: title for item, (title, _) in TITLES.items()
    }
    assert numbers(catalogue, "year") == {item: year for item, (_, year) in TITLES.items() if year}
    assert values(catalogue, "genres")["1"] == ["Adventure", "Animation"]
    assert "4" not in values(catalogue, "genres")


def test_a_whole_folder_is_read_and_what_is_not_needed_is_passed_over(pantry):
    told = pantry(train={"ml/ratings.csv": RATINGS, "ml/movies.csv": MOVIES, **UNUSED})
    assert sorted(pairs(told)) == [("1", "1"), ("1", "2"), ("2", "2")]
    assert len(told.catalogue.ids) == 10
    assert told.warnings == ()
    assert told.catalogue.titles[:2] == ("The Matrix", "Toy Story")


@pytest.mark.parametrize("encoding", ["latin-1", "utf-8"])
def test_the_double_colon_files_of_the_older_sets(pantry, encoding):
    movies = "1::Toy Story (1995)::Animation|Children's\n2::Misérables, Les (1995)::Drama|Musical\n".encode(encoding)
    ratings = "1::1::5::978300760\n1::2::3::978302109\n2::1::4::978301968\n"
    users = "1::F::1::10::48067\n"
    told = pantry(train={"ratings.dat": ratings, "movies.dat": movies, "users.dat": users, "README": "x"})
    assert told.catalogue.titles == ("Toy Story", "Les Misérables")
    assert values(told.catalogue, "genres")["1"] == ["Animation", "Children's"]
    assert told.interactions.ratings.tolist() == [5, 3, 4]
    assert told.warnings == ()


def test_a_bad_row_of_a_double_colon_file_has_its_line(pantry):
    rows = [f"{n}::1::5::978300760" for n in range(30)]
    rows[7], rows[9] = "7::1", "9::1::5::978300760::7"
    told = pantry(train={"ratings.dat": "\n".join(rows)})
    assert "(ratings.dat:8)" in told.warnings[0]
    assert "(ratings.dat:10)" in told.warnings[1]


def test_the_real_thing():
    folder = movielens_folder()
    told = read({"train": folder})
    assert recognises(folder)
    assert len(told.interactions.users) == 100_004
    assert len(told.interactions.user_ids) == 671
    assert len(told.catalogue.ids) == 9_125
    assert told.catalogue.described.all()
    assert told.catalogue.titles[0] == "Forrest Gump"
    assert told.warnings == ()
    assert np.unique(told.interactions.ratings).tolist() == [n / 2 for n in range(1, 11)]
    assert not [title for title in told.catalogue.titles if title.endswith(", The") or not title]
    assert len(numbers(told.catalogue, "year")) > 9_100
    assert told.catalogue.columns["genres"].values[:2] == ("Action", "Adventure")


def test_the_first_of_them_has_neither_header_nor_ending(pantry):
    flags = {"Toy Story": "000111" + "0" * 13, "Heat": "1" + "0" * 18}
    films = [
        "1|Toy Story (1995)|01-Jan-1995||http://a|" + "|".join(flags["Toy Story"]),
        "2|Misérables, Les (1998)|01-Jan-1998||http://b|" + "|".join(flags["Heat"]),
    ]
    files = {
        "ml-100k/u.data": "196\t1\t3\t881250949\n186\t2\t5\t891717742\n",
        "ml-100k/u.item": "\n".join(films).encode("latin-1"),
        "ml-100k/u.user": "1|24|M|technician|85711\n",
        "ml-100k/u1.base": "1\t1\t5\t874965758\n",
        "ml-100k/README": "SUMMARY",
    }
    told = pantry(train=files)
    assert sorted(pairs(told)) == [("186", "2"), ("196", "1")]
    assert sorted(told.interactions.timestamps.tolist()) == [881250949, 891717742]
    assert dict(zip(told.catalogue.ids, told.catalogue.titles, strict=True)) == {
        "1": "Toy Story",
        "2": "Les Misérables",
    }
    assert values(told.catalogue, "genres") == {"1": ["Animation", "Children's", "Comedy"]}
    assert numbers(told.catalogue, "year") == {"1": 1995, "2": 1998}
    assert told.warnings == ()


def test_a_row_of_it_that_is_too_long_is_told(pantry):
    rows = "".join(f"{n}\t1\t3\t881250949\n" for n in range(12))
    told = pantry(train={"u.data": rows + "1\t1\t5\t1\t9\n"})
    assert "more cells than the header" in told.warnings[0]
    assert told.warnings[0].endswith("(u.data:13)")
