"""Bytes of a stated or unstated charset become text."""

import codecs
from functools import lru_cache

from kindred.errors import UserError

CHARSETS = {
    "utf-8": "utf-8",
    "ascii": "ascii",
    "iso8859-1": "latin-1",
    "cp1252": "cp1252",
    "utf-16": "utf-16",
    "utf-16-le": "utf-16-le",
    "utf-16-be": "utf-16-be",
}
"""The charsets that we read, by the name Python's registry resolves an alias to."""

_MARKS = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
_EACH_MARK = tuple(_MARKS)


def decode(body: bytes, charset: str | None = None) -> str:
    """Return the text of `body`, without its byte order mark; a mark outranks `charset`, and UTF-8 is the default.

    Raises UserError where the charset is not of CHARSETS, or the bytes are not of it.
    """
    if not body.startswith(_EACH_MARK):
        return _strict(body, _known(charset or "utf-8"))
    name, mark = marked(body, charset)
    return _strict(body[mark:], name)


def marked(head: bytes, charset: str | None = None) -> tuple[str, int]:
    """Return the name of the charset of a body that begins so, and how many bytes its mark has. Raises as `decode`."""
    found = next(((name, len(mark)) for mark, name in _MARKS.items() if head.startswith(mark)), None)
    return found or (_known(charset or "utf-8"), 0)


@lru_cache(maxsize=64)
def _known(charset: str) -> str:
    try:
        name = codecs.lookup(charset).name
    except (LookupError, ValueError):
        name = ""
    if name not in CHARSETS:
        raise UserError(f"the charset {charset[:40]!r} is not one of {', '.join(CHARSETS)}")
    return CHARSETS[name]


def _strict(body: bytes, charset: str) -> str:
    try:
        return body.decode(charset)
    except UnicodeDecodeError as error:
        raise UserError(
            f"the body is not {charset.upper()} at byte {error.start}; send UTF-8, or name the charset in Content-Type"
        ) from None
