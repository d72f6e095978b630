"""The hall: one story a file, where the rooms meet. An algorithm listed here is one that both doors know."""

from kindred.algorithms import kmeans, recommender

ALGORITHMS = (kmeans.ALGORITHM, recommender.ALGORITHM)
"""In the order in which they are asked whether a job is theirs: the recommender takes any `train` that k-means left."""
