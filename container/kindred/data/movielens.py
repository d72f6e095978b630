"""MovieLens' files as they are downloaded (https://grouplens.org/datasets/movielens)."""

from collections.abc import Iterable

import polars as pl

from kindred.data.columns import plain

_MOVIES = {"movieid", "title", "genres"}
_UNUSED = (
    {"movieid", "imdbid", "tmdbid"},
    {"userid", "movieid", "tag", "timestamp"},
    {"movieid", "tagid", "relevance"},
    {"tagid", "tag"},
)
_ARTICLES = r"(The|A|An|La|Le|Les|L'|Il|Lo|Das|Der|Die|El|Los|Las|Un|Une|En|Den|Det)"
_YEAR = r"\((\d{4})(?:[-–]\d{0,4})?\)\s*$"


def is_movies(names: Iterable[str]) -> bool:
    """Tell by its columns whether a table is MovieLens' movies."""
    return {plain(name) for name in names} == _MOVIES


def is_unused(names: Iterable[str]) -> bool:
    """Tell by its columns whether a table is MovieLens' links, tags or genome, which say nothing that we read."""
    return {plain(name) for name in names} in _UNUSED


def split_titles(items: pl.DataFrame) -> pl.DataFrame:
    """Part "Matrix, The (1999)" into the title "The Matrix" and the year "1999"; other titles stay as they are."""
    title = pl.col("title").str.strip_chars()
    bare = title.str.replace(_YEAR, "").str.strip_chars()
    return items.with_columns(year=title.str.extract(_YEAR), title=bare.str.replace(_ARTICLE_LAST, "${2} ${1}${3}"))


# The article stands after the title, before the original title in brackets where there is one.
_ARTICLE_LAST = rf"^(.*?), {_ARTICLES}( \(.*)?$"
