"""What a table is for: interactions, items, one of IMDb's files, nothing we need, or nothing we know."""

from collections.abc import Iterable
from typing import Literal

from kindred.data import columns, imdb, movielens

Role = Literal["interactions", "items", "movies", "basics", "ratings", "akas", "unused", "unknown"]


def role(names: Iterable[str], *, channel: str) -> Role:
    """Tell by its columns what a table in this channel is for.

    MovieLens' and IMDb's tables of items are known in any channel; other tables of items are not looked for in
    `interactions`, where a misspelt user_id would look like one, nor interactions in `items`.
    """
    names = tuple(names)
    if not names or movielens.is_unused(names) or imdb.is_unused(names):
        return "unused"
    if movielens.is_movies(names):
        return "movies"
    if file := imdb.which(names):
        return file
    if channel != "items" and {"user_id", "item_id"} <= columns.find(names, columns.INTERACTIONS).keys():
        return "interactions"
    if channel == "items" and "item_id" in columns.find(names, columns.ITEMS):
        return "items"
    if channel in ("train", "training") and _names_items(names):
        return "items"
    return "unknown"


def _names_items(names: tuple[str, ...]) -> bool:
    """A column called `id` alone may number the rows of anything; beside a title it is an item's."""
    found = columns.find(names, columns.ITEMS)
    return "item_id" in found and ("title" in found or columns.plain(found["item_id"]) != "id")
