"""The hall: one story a file, where the rooms meet. An algorithm listed here is one that both doors know."""

from kindred.algorithms import recommender

ALGORITHMS = (recommender.ALGORITHM,)
