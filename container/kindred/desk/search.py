"""Items by what a person types: an id, a title, or a part of one."""

from collections.abc import Sequence
from difflib import get_close_matches

import numpy as np

from kindred.desk.columns import Numeric
from kindred.desk.features import YEAR
from kindred.desk.stock import Stock
from kindred.errors import UserError

MOST_CHOICES = 8


class Search:
    """The titles of a stock, made ready to be searched: without case, with and without the year."""

    def __init__(self, stock: Stock) -> None:
        self.stock = stock
        self.titles = [stock.titles[number].casefold() for number in range(len(stock.titles))]
        self.years = _years(stock)

    def history(self, texts: Sequence[str]) -> list[int]:
        """Return the items that the texts name: each an item, or several with commas between them.

        Raises UserError as `one` does.
        """
        return [number for text in texts for number in self._items(text)]

    def one(self, text: str) -> int:
        """Return the number of the item whose id or title this is, whatever its case, or of which it is a part.

        Raises UserError, with the choices, where it could be several, and with near titles where it is none.
        """
        found = self._found(text)
        if len(found) == 1:
            return found[0]
        if found:
            raise UserError(f"'{text[:80]}' could be any of {len(found)} items; {self._choices(found)}")
        near = get_close_matches(text.casefold().strip(), self.titles, n=3, cutoff=0.6)
        meant = [self.titles.index(title) for title in near]
        raise UserError(f"no item is called '{text[:80]}'" + (f"; {self._choices(meant)}" if meant else ""))

    def shown(self, number: int) -> str:
        """Return the item as a person knows it: its title and year, or its id."""
        title, year = self.stock.titles[number], self.years[number]
        if not title:
            return self.stock.ids[number]
        return f"{title} ({year})" if year and f"({year})" not in title else title

    def _items(self, text: str) -> list[int]:
        parts = [part.strip() for part in text.split(",") if part.strip()]
        if len(parts) < 2 or self._named(text) or self._holding([text.casefold().strip()]):
            return [self.one(text)]  # a title may have commas of its own
        return [self.one(part) for part in parts]

    def _found(self, text: str) -> list[int]:
        wanted = text.casefold().strip()
        if not wanted:
            return []
        return self._named(text) or self._holding([wanted]) or self._holding(wanted.replace(",", " ").split())

    def _named(self, text: str) -> list[int]:
        """The item of this id, or those of this title."""
        number = int(self.stock.ids.numbers([text])[0])
        if number >= 0:
            return [number]
        wanted = text.casefold().strip()
        years = zip(self.titles, self.years, strict=True)
        return [number for number, (title, year) in enumerate(years) if wanted in (title, f"{title} ({year})")]

    def _holding(self, parts: Sequence[str]) -> list[int]:
        return [number for number, title in enumerate(self.titles) if all(part in title for part in parts)]

    def _choices(self, numbers: Sequence[int]) -> str:
        popularity = self.stock.scorer.popularity
        order = sorted(numbers, key=lambda number: (-popularity[number], number))
        lines = [f"  {self.stock.ids[number]}  {self.shown(number)}" for number in order[:MOST_CHOICES]]
        more = [f"  and {len(order) - MOST_CHOICES} more"] if len(order) > MOST_CHOICES else []
        return "\n".join(["name one by its id, or with its year:", *lines, *more])


def _years(stock: Stock) -> list[str]:
    column = stock.columns.get(YEAR)
    if not isinstance(column, Numeric):
        return [""] * len(stock.ids)
    return [f"{year:.0f}" if np.isfinite(year) else "" for year in column.numbers.tolist()]
