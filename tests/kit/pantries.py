"""A pantry's events as a person reads them."""

from kindred.data.values import Catalogue, Interactions, Pantry


def pairs(pantry: Pantry) -> list[tuple[str, str]]:
    """User and item id of every event, in order."""
    interactions: Interactions = pantry.interactions
    return [
        (interactions.user_ids[user], pantry.catalogue.ids[item])
        for user, item in zip(interactions.users, interactions.items, strict=True)
    ]


def values(catalogue: Catalogue, name: str) -> dict[str, list[str]]:
    """What a categorical column says of every item that it says anything of."""
    column = catalogue.columns[name]
    assert column.offsets is not None
    assert column.codes is not None
    bounds = zip(catalogue.ids, column.offsets[:-1], column.offsets[1:], strict=True)
    return {item: [column.values[code] for code in column.codes[a:b]] for item, a, b in bounds if b > a}


def numbers(catalogue: Catalogue, name: str) -> dict[str, float]:
    """What a numeric column says of every item that it says anything of."""
    column = catalogue.columns[name].numbers
    assert column is not None
    return {item: float(number) for item, number in zip(catalogue.ids, column, strict=True) if number == number}
