"""The story of the data: folders, tables, events and items, numbers, values."""

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path

import polars as pl

from kindred.data import catalogue, features, files, interactions, kinds, numbering, timeline
from kindred.data import earlier as before
from kindred.data.columns import ITEMS, find, lacking
from kindred.data.defects import sentences
from kindred.data.fingerprint import fingerprint
from kindred.data.roles import Role, role
from kindred.data.tables import Table
from kindred.data.values import Catalogue, Interactions, Known, Pantry
from kindred.errors import UserError

log = logging.getLogger(__name__)

CHANNELS = ("interactions", "items", "train", "training")

_NEEDED: Mapping[str, tuple[str, ...]] = {"interactions": ("user_id", "item_id"), "items": ("item_id",)}


def read(
    channels: Mapping[str, Path], *, earlier: Known | None = None, event_weights: Mapping[str, float] | None = None
) -> Pantry:
    """Return what the folders of the channels `interactions`, `items`, `train` and `training` hold; no others are read.

    Tables are CSV, TSV, Parquet and JSON Lines, plain, .gz, .zst, .bz2 or .xz, in nested folders, and MovieLens' and
    IMDb's files as they are downloaded. Of a `train` with folders called `interactions` or `items` only these are read,
    as those channels would be. Bad rows are left out and become warnings. Where there are `event_weights`, a type of
    event → its weight, they say what is liked (`kinds.weighed`). What an `earlier` model knows is added: its
    events before those read, its metadata where nothing was read. Raises UserError where a channel
    holds no rows or nothing recognisable, and where a file is damaged or has too many bad rows.
    """
    events, described, notes = gathered(channels)
    told = _about(events, weighed=bool(event_weights))
    if earlier is None:
        told += _strangers(events, described)
    events, weights = kinds.weighed(events, event_weights or {})
    if earlier is not None:
        events, described = before.events(earlier, events), catalogue.beside(described, before.items(earlier))
    return _pantry(events, described, [*notes, *told, *weights])


def read_test(folder: Path, *, event_weights: Mapping[str, float]) -> Pantry:
    """Return the interactions that a model with these weights is judged by; not every type of event need be there.

    Raises UserError as `read` does.
    """
    events, described, notes = gathered({"interactions": folder})
    events, _ = kinds.weighed(events, kinds.occurring(events, event_weights))
    return _pantry(events, described, notes)


def gathered(channels: Mapping[str, Path]) -> tuple[pl.DataFrame, pl.DataFrame, list[str]]:
    """Return the events and the items of the channels as `read` has them before they are numbered, and its warnings.

    Their columns: `interactions.gather` and `catalogue.gather`. Raises UserError as `read` does.
    """
    given = [shelf for name in CHANNELS if name in channels for shelf in shelves(name, channels[name])]
    if not given:
        found = ", ".join(channels) or "none"
        raise UserError(f"no channel holds data (found: {found}); bring 'interactions', 'items' or 'train'")
    notes: list[str] = []
    tables = [found for name, folder in given for found in _tables(name, folder, notes)]
    eventful = [table for role, table in tables if role == "interactions"]
    events, bad_events = interactions.gather(eventful)
    described, bad_items, remarks = catalogue.gather(tables)
    for name, _ in given:
        _refuse_empty(name, events=events.height, items=described.height)
    remarks = [*interactions.remarks(eventful), *remarks]
    return events, described, [*notes, *sentences(bad_events), *sentences(bad_items), *remarks]


def recognises(folder: Path) -> bool:
    """Tell whether a folder holds tables of interactions or items, by the names of files and their columns."""
    return any(_is_ours(path, folder) for path in files.paths(folder) if files.is_table(path))


def shelves(channel: str, folder: Path) -> list[tuple[str, Path]]:
    """Return the folders of a channel, each with the channel as which it is read."""
    inner = [(name, folder / name) for name in _NEEDED if (folder / name).is_dir()]
    return inner if inner and channel not in _NEEDED else [(channel, folder)]


def _is_ours(path: Path, folder: Path) -> bool:
    try:
        table = files.scan(path, label=path.relative_to(folder).as_posix())
    except UserError:
        return False
    return role(table.schema, channel="train") not in ("unused", "unknown")


def _tables(channel: str, folder: Path, notes: list[str]) -> list[tuple[Role, Table]]:
    """The tables of one channel that are of use; one that is not known for anything is noted."""
    found = files.paths(folder)
    scanned = [files.scan(path, label=path.relative_to(folder).as_posix()) for path in found if files.is_table(path)]
    if not found or (scanned and not any(table.schema for table in scanned)):
        raise UserError(f"the channel '{channel}' holds no rows: there is no file in it that is not empty")
    roles = [(role(table.schema, channel=channel), table) for table in scanned]
    useful = [(role, table) for role, table in roles if role not in ("unused", "unknown")]
    unknown = [table for role, table in roles if role == "unknown"]
    if not useful:
        raise _unrecognised(channel, found, unknown)
    log.debug("channel '%s': %d of %d files are read", channel, len(useful), len(found))
    notes += [f"{table.label} was not read: {_complaint(channel, table)}" for table in unknown]
    return useful


def _unrecognised(channel: str, found: Sequence[Path], unknown: Sequence[Table]) -> UserError:
    if unknown:
        sentence = f"the channel '{channel}' holds nothing to read: {_complaint(channel, unknown[0])}"
        return UserError(sentence, at=unknown[0].label)
    names = ", ".join(path.name for path in found[:5]) + (", …" if len(found) > 5 else "")
    odd = [path.name for path in found if path.suffix.lower() in _ELSEWHERE]
    hint = f"; {odd[0]}: {_ELSEWHERE[Path(odd[0]).suffix.lower()]}" if odd else ""
    expected = "CSV, TSV, Parquet or JSON Lines tables, whose names end in .csv, .tsv, .parquet or .jsonl (and .gz)"
    return UserError(f"the channel '{channel}' holds nothing to read: found {names}; expected {expected}{hint}")


_ELSEWHERE: Mapping[str, str] = {
    ".zip": "unpack it and bring what is inside",
    ".tar": "unpack it and bring what is inside",
    ".tgz": "unpack it and bring what is inside",
    ".7z": "unpack it and bring what is inside",
    ".xlsx": "save the sheet as CSV",
    ".xls": "save the sheet as CSV",
    ".ods": "save the sheet as CSV",
    ".txt": "name it .csv or .tsv where it is one",
    ".dat": "name it .csv or .tsv where it is one",
}


def _complaint(channel: str, table: Table) -> str:
    names = [f"'{name}'" for name in table.schema]
    shown = ", ".join(names[:10]) + (", …" if len(names) > 10 else "")
    needed = _NEEDED.get(channel, _NEEDED["interactions"])
    fits = channel == "interactions" and {"item_id", "title"} <= find(table.schema, ITEMS).keys()
    step = "a table of items goes into the channel 'items'" if fits else "the first line names them"
    return f"{lacking(table.schema, needed)} among its columns {shown}; {step}"


def _refuse_empty(channel: str, *, events: int, items: int) -> None:
    wanted = {"interactions": ("interactions", events), "items": ("items", items)}
    kind, rows = wanted.get(channel, ("interactions or items", events + items))
    if not rows:
        raise UserError(f"the channel '{channel}' holds no rows of {kind}")


def _about(events: pl.DataFrame, *, weighed: bool) -> list[str]:
    notes = []
    if events.height and events["user_id"].n_unique() == 1:
        notes.append("all interactions are of one user: what goes with what can be learnt from several users alone")
    if not weighed and "event_type" in events.columns and events["event_type"].n_unique() > 1:
        types = ", ".join(sorted(events["event_type"].cast(pl.String).unique().drop_nulls())[:5])
        notes.append(f"{types} count alike; the hyperparameter event_weights says how much each event_type tells")
    return notes


STRANGE = 0.5
"""Where the catalogue knows less than this share of the items of the interactions, their ids may be spelled apart."""


def _strangers(events: pl.DataFrame, described: pl.DataFrame) -> list[str]:
    """Say so where the catalogue does not know what the interactions name: it is lost for those items."""
    if not events.height or not described.height:
        return []
    named = events["item_id"].unique().cast(pl.String)
    strange = named.filter(~named.is_in(described["item_id"].implode()))
    if len(strange) <= STRANGE * len(named):
        return []
    shown, other = str(strange.min()), str(described["item_id"].min())
    return [
        f"of the {len(named):,} items of the interactions the catalogue describes {len(named) - len(strange):,}; "
        f"are the ids spelled alike? There is '{shown[:40]}' among the interactions, '{other[:40]}' in the catalogue"
    ]


def _pantry(events: pl.DataFrame, described: pl.DataFrame, notes: Sequence[str]) -> Pantry:
    items, users = numbering.items(events, described), numbering.users(events)
    shelved = _interactions(events, users, items)
    known = items.select("item_id").join(described, on="item_id", how="left", maintain_order="left")
    titles = known["title"].fill_null("") if "title" in known.columns else [""] * known.height
    listed = Catalogue(
        ids=tuple(items["item_id"]),
        titles=tuple(titles),
        described=items["described"].to_numpy(),
        columns=features.columns(known),
    )
    digest = fingerprint(shelved, listed)
    return Pantry(interactions=shelved, catalogue=listed, warnings=tuple(notes), fingerprint=digest)


def _interactions(events: pl.DataFrame, users: pl.DataFrame, items: pl.DataFrame) -> Interactions:
    user_numbers = numbering.numbers(events, users, of="user_id")
    item_numbers = numbering.numbers(events, items, of="item_id")
    ratings = events["rating"].to_numpy() if "rating" in events.columns else None
    settled = events[before.SETTLED].fill_null(-1).to_numpy() if before.SETTLED in events.columns else None
    timestamps = events["timestamp"].to_numpy() if "timestamp" in events.columns else None
    order = (
        timeline.by_user(user_numbers)
        if timestamps is None
        else timeline.by_user_and_time(user_numbers, timestamps, items=item_numbers, ratings=ratings)
    )
    return Interactions(
        users=user_numbers[order],
        items=item_numbers[order],
        ratings=None if ratings is None else ratings[order],
        timestamps=None if timestamps is None else timestamps[order],
        user_ids=tuple(users["user_id"]),
        settled=None if settled is None else settled[order],
    )
