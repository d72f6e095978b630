"""Items by what a person types: an id, a title, or a part of one."""

from collections.abc import Mapping, Sequence
from difflib import get_close_matches

import numpy as np

from kindred.desk.columns import Numeric
from kindred.desk.features import YEAR
from kindred.desk.stock import Stock
from kindred.desk.typed import without_article, without_brackets, words
from kindred.errors import UserError

MOST_CHOICES = 8
MOST_COMMAS = 8
"""Of a title's own."""


class Search:
    """The titles of a stock, made ready to be searched: as people type them, with and without the year."""

    def __init__(self, stock: Stock) -> None:
        self.stock = stock
        self.years = _years(stock)
        titles = [stock.titles[number] for number in range(len(stock.titles))]
        self.titles = [words(title) for title in titles]
        self.whole = self._index(self.titles)
        self.loose = self._index([without_article(words(without_brackets(title))) for title in titles])

    def history(self, texts: Sequence[str]) -> list[int]:
        """Return the items that the texts name: each an item, or several with commas between them.

        Raises UserError as `one` does.
        """
        return [number for text in texts for number in self._items(text)]

    def one(self, text: str) -> int:
        """Return the number of the item whose id or title this is, or of which it is a part.

        Titles are compared as in `typed`. Raises UserError, with the choices, where it could be several, and with near
        titles where it is none.
        """
        found = self._found(text)
        if len(found) == 1:
            return found[0]
        if found:
            raise UserError(f"'{text[:80]}' could be any of {len(found)} items; {self._choices(found)}")
        near = get_close_matches(words(text), self.titles, n=3, cutoff=0.6)
        meant = [self.titles.index(title) for title in near]
        raise UserError(f"no item is called '{text[:80]}'" + (f"; {self._choices(meant)}" if meant else ""))

    def shown(self, number: int) -> str:
        """Return the item as a person knows it: its title and year, or its id."""
        title, year = self.stock.titles[number], self.years[number]
        if not title:
            return self.stock.ids[number]
        return f"{title} ({year})" if year and f"({year})" not in title else title

    def _items(self, text: str) -> list[int]:
        parts = text.split(",")
        numbers: list[int] = []
        at = 0
        while at < len(parts):
            if parts[at].strip():
                until = self._until(parts, at)
                numbers.append(self.one(",".join(parts[at:until]).strip()))
                at = until
            else:
                at += 1
        return numbers or [self.one(text)]

    def _until(self, parts: Sequence[str], at: int) -> int:
        """Where the item ends that begins at this part: a title may have commas of its own."""
        lengths = range(min(len(parts), at + MOST_COMMAS + 1), at, -1)
        joined = {end: ",".join(parts[at:end]).strip() for end in lengths}
        for end, text in joined.items():
            if self._named(text):
                return end
        return next((end for end, text in joined.items() if self._holding([words(text)])), at + 1)

    def _found(self, text: str) -> list[int]:
        wanted = words(text)
        if not wanted:
            return []
        return self._named(text) or self._holding([wanted]) or self._holding(wanted.replace(",", " ").split())

    def _named(self, text: str) -> list[int]:
        """The item of this id, or those of this title, else those of this title but for an article or brackets."""
        number = int(self.stock.ids.numbers([text])[0])
        if number >= 0:
            return [number]
        wanted = words(text)
        return self.whole.get(wanted) or self.loose.get(without_article(wanted), [])

    def _holding(self, parts: Sequence[str]) -> list[int]:
        return [number for number, title in enumerate(self.titles) if title and all(part in title for part in parts)]

    def _index(self, titles: Sequence[str]) -> Mapping[str, list[int]]:
        """The items of every title, with and without the year behind it."""
        found: dict[str, list[int]] = {}
        for number, (title, year) in enumerate(zip(titles, self.years, strict=True)):
            for name in {title, f"{title} {year}".strip()} if title else ():
                found.setdefault(name, []).append(number)
        return found

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
