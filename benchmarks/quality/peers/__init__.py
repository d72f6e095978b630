"""The peers. Each module has `fit(given, seed, *, settings…) -> score` and its `GRID` of settings to choose from.

`given` is a `Given` of benchmarks.quality.trial: `x` csr float32 (users, items) of ones, `content` float32 (items, f)
rows. score(histories csr) -> float (histories, items), the larger the better; an entry of the histories is the weight
of the item, 1 where recency is off. Seen items are taken out by the caller. Only `fit` sees training users.
"""
