"""The page on operations, as far as tables go: `python -m scripts.aws.page` prints them into it again."""

from pathlib import Path

from . import reasons
from .prices import prices

PAGE = Path(__file__).parents[2] / "docs" / "8-operations.md"
END = "<!-- end -->\n"
MARKED = "<!-- from {name} -->\n{text}" + END


def written(page: str) -> str:
    """Return the page with its tables as they would be printed now."""
    for name, text in (("prices.toml", _prices()), ("reasons.toml", reasons.page())):
        whole = MARKED.format(name=name, text=text)
        before, _, rest = page.partition(whole.partition("\n")[0])
        page = before + whole + rest.partition(END)[2]
    return page


def _prices() -> str:
    table = prices()
    rows = [f"| `{instance}` | {usd:.3f} |" for instance, usd in table.usd_per_hour.items()]
    return "\n".join([f"| machine, {table.region}, {table.as_of} | USD an hour |", "| --- | --: |", *rows]) + "\n"


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
