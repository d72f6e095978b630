"""The catalogue's columns: text becomes numbers, categories, or several categories an item."""

import logging
from collections.abc import Mapping

import numpy as np
import polars as pl

from kindred.data import bracketed
from kindred.data.values import Column

log = logging.getLogger(__name__)

# A column whose cells are nearly all different groups nothing when they are long on average, or very many.
DISTINCT = 0.9
LONG_BYTES = 32
MANY = 1_000

LOOKED_AT = 20_000
"""Cells, the first ones, that tell whether a column holds lists."""
REPEATED = 0.5
"""Where parting the cells leaves fewer than this share of distinct words, they are lists: "Paris, France" is none."""

NO_GENRES = ("", "(no genres listed)")


def columns(items: pl.DataFrame) -> Mapping[str, Column]:
    """Return the columns of the catalogue, one entry a row of `items`, whose cells are text or lists of text.

    `year` is the first number of its cells, `genres` are split at `|`, `,` and `;`; of the others, a column of nothing
    but numbers is numeric, one with `|` or lists, also written as text, is multi-valued, as is one whose cells repeat
    few words between `,` or `;`, and any other categorical. Columns that are empty, or
    different in nearly every item and long, are left out.
    """
    built = {name: _column(_read(items[name])) for name in items.columns if name not in ("item_id", "title")}
    return {name: column for name, column in built.items() if column is not None}


def _read(cells: pl.Series) -> pl.Series:
    return bracketed.lists(cells) if cells.dtype == pl.String else cells


def _column(cells: pl.Series) -> Column | None:
    if cells.name == "year":
        return _year(cells)
    if cells.name == "genres":
        return _categorical(_genres(cells))
    if cells.dtype == pl.String:
        numbers = cells.str.strip_chars().cast(pl.Float64, strict=False)
        if numbers.is_finite().fill_null(value=False).sum() == cells.count() > 0:
            return _numeric(numbers)
    return _unless_all_differ(_lists(cells))


def _year(cells: pl.Series) -> Column | None:
    texts = cells.list.first() if isinstance(cells.dtype, pl.List) else cells
    years = texts.str.extract(r"(\d{4})").cast(pl.Float64, strict=False)
    return _numeric(years) if years.count() else None


def _numeric(numbers: pl.Series) -> Column:
    return Column(kind="numeric", numbers=numbers.fill_null(np.nan).to_numpy().astype(np.float64))


def _genres(cells: pl.Series) -> pl.Series:
    lists = cells if isinstance(cells.dtype, pl.List) else cells.str.replace_all("[,;]", "|").str.split("|")
    words = pl.element().str.strip_chars()
    return lists.list.eval(words.filter(~words.is_in(NO_GENRES)))


def _lists(cells: pl.Series) -> pl.Series:
    if isinstance(cells.dtype, pl.List):
        return cells
    some = cells.head(LOOKED_AT)
    words = {mark: some.str.split(mark).explode().str.strip_chars().n_unique() for mark in ("|", ",", ";")}
    fewest = min(words, key=words.__getitem__)
    return cells.str.split(fewest if words[fewest] < REPEATED * words["|"] else "|")


def _unless_all_differ(lists: pl.Series) -> Column | None:
    words = lists.explode().drop_nulls()
    distinct = words.n_unique()
    unlike = distinct > DISTINCT * len(words)
    long = len(words) and float(words.str.len_bytes().mean()) > LONG_BYTES  # type: ignore[arg-type]
    if unlike and (long or distinct > MANY):
        log.debug("the column '%s' is left out: nearly every item has another value", lists.name)
        return None
    return _categorical(lists)


def _categorical(lists: pl.Series) -> Column | None:
    """Each item's values in the alphabet's order, once each."""
    words = pl.element().str.strip_chars()
    sets = lists.list.eval(words.filter(words != "").unique().sort())
    flat = sets.explode().drop_nulls()
    if not len(flat):
        return None
    values = flat.unique().sort()
    offsets = np.concatenate([[0], np.cumsum(sets.list.len().fill_null(0).to_numpy())]).astype(np.int64)
    codes = flat.cast(pl.Enum(values)).to_physical().to_numpy().astype(np.int32)
    return Column(kind="categorical", codes=codes, offsets=offsets, values=tuple(values))
