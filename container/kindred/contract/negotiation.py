"""Which type a request is in, and which type its answer is to have: media types by RFC 9110."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType

from kindred.codecs import json_text, recordio
from kindred.errors import NotAcceptable, UnsupportedMedia, UserError

REMEMBERED = 256
"""Headers of which it is kept what they mean: a caller's next request most often has the same."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Family:
    """A content type that we read and write: its name, the other names users give it, and what answers are called.

    `header` is the exact Content-Type of an answer (contract line 104), "" where there are none. `magic` is what bodies
    of a matrix begin with; those of the other families are text, and have none.
    """

    type: str
    aliases: tuple[str, ...]
    header: str
    magic: bytes = b""


@dataclass(frozen=True, kw_only=True)
class MediaType:
    """A media type as a header states it: `type/subtype` and the names of the parameters in lower case."""

    type: str
    parameters: Mapping[str, str] = field(default_factory=dict)


JSON = Family(type="application/json", aliases=("text/json",), header="application/json")
JSON_LINES = Family(
    type="application/jsonlines",
    aliases=("application/x-jsonlines", "application/jsonl", "application/x-ndjson", "application/ndjson"),
    header="application/jsonlines",
)
CSV = Family(type="text/csv", aliases=("application/csv",), header="text/csv; charset=utf-8")
FAMILIES = (JSON, JSON_LINES, CSV)
"""The families that every predictor speaks."""

RECORDIO = Family(
    type="application/x-recordio-protobuf",
    aliases=(),
    header="application/x-recordio-protobuf",
    magic=recordio.MAGIC,
)
NPY = Family(type="application/x-npy", aliases=("application/npy",), header="application/x-npy", magic=b"\x93NUMPY")
MATRICES = (RECORDIO, NPY)
"""The families of matrices, which a MatrixPredictor speaks as well."""

LIBSVM = Family(type="text/libsvm", aliases=("text/x-libsvm", "application/x-libsvm"), header="")
ASKED = (LIBSVM,)
"""The families that a MatrixPredictor reads, and nobody writes: their answers are CSV, if nothing else is wanted."""

SILENT = ("", "*/*", "application/x-www-form-urlencoded", "application/octet-stream", "text/plain")
"""Content types that say nothing of the body: what clients send when nobody told them one (contract line 102)."""

_PARAMETER = re.compile(r';\s*([^\s=;,"]+)\s*=\s*("(?:[^"\\]|\\.)*"|[^;,"]*)')
_PART = re.compile(r'(?:[^,"]|"(?:[^"\\]|\\.)*"|")+')
_WEIGHT = re.compile(r"0(\.[0-9]*)?|1(\.0*)?")


@lru_cache(maxsize=REMEMBERED)
def media_type(header: str | None) -> MediaType:
    """Return the media type that a Content-Type header states; "" for none."""
    text = header or ""
    parameters = {name.lower(): _unquoted(value) for name, value in _PARAMETER.findall(text)}
    return MediaType(type=text.partition(";")[0].strip().lower(), parameters=MappingProxyType(parameters))


@lru_cache(maxsize=REMEMBERED)
def family(type_: str, *, among: Sequence[Family] = FAMILIES) -> Family | None:
    """Return the family that goes by this name, in any case; None for a type that we do not speak."""
    return next((each for each in among if type_.lower() in (each.type, *each.aliases)), None)


def stated(media: MediaType, *, among: Sequence[Family] = FAMILIES) -> Family | None:
    """Return the family of a request, or None where its header says nothing. Raises UnsupportedMedia (415)."""
    if media.type in SILENT:
        return None
    found = family(media.type, among=among)
    if found is None:
        known = _known(among)
        raise UnsupportedMedia(f"the content type '{media.type[:60]}' is not one of {known}", at="Content-Type")
    return found


def marked(body: bytes, *, among: Sequence[Family]) -> Family | None:
    """Return the family whose mark the body begins with; None for a text."""
    return next((each for each in among if each.magic and body.startswith(each.magic)), None)


def sniffed(text: str, *, among: Sequence[Family] = FAMILIES) -> Family:
    """Return the family that the text itself seems to be of."""
    start = text.lstrip()
    first, _, rest = start.partition("\n")
    if not start.startswith(("{", "[")):
        return LIBSVM if LIBSVM in among and _indexed(first) else CSV
    return JSON_LINES if rest.strip() and _complete(first) else JSON


@lru_cache(maxsize=REMEMBERED)
def acceptable(header: str | None, *, default: Family, among: Sequence[Family] = FAMILIES) -> Family:
    """Return the family of the answer: the one that the Accept header weighs most.

    Of equal weights the one that is named wins over a wildcard, then the one named first; a wildcard means `default`
    where it can. Raises NotAcceptable (406) where none is accepted.
    """
    ranges = [_range(part, order) for order, part in enumerate(_PART.findall(header or "")) if part.strip()]
    if not ranges:
        return default
    families = (default, *(each for each in among if each is not default))
    best = max(families, key=lambda each: _preference(each, ranges))
    if _preference(best, ranges)[0] <= 0:
        raise NotAcceptable(f"none of the accepted types is one of {_known(among)}", at="Accept")
    return best


def parameter(header: str, name: str) -> str | None:
    """Return the parameter of this name that an Accept header states for one of its types; None where none does."""
    if name not in header.lower():
        return None
    stated_ = (media_type(part).parameters.get(name) for part in _PART.findall(header))
    return next((value for value in stated_ if value), None)


@dataclass(frozen=True, kw_only=True)
class _Range:
    type: str
    weight: float
    order: int


def _range(part: str, order: int) -> _Range:
    media = media_type(part)
    weight = media.parameters.get("q", "1")
    return _Range(type=media.type, weight=float(weight) if _WEIGHT.fullmatch(weight) else 1.0, order=order)


def _preference(each: Family, ranges: list[_Range]) -> tuple[float, int, int]:
    """Weight, exactness, negated order of the most exact range that covers the family; a weight of 0 for none."""
    exactness, order, weight = max((_exactness(each, range_), -range_.order, range_.weight) for range_ in ranges)
    if exactness == _NONE:
        return 0.0, _NONE, 0
    # The order of wildcards says nothing about the types that they stand for.
    return weight, exactness, order if exactness == _EXACT else 0


_NONE, _ANY, _KIND, _EXACT = range(4)


def _exactness(each: Family, range_: _Range) -> int:
    if range_.type in (each.type, *each.aliases):
        return _EXACT
    return {"*/*": _ANY, "*": _ANY, f"{each.type.partition('/')[0]}/*": _KIND}.get(range_.type, _NONE)


def _complete(line: str) -> bool:
    try:
        json_text.decode(line)
    except UserError:
        return False
    return True


def _indexed(line: str) -> bool:
    from kindred.codecs import libsvm  # NumPy, which the door does without where the predictor does

    return libsvm.resembles(line)


def _unquoted(value: str) -> str:
    if value.startswith('"'):
        return re.sub(r"\\(.)", r"\1", value[1:-1])
    return value.strip()


def _known(among: Sequence[Family]) -> str:
    return ", ".join(each.type for each in among)
