"""MovieLens 100K's u.data and u.item, which have neither header nor ending (https://grouplens.org/datasets/movielens)."""

from functools import partial

import polars as pl

from kindred.data.delimited import damage, utf8
from kindred.data.tables import BROKEN, ROW, Source, Table

NAMES = ("u.data", "u.item")

_RATINGS = ("UserID", "MovieID", "Rating", "Timestamp")
_FIRST_GENRE = 6
_GENRES = (
    *("Action", "Adventure", "Animation", "Children's", "Comedy", "Crime", "Documentary", "Drama", "Fantasy"),
    *("Film-Noir", "Horror", "Musical", "Mystery", "Romance", "Sci-Fi", "Thriller", "War", "Western"),
)
"""A column each, from the seventh on; the sixth says that none is known."""


def ratings(source: Source, label: str) -> Table:
    """Return a table of u.data: user, film, rating, time, with tabs between them."""
    cells = pl.col("line").str.split("\t")
    fields = {name: cells.list.get(at, null_on_oob=True) for at, name in enumerate(_RATINGS)}
    return _table(source, label, fields, most=len(_RATINGS), width=cells.list.len())


def films(source: Source, label: str) -> Table:
    """Return a table of u.item: film, title with the year, genres; its titles are Latin-1 or UTF-8."""
    cells = pl.col("line").str.split("|")
    flags = [cells.list.get(_FIRST_GENRE + at, null_on_oob=True) == "1" for at in range(len(_GENRES))]
    marked = [pl.when(flag).then(pl.lit(genre)) for flag, genre in zip(flags, _GENRES, strict=True)]
    fields = {
        "MovieID": cells.list.get(0, null_on_oob=True),
        "Title": cells.list.get(1, null_on_oob=True),
        "Genres": pl.concat_str(marked, separator="|", ignore_nulls=True),
    }
    return _table(utf8(source), label, fields, most=_FIRST_GENRE + len(_GENRES), width=cells.list.len())


def _table(source: Source, label: str, fields: dict[str, pl.Expr], *, most: int, width: pl.Expr) -> Table:
    lines = pl.scan_lines(source, glob=False, row_index_name=ROW)
    rows = lines.select(ROW, (width > most).alias(BROKEN), **fields)
    schema = dict.fromkeys(fields, pl.String())
    return Table(label=label, schema=schema, rows=rows, line_of=lambda row: row + 1, damage=partial(damage, source))
