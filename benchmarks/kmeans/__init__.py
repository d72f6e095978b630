"""Seconds and mean squared distance of k-means, ours beside the libraries, from the same start; and cost by rows."""
