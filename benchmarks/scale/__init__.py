"""Seconds and memory of one fit on a large generated population, ours beside implicit ALS."""
