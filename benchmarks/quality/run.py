"""The story of the quality benchmark: three protocols, every peer tuned alike, ours by itself, a page a set."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

from benchmarks.quality import films, frontier, generated, ours, report, statistics, trial
from benchmarks.quality.films import Films
from benchmarks.quality.peers import als, bpr, ease, item_knn, lenskit_knn, naive_kmeans, popularity, pure_svd
from benchmarks.quality.questions import LATER, NEXT, PROTOCOLS, STRONG, Protocol
from benchmarks.quality.trial import Model, Outcome, Trial

SEEDS = 5
GENERATED = (0,)
MOST_ITEMS = 15_000
OURS = "Kindred, as train has it"
PEERS = (
    Model(name="popularity", fit=popularity.fit, grid=popularity.GRID, weighs=False),
    Model(name="naive k-means", fit=naive_kmeans.fit, grid=naive_kmeans.GRID, seeds=SEEDS),
    Model(name="BPR", fit=bpr.fit, grid=bpr.GRID, seeds=SEEDS, weighs=False),
    Model(name="item-kNN", fit=item_knn.fit, grid=item_knn.GRID, most_items=MOST_ITEMS),
    Model(name="LensKit item-kNN", fit=lenskit_knn.fit, grid=lenskit_knn.GRID, weighs=False),
    Model(name="PureSVD", fit=pure_svd.fit, grid=pure_svd.GRID),
    Model(name="ALS", fit=als.fit, grid=als.GRID, seeds=SEEDS),
    Model(name="EASE, full", fit=ease.fit, grid=ease.GRID, most_items=MOST_ITEMS),
)
KINDRED = Model(name=OURS, fit=ours.kbr, grid={}, seeds=SEEDS, settle=ours.settle)


def _variant(name: str, fit: trial.Fit, *, recency: float) -> Model:
    return Model(name=name, fit=fit, grid={}, seeds=SEEDS, recencies=(recency,))


def _variants(recency: float) -> tuple[Model, ...]:
    return (
        _variant("nothing chosen", ours.kbr, recency=recency),
        _variant("random blocks", ours.random_blocks, recency=recency),
        _variant("no blocks", ours.no_blocks, recency=recency),
        _variant("no taste part", ours.no_tastes, recency=recency),
        _variant("no content", ours.no_content, recency=recency),
        _variant("no weighting", ours.no_weighting, recency=recency),
    )


VARIANTS: Mapping[Protocol, Sequence[Model]] = {
    STRONG: _variants(0.0),
    NEXT: (*_variants(1.0), _variant("no recency", ours.kbr, recency=0.0)),
    LATER: (*_variants(1.0), _variant("no recency", ours.kbr, recency=0.0)),
}


def run(*, data: Path, results: Path) -> None:
    """Write `quality-<set>.md` and `.json` into results for the folder, if it is there, and for the generated sets."""
    if data.is_dir():
        on(films.read(data), results=results)
    else:
        print(f"quality: there is no folder {data}: generated sets alone")
    for seed in GENERATED:
        on(generated.generate(seed=seed), results=results)


def on(liked: Films, *, results: Path) -> None:
    """Write the page and the figures of one set."""
    with threadpool_limits(1):
        tables = [table(liked, protocol) for protocol in (PROTOCOLS if liked.timed else (STRONG,))]
    results.mkdir(exist_ok=True)
    (results / f"quality-{liked.name}.md").write_text(report.page(liked, tables, ours=OURS), encoding="utf-8")
    figures = {one.protocol.name: one.rows for one in tables} | {
        f"{one.protocol.name} diversity": [vars(step) for step in one.steps] for one in tables if one.steps
    }
    (results / f"quality-{liked.name}.json").write_text(json.dumps(figures, indent=1, ensure_ascii=False) + "\n")


def table(liked: Films, protocol: Protocol) -> report.Table:
    """Return what every model reached under one protocol."""
    trials = [trial.prepare(liked, protocol, number=number) for number in range(len(protocol.known))]
    peers = [model for model in PEERS if model.most_items >= len(liked.content)]
    models = (*peers, KINDRED, *VARIANTS[protocol])
    outcomes = {model.name: _outcomes(model, trials) for model in models}
    bounds = {model.name: trial.hindsight(model, trials) for model in peers}
    names = [model.name for model in peers]
    best = max(names, key=lambda name: statistics.over_splits(outcomes[name])[0])
    rows = [_row(name, outcomes, best=best, bounds=bounds) for name in outcomes]
    steps = frontier.measured(trials) if protocol is not LATER else ()
    return report.Table(protocol=protocol, trials=trials, rows=rows, peers=names, best=best, steps=steps)


def _outcomes(model: Model, trials: Sequence[Trial]) -> list[Outcome]:
    outcomes = [trial.run(model, one) for one in trials]
    protocol = trials[0].protocol
    figure = statistics.over_splits(outcomes)[0]
    print(f"quality: {protocol.name} {model.name:24} NDCG@{protocol.k} {figure:.4f}", flush=True)
    return outcomes


def _row(
    name: str, outcomes: Mapping[str, list[Outcome]], *, best: str, bounds: Mapping[str, float]
) -> dict[str, object]:
    own = outcomes[name]
    mean, spread = statistics.over_splits(own)
    return {
        "name": name,
        "ndcg": mean,
        "spread": spread,
        "luck": statistics.over_seeds(own),
        "splits": [float(one.ndcg.mean()) for one in own],
        "figures": {figure: float(np.mean([one.figures[figure] for one in own])) for figure in own[0].figures},
        "hindsight": bounds.get(name),
        "t_best_peer": None if name == best else statistics.paired_t(own, outcomes[best]),
        "t_ours": None if name == OURS else statistics.paired_t(own, outcomes[OURS]),
        "seconds": float(np.mean([one.seconds for one in own])),
        "settings": [dict(one.settings) for one in own],
    }
