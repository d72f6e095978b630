"""Train on a folder, serve the model, ask it as a client would, and print the answers: `make demo [DATA=DIR]`.

HISTORY names titles, separated by bars, for a viewer of your own: make demo HISTORY="Alien|Blade Runner".
"""

import os
import re
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

import doors
from kindred.desk import stock
from kindred.desk.stock import Stock

SHOWN = 5
CANDIDATES = 200
WIDEST = 44


def main(data: Path) -> None:
    """Tell the whole story of one folder."""
    if not data.is_dir():
        sys.exit(f"There is no folder '{data}'. Give one of interactions and titles: make demo DATA=DIR")
    began = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="kindred-") as folder:
        base = Path(folder)
        doors.lay_out(base, data)
        log = doors.train(base)
        trained = time.perf_counter()
        known = stock.take(base / "model")
        _say_training(data, known, log, trained - began)
        with doors.serving(base) as address:
            print(f"serve answered /ping after {time.perf_counter() - trained:.1f} s")
            histories = _viewers(address, known)
            _recommend(address, known, histories)
            _csv(address, next(iter(histories.values())))
            _similar(address, known, next(iter(histories.values()))[-1])
    print(f"\n{time.perf_counter() - began:.1f} s in all")


def _say_training(data: Path, known: Stock, log: list[str], seconds: float) -> None:
    viewers = len(known.users.ids) if known.users else 0
    print(f"train learnt from {len(known.ids):,} titles and {viewers:,} viewers in {data} in {seconds:.1f} s")
    figures = dict(re.findall(r"^((?:test|popularity):ndcg_at_10)=(\S+)$", "\n".join(log), flags=re.MULTILINE))
    if figures:
        model, popular = float(figures["test:ndcg_at_10"]), float(figures["popularity:ndcg_at_10"])
        print(f"held-out viewers: NDCG@10 {model:.3f}, the most popular titles {popular:.3f}")


def _viewers(address: str, known: Stock) -> dict[str, list[str]]:
    """Histories by name: the one asked for, or two users of different taste, or two clusters' best known titles."""
    if asked := os.environ.get("HISTORY"):
        return {"You": [_named(known, title) for title in asked.split("|")]}
    if known.users is None or not len(known.users.ids):
        return _from_clusters(address)
    ids = known.users.ids.many(range(min(CANDIDATES, len(known.users.ids))))
    shares = [answer.get("clusters", []) for answer in doors.ask(address, [{"user_id": one} for one in ids], n=1)]
    return {f"User {one}": _history(known, one) for one in _of_two_tastes(dict(zip(ids, shares, strict=True)))}


def _of_two_tastes(shares: dict[str, list[dict[str, Any]]]) -> list[str]:
    """The users who are most at home in the two most visited clusters."""
    visits = Counter[int]()
    for each in shares.values():
        visits.update({share["cluster"]: share["weight"] for share in each})
    weight = {(user, share["cluster"]): share["weight"] for user, each in shares.items() for share in each}
    return [max(shares, key=lambda user: weight.get((user, cluster), 0.0)) for cluster, _ in visits.most_common(2)]


def _history(known: Stock, user_id: str) -> list[str]:
    assert known.users is not None
    user = int(known.users.ids.numbers([user_id])[0])
    events = slice(known.users.starts[user], known.users.starts[user + 1])
    return known.ids.many(known.users.items[events][known.users.liked[events]])


def _from_clusters(address: str) -> dict[str, list[str]]:
    popular = doors.ask(address, [{}], n=CANDIDATES)[0]["recommendations"]
    by_cluster: dict[int, list[str]] = {}
    for each in popular:
        by_cluster.setdefault(each["cluster"], []).append(each["item_id"])
    two = sorted(by_cluster.values(), key=len)[-2:]
    return {f"Somebody who likes cluster {place}": ids[:SHOWN] for place, ids in enumerate(two, start=1)}


def _recommend(address: str, known: Stock, histories: dict[str, list[str]]) -> None:
    answers = doors.ask(address, [{"history": history} for history in histories.values()], n=SHOWN)
    for (name, history), answer in zip(histories.items(), answers, strict=True):
        print(f"\n{name} liked, newest first: {', '.join(_title(known, one) for one in history[::-1][:SHOWN])}")
        tastes = ", ".join(f"{share['label']} ({share['weight']:.0%})" for share in answer["clusters"])
        print(f"  tastes: {tastes}\n  next:")
        _print_items(known, answer["recommendations"])


def _csv(address: str, history: list[str]) -> None:
    line = ",".join(history[-3:])
    print(f"\nThe same in CSV, a line of ids for a line of ids:\n  > {line}")
    answer = doors.post(address, f"{line}\n", content_type="text/csv").splitlines()[0]
    print(f"  < {','.join(answer.split(',')[:SHOWN])},…")


def _similar(address: str, known: Stock, item_id: str) -> None:
    print(f"\nLike {_title(known, item_id)}:")
    _print_items(known, doors.ask(address, [{"item_id": item_id}], n=SHOWN, explain=False)[0]["recommendations"])


def _print_items(known: Stock, recommendations: list[dict[str, Any]]) -> None:
    for place, each in enumerate(recommendations, start=1):
        title = each.get("title", each["item_id"])[:WIDEST]
        because = " · ".join(_title(known, one) for one in each.get("because", []))
        print(f"  {place}. {title:<{WIDEST}}  {'because of ' + because if because else ''}".rstrip())


def _named(known: Stock, title: str) -> str:
    """The id of the best known item whose title holds these words."""
    wanted = title.strip().casefold()
    found = [number for number in range(len(known.titles)) if wanted in known.titles[number].casefold()]
    if not found:
        sys.exit(f"No title holds '{title.strip()}'.")
    exact = [number for number in found if known.titles[number].casefold() == wanted]
    return known.ids[max(exact or found, key=lambda number: float(known.scorer.popularity[number]))]


def _title(known: Stock, item_id: str) -> str:
    number = int(known.ids.numbers([item_id])[0])
    return known.titles[number] or item_id


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "sample"))
