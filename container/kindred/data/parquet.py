"""Parquet as a table, with the types that the file declares."""

from functools import partial

import polars as pl

from kindred.data.tables import BROKEN, ROW, Source, Table, reading


def parquet(source: Source, label: str) -> Table:
    """Return a table of a Parquet file; only its footer is read. Raises UserError where there is none."""
    damage = partial("the file cannot be read as Parquet: {}".format)
    with reading(label, damage):
        rows = pl.scan_parquet(source, glob=False, row_index_name=ROW)
        schema = {name: kind for name, kind in rows.collect_schema().items() if name != ROW}
    rows = rows.with_columns(pl.lit(value=False).alias(BROKEN))
    return Table(label=label, schema=schema, rows=rows, line_of=lambda row: row + 1, damage=damage)
