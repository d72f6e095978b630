"""What the headers of a request say of the body and of the answer that is wanted; the same headers are read once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from kindred.contract import negotiation
from kindred.contract.negotiation import Family
from kindred.contract.serving import attributes, wishes
from kindred.contract.serving.settings import Settings
from kindred.contract.serving.wishes import Wishes

_READ = ("CONTENT_TYPE", "HTTP_ACCEPT", attributes.KEYS[attributes.CUSTOM])


@dataclass(frozen=True, kw_only=True)
class Said:
    """What is wanted back, in which family, and with which options of the model's own.

    `charset` is the body's, where it is named. `chosen`: the headers name the outputs themselves.
    """

    accepted: Family
    charset: str | None
    options: Mapping[str, str]
    wishes: Wishes
    chosen: bool


def read(environ: Mapping[str, Any], family: Family, settings: Settings, *, spoken: Sequence[Family]) -> Said:
    """Return what the headers of a body of this family say to a model that answers in the families `spoken`.

    Raises UserError for a header that cannot be, or an Accept that none of them meets.
    """
    stated = tuple(map(environ.get, _READ))
    return _said(stated, (settings.accept, family), spoken=spoken, usual=settings.wishes)


@lru_cache(maxsize=negotiation.REMEMBERED)
def _said(
    stated: tuple[str | None, ...], preferred: tuple[Family | None, ...], *, spoken: Sequence[Family], usual: Wishes
) -> Said:
    header, accept, custom = stated
    options = {**negotiation.media_type(header).parameters, **attributes.options(custom)}
    charset = options.pop("charset", None)
    if accept and (output := negotiation.parameter(accept, "output")) is not None:
        options["output"] = output
    chosen = "output" in options
    wished = wishes.taken(usual, options)
    default = next((each for each in preferred if each in spoken), negotiation.CSV)
    accepted = negotiation.acceptable(accept, default=default, among=spoken)
    return Said(accepted=accepted, charset=charset, options=MappingProxyType(options), wishes=wished, chosen=chosen)
