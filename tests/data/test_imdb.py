"""IMDb's files as they are downloaded."""

import pytest

from kindred.data.pantry import recognises
from kindred.errors import UserError
from kit.pantries import numbers, values

BASICS = "\n".join(
    "\t".join(row)
    for row in (
        (
            "tconst",
            "titleType",
            "primaryTitle",
            "originalTitle",
            "isAdult",
            "startYear",
            "endYear",
            "runtimeMinutes",
            "genres",
        ),
        ("tt01", "movie", 'The "Matrix', "The Matrix", "0", "1999", "\\N", "136", "Action,Sci-Fi"),
        ("tt02", "tvSeries", '"Friends"', "Friends", "0", "1994", "2004", "22", "Comedy"),
        ("tt03", "short", "Brief", "Brief", "0", "1994", "\\N", "2", "Short"),
        ("tt04", "movie", "Blue", "Blue", "1", "1994", "\\N", "90", "Adult"),
        ("tt05", "tvMovie", "Unknown", "Unknown", "0", "\\N", "\\N", "\\N", "\\N"),
        ("tt06", "tvEpisode", "Pilot", "Pilot", "0", "1994", "\\N", "22", "Comedy"),
    )
)
RATINGS = "tconst\taverageRating\tnumVotes\ntt01\t8.7\t2000000\ntt03\t9.9\t12\n"
AKAS = "\n".join(
    "\t".join(row)
    for row in (
        ("titleId", "ordering", "title", "region", "language", "types", "attributes", "isOriginalTitle"),
        ("tt01", "1", "Matrix", "NA", "\\N", "imdbDisplay", "\\N", "0"),
        ("tt01", "2", 'Die "Matrix', "DE", "\\N", "imdbDisplay", "\\N", "0"),
        ("tt01", "3", "Matrix", "DE", "\\N", "\\N", "\\N", "0"),
        ("tt02", "1", "Friends", "\\N", "\\N", "original", "\\N", "1"),
        ("tt03", "1", "Kurz", "AT", "\\N", "\\N", "\\N", "0"),
    )
)
FILES = {
    "title.basics.tsv.gz": BASICS,
    "title.ratings.tsv.gz": RATINGS,
    "title.akas.tsv.gz": AKAS,
    "title.crew.tsv.gz": "tconst\tdirectors\twriters\ntt01\tnm01\t\\N\n",
    "title.episode.tsv.gz": "tconst\tparentTconst\tseasonNumber\tepisodeNumber\ntt06\ttt02\t1\t1\n",
    "name.basics.tsv.gz": "nconst\tprimaryName\tbirthYear\nnm01\tLana\t1965\n",
}


def test_titles_votes_and_regions(pantry):
    told = pantry(train=FILES)
    catalogue = told.catalogue
    assert dict(zip(catalogue.ids, catalogue.titles, strict=True)) == {
        "tt01": 'The "Matrix', "tt02": '"Friends"', "tt05": "Unknown",
    }  # fmt: skip
    assert numbers(catalogue, "votes") == {"tt01": 2_000_000}
    assert numbers(catalogue, "average_rating") == {"tt01": 8.7}
    assert numbers(catalogue, "runtime_minutes") == {"tt01": 136, "tt02": 22}
    assert numbers(catalogue, "year") == {"tt01": 1999, "tt02": 1994}
    assert values(catalogue, "genres") == {"tt01": ["Action", "Sci-Fi"], "tt02": ["Comedy"]}
    assert values(catalogue, "region") == {"tt01": ["DE", "NA"]}
    assert values(catalogue, "title_type") == {"tt01": ["movie"], "tt02": ["tvSeries"], "tt05": ["tvMovie"]}
    assert told.warnings == ()
    assert len(told.interactions.users) == 0


def test_basics_alone_will_do(pantry):
    assert pantry(items={"title.basics.tsv": BASICS}).catalogue.ids == ("tt02", "tt01", "tt05")


def test_without_basics_the_others_say_nothing(pantry):
    with pytest.raises(UserError, match=r"^title\.ratings\.tsv\.gz: .* without title\.basics\.tsv\.gz"):
        pantry(items={"title.ratings.tsv.gz": RATINGS})


def test_it_is_recognised(fill):
    assert recognises(fill("train", FILES))


def test_interactions_with_titles_of_imdb_meet(pantry):
    told = pantry(interactions={"a.csv": "user_id,tconst\nu,tt05\nv,tt05\nv,tt99\n"}, items=FILES)
    assert told.catalogue.ids == ("tt05", "tt99", "tt02", "tt01")
    assert told.catalogue.described.tolist() == [True, False, True, True]
