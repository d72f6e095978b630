"""Tables of items as one frame of text, one row an item."""

from collections.abc import Sequence

import polars as pl

from kindred.data import cells, columns, imdb, movielens
from kindred.data.defects import DEFECT, Finding, first_of, sift
from kindred.data.roles import Role
from kindred.data.tables import BROKEN, ROW, Table, collect

DEFECTS = {
    "the row has more cells than the header, or is no JSON object": pl.col(BROKEN),
    "the item_id is missing": pl.col("item_id").is_null(),
    f"the item_id is longer than {cells.ID_BYTES:,} bytes": pl.col("item_id").str.len_bytes() > cells.ID_BYTES,
}

NOTHING = pl.DataFrame(schema={"item_id": pl.String})


def gather(tables: Sequence[tuple[Role, Table]]) -> tuple[pl.DataFrame, list[Finding], list[str]]:
    """Return what the tables say of each item, what is wrong with their rows, and sentences about the rest.

    Columns, all text or lists of text: item_id, unique; title, genres and year where known; whatever else the tables
    have. Raises UserError where a table has too many bad rows or nested ids.
    """
    frames, findings = imdb.titles(_by_file(tables)), []
    for role, table in tables:
        if role in ("items", "movies"):
            frame, found = _items(table)
            frames.append(movielens.split_titles(frame) if role == "movies" else frame)
            findings += found
    given = [table for role, table in tables if role == "items"]
    nested = [sentence for table in given for sentence in (*_nested(table), *_misplaced(table))]
    if not frames:
        return NOTHING, findings, nested
    merged, conflicts = _one_row_an_item(_aligned(frames))
    return merged, findings, nested + conflicts


def beside(described: pl.DataFrame, earlier: pl.DataFrame) -> pl.DataFrame:
    """Return both as one, an item a row: what `described` says of an item, and of the rest what was said `earlier`."""
    stacked = _aligned([described, earlier])
    told = pl.all().drop_nulls().first()
    return stacked.group_by("item_id", maintain_order=True).agg(told)


def _by_file(tables: Sequence[tuple[Role, Table]]) -> dict[imdb.File, list[Table]]:
    files: dict[imdb.File, list[Table]] = {"basics": [], "ratings": [], "akas": []}
    for role, table in tables:
        if role in files:
            files[role].append(table)
    return files


def _items(table: Table) -> tuple[pl.DataFrame, list[Finding]]:
    found = columns.find(table.schema, columns.ITEMS)
    named = {name: field for field, name in found.items()}
    readable = {name: kind for name, kind in table.schema.items() if name.strip() and not _is_unreadable(kind)}
    fields = {named.get(name, name.strip()): cells.text(name, kind) for name, kind in readable.items()}
    listed = {named.get(name) for name, kind in readable.items() if isinstance(kind, pl.List | pl.Array)}
    fields |= {field: fields[field].list.first() for field in ("title", "year") if field in listed}
    if table.decimal_comma:
        fields |= {name: cells.decimal(pl.col(name)) for name in fields if name not in columns.ITEMS}
    fields["item_id"] = cells.identity(table, found["item_id"])
    rows = table.rows.select(ROW, BROKEN, **fields).with_columns(first_of(DEFECTS)).drop(BROKEN)
    return sift(table, collect(table, rows), defects=tuple(DEFECTS))


def _is_unreadable(kind: pl.DataType) -> bool:
    if isinstance(kind, pl.List | pl.Array):
        return isinstance(kind.inner, pl.List | pl.Array | pl.Struct)
    return isinstance(kind, pl.Struct | pl.Object | pl.Binary | pl.Duration)


def _nested(table: Table) -> list[str]:
    nested = {name: kind for name, kind in table.schema.items() if _is_unreadable(kind)}
    return [
        f"{table.label}: the column '{name}' was not read: it is {f'nested ({kind})' if kind.is_nested() else kind}"
        for name, kind in nested.items()
    ]


def _misplaced(table: Table) -> list[str]:
    user = columns.find(table.schema, columns.INTERACTIONS).get("user_id")
    sentence = f"{table.label} has a column '{user}': where its rows are interactions, the channel is 'interactions'"
    return [sentence] if user else []


def _aligned(frames: list[pl.DataFrame]) -> pl.DataFrame:
    """Stack frames; where a column holds lists in one of them, its texts are split at `|` in the others."""
    lists = {name for frame in frames for name, kind in frame.schema.items() if isinstance(kind, pl.List)}
    texts = [[name for name in lists & {*frame.columns} if frame.schema[name] == pl.String] for frame in frames]
    split = [frame.with_columns(pl.col(names).str.split("|")) for frame, names in zip(frames, texts, strict=True)]
    return pl.concat(split, how="diagonal")


def _one_row_an_item(stacked: pl.DataFrame) -> tuple[pl.DataFrame, list[str]]:
    """Of several values, the first in the alphabet is kept, so the order of files and rows decides nothing."""
    if not stacked["item_id"].is_duplicated().any():
        return stacked, []
    lists = [name for name, kind in stacked.schema.items() if isinstance(kind, pl.List)]
    texts = [name for name in stacked.columns if name not in lists and name != "item_id"]
    repeated = stacked.lazy().filter(pl.col("item_id").is_duplicated())
    disputed = pl.any_horizontal(pl.lit(value=False), *(pl.col(name).drop_nulls().n_unique() > 1 for name in texts))
    merged = (
        repeated.group_by("item_id")
        .agg(pl.col(texts).min(), pl.col(lists).explode().drop_nulls().unique().sort(), disputed.alias(DEFECT))
        .collect()
    )  # fmt: skip
    single = stacked.filter(~pl.col("item_id").is_duplicated())
    whole = pl.concat([single, merged.drop(DEFECT).select(single.columns)])
    told = int(merged[DEFECT].sum())
    sentence = f"items described in more than one way: {told:,}; the first value in the alphabet was kept"
    return whole, [sentence] if told else []
