"""The story of the quality benchmark: three splits, every peer tuned alike, ours at its defaults, one table."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

from benchmarks.quality import films, ours, report, statistics, trial
from benchmarks.quality.peers import als, bpr, ease, item_knn, naive_kmeans, popularity, pure_svd
from benchmarks.quality.trial import Model, Outcome, Trial

SPLITS = 3
SEEDS = 5
OURS = "Kindred (KBR, defaults)"
PEERS = (
    Model(name="popularity", fit=popularity.fit, grid=popularity.GRID),
    Model(name="naive k-means", fit=naive_kmeans.fit, grid=naive_kmeans.GRID, seeds=SEEDS),
    Model(name="BPR", fit=bpr.fit, grid=bpr.GRID, seeds=SEEDS),
    Model(name="item-kNN", fit=item_knn.fit, grid=item_knn.GRID),
    Model(name="PureSVD", fit=pure_svd.fit, grid=pure_svd.GRID),
    Model(name="ALS", fit=als.fit, grid=als.GRID, seeds=SEEDS),
    Model(name="EASE, full", fit=ease.fit, grid=ease.GRID),
)
VARIANTS = (
    Model(name=OURS, fit=ours.kbr, grid={}, seeds=SEEDS),
    Model(name="λ chosen in validation", fit=ours.kbr, grid={"ridge": (30.0, 100.0, 300.0)}, seeds=SEEDS),
    Model(name="random blocks", fit=ours.random_blocks, grid={}, seeds=SEEDS),
    Model(name="no blocks", fit=ours.no_blocks, grid={}, seeds=SEEDS),
    Model(name="no taste part", fit=ours.no_tastes, grid={}, seeds=SEEDS),
    Model(name="no content", fit=ours.no_content, grid={}, seeds=SEEDS),
)


def run(*, data: Path, results: Path) -> None:
    """Write `quality-<folder>.md` and `.json` into results; say so in one line where the data is absent."""
    if not data.is_dir():
        print(f"quality: skipped, there is no folder {data}")
        return
    liked = films.read(data)
    with threadpool_limits(1):
        trials = [trial.prepare(liked, seed=seed) for seed in range(SPLITS)]
        outcomes = {model.name: _outcomes(model, trials) for model in (*PEERS, *VARIANTS)}
        bounds = {model.name: trial.hindsight(model, trials) for model in PEERS}
    best = max((peer.name for peer in PEERS), key=lambda name: statistics.over_splits(outcomes[name])[0])
    rows = [_row(name, outcomes, best=best, bounds=bounds) for name in outcomes]
    page = report.page(data.name, liked, trials, rows, peers=[peer.name for peer in PEERS], ours=OURS, best=best)
    results.mkdir(exist_ok=True)
    (results / f"quality-{data.name}.md").write_text(page, encoding="utf-8")
    (results / f"quality-{data.name}.json").write_text(json.dumps(rows, indent=1, ensure_ascii=False) + "\n")


def _outcomes(model: Model, trials: Sequence[Trial]) -> list[Outcome]:
    outcomes = [trial.run(model, one) for one in trials]
    print(f"quality: {model.name:24} NDCG@{trial.K} {statistics.over_splits(outcomes)[0]:.4f}", flush=True)
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
        "recall": float(np.mean([one.recall for one in own])),
        "coverage": float(np.mean([one.coverage for one in own])),
        "hindsight": bounds.get(name),
        "t_best_peer": None if name == best else statistics.paired_t(own, outcomes[best]),
        "t_ours": None if name == OURS else statistics.paired_t(own, outcomes[OURS]),
        "seconds": float(np.mean([one.seconds for one in own])),
        "settings": [dict(one.settings) for one in own],
    }
