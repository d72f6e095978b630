"""What went wrong at AWS, in one sentence that says what to do: the table is in `reasons.toml`."""

import re

from .reasons import Reason, reasons

LONGEST = 400  # characters of AWS's own words


class Refused(Exception):
    """A run ended for a reason that the operator can mend; `at` names the place, such as a request or a file's line;
    `code` and `own` are AWS's code and words, where AWS answered."""

    def __init__(self, sentence: str, *, at: str = "", code: str = "", own: str = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.at = at
        self.code = code
        self.own = own

    def __str__(self) -> str:
        return f"{self.at}: {self.sentence}" if self.at else self.sentence


def reason(code: str, message: str, *, operation: str = "") -> Reason | None:
    """Return the first row that fits an error's code (an exception's class where AWS never answered) and message."""
    for row in reasons():
        fits_operation = not row.operation or re.fullmatch(row.operation, operation)
        if (
            fits_operation
            and re.fullmatch(row.code, code)
            and re.search(row.message, message, re.IGNORECASE | re.DOTALL)
        ):
            return row
    return None


def refused(code: str, message: str, *, operation: str = "") -> Refused:
    """Return the error with the sentence of the table, or with AWS's own words where no row fits."""
    row = reason(code, message, operation=operation)
    if row is None:
        return Refused(f"AWS says {code}: {_short(message)}", at=operation, code=code, own=message)
    found = re.search(row.message, message, re.IGNORECASE | re.DOTALL)
    words = {name: _short(each or "?") for name, each in (found.groupdict() if found else {}).items()}
    sentence = row.says.format(**words, operation=operation or "the request", own=_short(message))
    return Refused(sentence, at=operation, code=code, own=message)


def _short(message: str) -> str:
    text = " ".join(message.split())
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
