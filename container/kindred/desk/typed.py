"""Titles as people type them: without regard to case, accents, most punctuation, and where the article stands."""

import re
from unicodedata import combining, normalize

_ARTICLES = "the|a|an|la|le|les|il|lo|das|der|die|el|los|las|un|une|en|den|det"
_LAST = re.compile(rf"^(.+?),\s*({_ARTICLES})(\s+\(.*)?$", re.IGNORECASE)
_FIRST = re.compile(rf"^(?:{_ARTICLES}) (?=.)")
_BRACKETS = re.compile(r"\s+\(.*$")
_APOSTROPHES = str.maketrans("", "", "'’`")
_WORDS = re.compile(r"\w+|,")


def words(text: str) -> str:
    """Return the words of a title or of what was typed, with a space between them: equal where a person sees no
    difference. "Amélie" and "amelie" are one, "Wall-E" and "WALL·E", "Matrix, The (1999)" and "The Matrix 1999".
    Other commas stay, as words of their own: "Alien, 3" are two films.
    """
    told = (_LAST.sub(r"\2 \1\3", text.strip()) if "," in text else text).casefold()
    if not told.isascii():
        told = "".join(one for one in normalize("NFKD", told) if not combining(one))
    return " ".join(_WORDS.findall(told.translate(_APOSTROPHES))) or told.strip()


def without_article(told: str) -> str:
    """Return words without the article before them."""
    return _FIRST.sub("", told)


def without_brackets(title: str) -> str:
    """Return a title without what it says in brackets at its end, as a title in another language."""
    return _BRACKETS.sub("", title) if "(" in title else title
