"""Similar items in a catalogue larger than the head: those of the item's own cluster are found there or not."""

import numpy as np
import pytest

from kindred.artefact.manifest import Manifest
from kindred.desk import goods, stock
from kindred.desk.goods import Goods, Histories
from kindred.desk.predictor import Desk
from kindred.desk.stock import Facts
from kindred.recommender.model import Model

ITEMS, CLUSTERS, HEAD = 6_000, 60, 300


def model() -> Model:
    """Item j lies in cluster j % 60, near an axis of its own cluster; the head is the first 300 items."""
    rng = np.random.default_rng(0)
    clusters = np.arange(ITEMS, dtype=np.int32) % CLUSTERS
    rows = np.eye(CLUSTERS, dtype=np.float32)[clusters]
    rows += 0.05 * rng.standard_normal(rows.shape, dtype=np.float32)
    return Model(
        block_starts=np.zeros(ITEMS + 1, dtype=np.int64),
        block_targets=np.zeros(0, dtype=np.int32),
        block_weights=np.zeros(0, dtype=np.float32),
        profiles=rows,
        tastes=rows.copy(),
        strengths=np.ones(CLUSTERS, dtype=np.float32),
        head=np.arange(HEAD, dtype=np.int32),
        clusters=clusters,
        centroids=np.eye(CLUSTERS, dtype=np.float32),
        popularity=np.ones(ITEMS, dtype=np.float32),
        content_map=np.zeros((0, 2 * CLUSTERS), dtype=np.float32),
    )


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    folder = tmp_path_factory.mktemp("large") / "model"
    none = np.zeros(0, dtype=np.int32)
    things = Goods(
        model=model(),
        ids=[f"i-{number}" for number in range(ITEMS)],
        titles=[""] * ITEMS,
        columns={},
        histories=Histories(user_ids=[], starts=np.zeros(1, dtype=np.int64), items=none, liked=none.astype(np.bool_)),
    )
    facts = Facts(
        kind="blocks",
        labels=[str(cluster) for cluster in range(CLUSTERS)],
        features=[],
        columns={},
        recency=0.0,
        positive_from=None,
        users=False,
    )
    manifest = Manifest(algorithm="recommender", hyperparameters={}, seed=0, fingerprint="", versions={}, metrics={})
    goods.put(folder, things, facts=facts, manifest=manifest)
    return Desk(stock=stock.take(folder))


def similar(desk: Desk, item: str, **options) -> list[str]:
    [answer] = desk.predict([desk.parse({"item_id": item, **options}, {})])
    return [one.item_id for one in answer.recommendations]


@pytest.mark.parametrize("item", ["i-7", "i-5999"], ids=["in the head", "outside the head"])
def test_what_is_found_without_a_scan_is_what_a_scan_finds(desk: Desk, item: str):
    everything = [f"i-{number}" for number in range(ITEMS)]
    assert similar(desk, item) == similar(desk, item, allow=everything)
    assert {int(one.removeprefix("i-")) % CLUSTERS for one in similar(desk, item)} == {int(item[2:]) % CLUSTERS}


def test_an_item_is_no_neighbour_of_itself(desk: Desk):
    assert "i-5999" not in similar(desk, "i-5999", n=1000)
    assert "i-5999" in similar(desk, "i-5999", n=1000, exclude_seen=False)


def test_what_is_allowed_is_found_beyond_the_head(desk: Desk):
    wanted = [f"i-{number}" for number in range(HEAD, ITEMS, 997)]
    [answer] = desk.predict([desk.parse({"history": ["i-7"], "allow": wanted, "n": 1000}, {})])
    assert {one.item_id for one in answer.recommendations} == set(wanted)
