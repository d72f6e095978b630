"""Kindred: a k-means recommender behind SageMaker's two doors, `train` and `serve`."""

__version__ = "0.1.0"
