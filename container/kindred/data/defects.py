"""Rows that cannot be used: what is wrong with each, where it stands, and when a file has too many of them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import polars as pl

from kindred.data.tables import BROKEN, ROW, Table, collect
from kindred.errors import UserError

DEFECT = "__defect__"
PLACES = 3
TOLERATED_ROWS = 10
TOLERATED_SHARE = 0.1


@dataclass(frozen=True, kw_only=True)
class Finding:
    """So many rows of one file share a defect; `places` are the first of them, such as `views.csv:17`."""

    defect: str
    rows: int
    places: tuple[str, ...]


def first_of(defects: Mapping[str, pl.Expr]) -> pl.Expr:
    """Return DEFECT (uint8): the index of the first defect whose condition a row meets, null where it meets none."""
    numbered = [pl.when(bad).then(pl.lit(at, pl.UInt8)) for at, bad in enumerate(defects.values())]
    return pl.coalesce(numbered).alias(DEFECT)


def sift(table: Table, rows: pl.DataFrame, *, defects: tuple[str, ...]) -> tuple[pl.DataFrame, list[Finding]]:
    """Return the sound rows, without ROW and DEFECT, and what is wrong with the others; blank lines are neither.

    DEFECT indexes `defects`. Raises UserError, naming the first bad row, where every row is bad, or more than
    TOLERATED_ROWS and more than TOLERATED_SHARE of them are.
    """
    marked = rows.select(ROW, DEFECT).filter(pl.col(DEFECT).is_not_null())
    sound = rows.filter(pl.col(DEFECT).is_null()) if marked.height else rows
    bad = marked.join(_blank(table), on=ROW, how="anti").sort(ROW) if marked.height else marked
    findings = [_finding(table, group, defects) for group in bad.partition_by(DEFECT, maintain_order=True)]
    _tolerate(bad.height, bad.height + sound.height, findings)
    return sound.drop(ROW, DEFECT), findings


def sentences(findings: Iterable[Finding]) -> tuple[str, ...]:
    """Return one sentence a defect, with how many rows all files have of it and its first places."""
    by_defect: dict[str, list[Finding]] = {}
    for finding in findings:
        by_defect.setdefault(finding.defect, []).append(finding)
    return tuple(_sentence(defect, group) for defect, group in by_defect.items())


def _blank(table: Table) -> pl.DataFrame:
    nothing = pl.all_horizontal(pl.all().exclude(ROW, BROKEN).is_null())
    return collect(table, table.rows.filter(nothing & ~pl.col(BROKEN)).select(ROW))


def _finding(table: Table, group: pl.DataFrame, defects: tuple[str, ...]) -> Finding:
    places = tuple(f"{table.label}:{table.line_of(row)}" for row in group[ROW].head(PLACES))
    return Finding(defect=defects[group[DEFECT][0]], rows=group.height, places=places)


def _tolerate(bad: int, rows: int, findings: list[Finding]) -> None:
    few = bad <= TOLERATED_ROWS or bad <= TOLERATED_SHARE * rows
    if not bad or (few and bad < rows):
        return
    first = findings[0]
    raise UserError(f"{first.defect}; {bad:,} of the {rows:,} rows of this file cannot be used", at=first.places[0])


def _sentence(defect: str, group: list[Finding]) -> str:
    rows = sum(finding.rows for finding in group)
    places = [place for finding in group for place in finding.places][:PLACES]
    more = ", …" if rows > len(places) else ""
    return f"{rows:,} {'row was' if rows == 1 else 'rows were'} left out: {defect} ({', '.join(places)}{more})"
