"""Which column is which: the one table of names that users give the fields we read."""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches

_CODES = ("parentasin", "asin", "isbn", "sku", "stockcode")

INTERACTIONS: Mapping[str, tuple[str, ...]] = {
    "user_id": (
        *("userid", "user", "uid", "customerid", "customer", "memberid", "visitorid", "viewerid", "reviewerid"),
        *("username", "accountid", "profileid", "personid", "clientid", "subscriberid", "steamid", "sessionid"),
    ),
    "item_id": (
        *("itemid", "item", "iid", "movieid", "tconst", "titleid", "productid", "articleid", "trackid", "bookid"),
        *("songid", "albumid", "artistid", "gameid", "appid", "animeid", "showid", "videoid", "newsid", "courseid"),
        *("recipeid", "businessid", *_CODES),
    ),
    "rating": ("rating", "weight", "eventvalue", "score", "stars", "overall", "bookrating", "userrating"),
    "count": (
        *("count", "plays", "playcount", "listens", "listencount", "views", "viewcount", "quantity", "qty"),
        *("playtimeforever", "playtime", "hoursplayed", "hours"),
    ),
    "timestamp": (
        *("timestamp", "time", "ts", "datetime", "date", "eventtime", "createdat", "unixreviewtime"),
        *("eventtimestamp", "eventdate", "ratingtimestamp", "ratedat", "watchedat", "viewedat", "addedat", "tdat"),
        *("purchasedat", "purchasedate", "orderdate", "dateadded", "playedat", "unixtime"),
    ),
    "event_type": ("eventtype", "event", "action"),
}
"""A count has a say where there is no rating: it is no scale of stars, whatever its values."""

ITEMS: Mapping[str, tuple[str, ...]] = {
    "item_id": (*(name for name in INTERACTIONS["item_id"] if name not in _CODES), "id", *_CODES),
    "title": (
        *("title", "name", "primarytitle", "itemname", "movietitle", "productname", "itemtitle", "producttitle"),
        *("prodname", "moviename", "booktitle", "bookname", "artistname", "trackname", "songname", "songtitle"),
        *("gamename", "gametitle", "appname", "showname", "animename", "coursename", "coursetitle", "recipename"),
        *("headline", "originaltitle"),
    ),
    "genres": ("genres", "genre"),
    "year": (
        *("year", "startyear", "releaseyear", "releasedate", "publicationyear", "yearofpublication"),
        "originalpublicationyear",
    ),
}


def plain(name: str) -> str:
    """Return a column's name as the tables above spell it: lower case, letters and digits alone."""
    return "".join(letter for letter in name.lower() if letter.isalnum())


def find(names: Iterable[str], fields: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    """Map each field that `names` hold to the file's own spelling; where several fit, the first alias wins."""
    spelled: dict[str, str] = {}
    for name in names:
        spelled.setdefault(plain(name), name)
    fits = {field: [spelled[alias] for alias in aliases if alias in spelled] for field, aliases in fields.items()}
    return {field: names[0] for field, names in fits.items() if names}


def lacking(names: Iterable[str], needed: Iterable[str]) -> str:
    """Say for a person which fields no column of `names` gives, and which column comes nearest to each."""
    names = [name.strip() for name in names]
    found = find(names, {**INTERACTIONS, **ITEMS})
    free = [name for name in names if name not in found.values()]
    return " and ".join(f"no {field}{_nearest(field, free)}" for field in needed if field not in found)


def _nearest(field: str, names: list[str]) -> str:
    spelled = {plain(name): name for name in names}
    aliases = {**INTERACTIONS, **ITEMS}[field]
    close = [match for alias in aliases for match in get_close_matches(alias, spelled, n=1, cutoff=0.75)]
    return f" (is '{spelled[close[0]]}' meant?)" if close else ""
