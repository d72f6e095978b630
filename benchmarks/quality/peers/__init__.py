"""The peers. Each module has `fit(x, content, seed, *, settings…) -> score` and its `GRID` of settings to choose from.

x: csr float32 (users, items) of ones. content: float32 (items, f) rows, or None. score(histories csr) -> float
(histories, items), the larger the better; seen items are taken out by the caller. Only `fit` sees training users.
"""
