"""What a user can fix, told apart from what is our own bug.

    KindredError
    ├── UserError              the request, the data or a setting is wrong; the sentence says how to mend it
    │   ├── NotFound           an id that the model does not know (404)
    │   ├── NotAcceptable      a response type we do not speak (406)
    │   ├── PayloadTooLarge    a body over the limit (413)
    │   └── UnsupportedMedia   a request type we do not speak (415)
    └── Bug                    a promise of our own is broken (500)

Every message is one plain sentence: what was wrong, where, what was expected, the nearest valid choice.
"""

from collections.abc import Iterable
from difflib import get_close_matches


class KindredError(Exception):
    """The root; `at` names the place in the caller's terms, such as `instances[3].history[0]` or `ratings.csv:17`."""

    status = 500

    def __init__(self, sentence: str, *, at: str | None = None) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.at = at

    def __str__(self) -> str:
        return f"{self.at}: {self.sentence}" if self.at else self.sentence


class UserError(KindredError):
    """Something the user sent can be mended by the user."""

    status = 400


class NotFound(UserError):
    """An id was asked for that the model does not hold."""

    status = 404


class NotAcceptable(UserError):
    """The caller accepts no response type that we speak."""

    status = 406


class PayloadTooLarge(UserError):
    """The body is over the limit in force."""

    status = 413


class UnsupportedMedia(UserError):
    """The body is of a type that we do not read."""

    status = 415


class Bug(KindredError):
    """A promise of our own is broken; the user can only report it."""


def nearest(name: str, valid: Iterable[str]) -> str:
    """Return ` (did you mean 'x'?)` for the closest valid name, or the list of valid names where none is close."""
    names = sorted(valid)
    close = get_close_matches(name.lower(), names, n=1, cutoff=0.6)
    if close:
        return f" (did you mean '{close[0]}'?)"
    return f" (valid: {', '.join(names)})" if names else ""
