"""Charsets and byte order marks."""

import pytest

from kindred.codecs import text
from kindred.errors import UserError

WORDS = "déjà vu"


@pytest.mark.parametrize(
    ("charset", "encoding"),
    [
        (None, "utf-8"),
        ("UTF-8", "utf-8"),
        ("utf8", "utf-8"),
        ("latin1", "latin-1"),
        ("ISO-8859-1", "latin-1"),
        ("windows-1252", "cp1252"),
        ("utf-16", "utf-16"),
        ("utf-16le", "utf-16-le"),
        (None, "utf-8-sig"),
        (None, "utf-16"),
        ("latin1", "utf-8-sig"),
    ],
)
def test_charsets(charset: str | None, encoding: str) -> None:
    """By any name that Python knows; a byte order mark outranks it and is gone."""
    assert text.decode(WORDS.encode(encoding), charset) == WORDS


@pytest.mark.parametrize("charset", ["klingon", "zlib", "rot13", "idna", "unicode_escape", "utf-7", "\0", "x" * 999])
def test_other_charsets(charset: str) -> None:
    """Names that are no charsets, and codecs that do more than spell, are refused with the list."""
    with pytest.raises(UserError, match=r"is not one of utf-8, ascii"):
        text.decode(b"a", charset)


@pytest.mark.parametrize(("body", "charset"), [(b"a\xff", None), (b"\xef\xbb\xbf\xff", "latin-1"), (b"\xc3", "ascii")])
def test_bytes_that_are_not_of_it(body: bytes, charset: str | None) -> None:
    with pytest.raises(UserError, match="at byte"):
        text.decode(body, charset)
