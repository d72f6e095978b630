"""Labels that a person would give, on catalogues whose kinds are known: two genres and a decade each, and Drama."""

import numpy as np
import pytest

from kindred.data.values import Catalogue, Column
from kindred.desk import catalogue

KINDS = (
    ("Sci-Fi", "Action", 1990),
    ("Western", "War", 1960),
    ("Horror", "Mystery", 1980),
    ("Animation", "Children", 2000),
)
GENRES = (*(genre for kind in KINDS for genre in kind[:2]), "Drama", "Comedy")
EACH = 200


def world(seed: int) -> tuple[Catalogue, np.ndarray]:
    """Nine in ten of each kind have each of its genres; of all items three in five are Drama, half Comedy."""
    rng = np.random.default_rng(seed)
    members = np.repeat(np.arange(len(KINDS), dtype=np.int32), EACH)
    has = rng.random((len(members), len(GENRES))) < 0.02
    for kind in range(len(KINDS)):
        has[members == kind, 2 * kind : 2 * kind + 2] = rng.random((EACH, 2)) < 0.9
    has[:, -2] = rng.random(len(members)) < 0.6
    has[:, -1] = rng.random(len(members)) < 0.5
    years = np.array([kind[2] for kind in KINDS])[members] + rng.integers(0, 10, len(members))
    items, codes = np.nonzero(has)
    columns = {
        "genres": Column(
            kind="categorical",
            codes=codes.astype(np.int32),
            offsets=np.searchsorted(items, np.arange(len(members) + 1)).astype(np.int64),
            values=GENRES,
        ),
        "year": Column(kind="numeric", numbers=years.astype(np.float64)),
    }
    names = tuple(f"film {number}" for number in range(len(members)))
    read = Catalogue(ids=names, titles=names, described=np.ones(len(names), dtype=np.bool_), columns=columns)
    return read, members


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("skew", [0.0, 1.0], ids=["all alike", "few are popular"])
def test_a_label_names_what_the_cluster_is_made_of(seed: int, skew: float):
    read, members = world(seed)
    rng = np.random.default_rng(seed)
    popularity = rng.permutation(np.arange(1, len(members) + 1) ** -skew)
    chosen = rng.choice(len(members), 20_000, p=popularity / popularity.sum()).astype(np.int32)
    rows = catalogue.clusters(
        read, catalogue.described(read), members, chosen, popularity=popularity.astype(np.float32)
    )
    for row, (one, other, decade) in zip(rows, KINDS, strict=True):
        *genres, years = row.label.split(" · ")
        assert set(genres) == {one, other}
        assert years == f"{decade}s"


def test_a_catalogue_that_nobody_watched_has_labels_too():
    read, members = world(0)
    rows = catalogue.clusters(
        read,
        catalogue.described(read),
        members,
        np.zeros(0, dtype=np.int32),
        popularity=np.ones(len(members), dtype=np.float32),
    )
    assert [set(row.label.split(" · ")) for row in rows] == [{one, two, f"{decade}s"} for one, two, decade in KINDS]


@pytest.mark.parametrize("name", ["category", "Main_Category", "product_type_name"])
def test_where_there_are_no_genres_the_categories_name_the_clusters(name: str):
    read, members = world(0)
    columns = {name: read.columns["genres"], "year": read.columns["year"]}
    other = Catalogue(ids=read.ids, titles=read.titles, described=read.described, columns=columns)
    rows = catalogue.clusters(
        other,
        catalogue.described(other),
        members,
        np.zeros(0, dtype=np.int32),
        popularity=np.ones(len(members), dtype=np.float32),
    )
    assert [set(row.label.split(" · ")) for row in rows] == [{one, two, f"{decade}s"} for one, two, decade in KINDS]
