"""Text and figures as a page shows them."""

from html import escape

MOST_CHARACTERS = 80
MOST_OF_A_SENTENCE = 600


def shown(text: str, *, most: int = MOST_CHARACTERS) -> str:
    """Return the text for the inside of an element: at most so many characters, on one line, escaped."""
    printable = "".join(one if one.isprintable() else " " for one in text[: most + 1])
    short = printable if len(printable) <= most else printable[: most - 1] + "…"
    return escape(short, quote=False)


def sentence(text: str) -> str:
    """Return a sentence of the log as a page shows it: escaped, a capital first, a full stop last.

    A letter of the formulas stays small: λ is known, Λ is not.
    """
    told = shown(text, most=MOST_OF_A_SENTENCE).strip()
    first = told[:1].upper() if told[:1].isascii() else told[:1]
    return first + told[1:] + ("" if told.endswith((".", "!", "?", "…")) else ".")


def count(number: int) -> str:
    """Return 12345 as 12,345."""
    return f"{number:,}"


def percent(share: float) -> str:
    """Return a share as 12.3 %."""
    return f"{100 * share:.1f} %"


def decimal(number: float) -> str:
    """Return a figure that is no share as 0.123."""
    return f"{number:.3f}"
