"""Measurements beside peers: `python -m benchmarks [name …] [--data FOLDER]` writes one table each into `results/`."""
