"""IMDb's files as they are downloaded (https://developer.imdb.com/non-commercial-datasets)."""

from collections.abc import Iterable, Mapping
from typing import Literal

import polars as pl

from kindred.data.tables import Table, collect
from kindred.errors import UserError

File = Literal["basics", "ratings", "akas"]

TITLE_TYPES = ("movie", "tvMovie", "tvSeries", "tvMiniSeries", "tvSpecial")

_SIGNS: Mapping[File, frozenset[str]] = {
    "basics": frozenset({"tconst", "titleType", "primaryTitle", "isAdult"}),
    "ratings": frozenset({"tconst", "averageRating", "numVotes"}),
    "akas": frozenset({"titleId", "ordering", "region"}),
}
_UNUSED = (frozenset({"nconst"}), frozenset({"tconst", "directors"}), frozenset({"tconst", "parentTconst"}))


def which(names: Iterable[str]) -> File | None:
    """Tell by its columns which of IMDb's files a table is, None where it is none that we read."""
    held = set(names)
    return next((file for file, sign in _SIGNS.items() if sign <= held), None)


def is_unused(names: Iterable[str]) -> bool:
    """Tell by its columns whether a table is one of IMDb's others: names, crew, episodes, principals."""
    held = set(names)
    return any(sign <= held for sign in _UNUSED)


def titles(files: Mapping[File, list[Table]]) -> list[pl.DataFrame]:
    """Return one frame of text an IMDb `basics` file: its films and series that are not for adults only.

    Columns: item_id, title, year, genres, title_type, runtime_minutes, and, where the files are there, votes,
    average_rating and region (a list). Raises UserError where a file cannot be read, or where `basics` is missing.
    """
    others = [table.label for file in ("ratings", "akas") for table in files[file]]
    if others and not files["basics"]:
        raise UserError("IMDb's file says nothing without title.basics.tsv.gz; put both in the channel", at=others[0])
    return [_titles(basics, files["ratings"], files["akas"]) for basics in files["basics"]]


def _titles(basics: Table, ratings: list[Table], akas: list[Table]) -> pl.DataFrame:
    kept = collect(basics, _basics(basics.rows))
    for table in ratings:
        kept = kept.join(collect(table, _ratings(table.rows, kept)), on="item_id", how="left")
    for table in akas:
        kept = kept.join(collect(table, _regions(table.rows, kept)), on="item_id", how="left")
    return kept


def _basics(rows: pl.LazyFrame) -> pl.LazyFrame:
    wanted = pl.col("titleType").is_in(TITLE_TYPES) & (pl.col("isAdult") == "0") & pl.col("tconst").is_not_null()
    return rows.filter(wanted).select(
        item_id="tconst",
        title="primaryTitle",
        year="startYear",
        genres="genres",
        title_type="titleType",
        runtime_minutes="runtimeMinutes",
    )


def _ratings(rows: pl.LazyFrame, kept: pl.DataFrame) -> pl.LazyFrame:
    rated = rows.select(item_id="tconst", votes="numVotes", average_rating="averageRating")
    return rated.join(_ids(kept), on="item_id", how="semi")


def _regions(rows: pl.LazyFrame, kept: pl.DataFrame) -> pl.LazyFrame:
    named = rows.select(item_id="titleId", region="region").filter(pl.col("region").is_not_null())
    return named.join(_ids(kept), on="item_id", how="semi").group_by("item_id").agg(pl.col("region").unique())


def _ids(kept: pl.DataFrame) -> pl.LazyFrame:
    return kept.lazy().select("item_id")
