"""Run the benchmarks named on the command line, or all of them."""

import argparse
import sys
from importlib import import_module
from pathlib import Path

BENCHMARKS = {
    "catalogue": "benchmarks.catalogue.run",
    "cold": "benchmarks.cold.run",
    "image": "benchmarks.image.run",
    "kmeans": "benchmarks.kmeans.run",
    "quality": "benchmarks.quality.run",
    "scale": "benchmarks.scale.run",
    "serving": "benchmarks.serving.run",
    "similar": "benchmarks.similar.run",
}
ROOT = Path(__file__).parent
DATA = ROOT.parent.parent / "shared" / "data" / "ml-latest-small"


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="name", help=f"any of {', '.join(BENCHMARKS)}; all by default")
    parser.add_argument("--data", type=Path, default=DATA, help="a folder of interactions and items")
    chosen = parser.parse_args(arguments)
    unknown = [name for name in chosen.names if name not in BENCHMARKS]
    if unknown:
        parser.error(f"no benchmark is called {unknown[0]!r} (valid: {', '.join(BENCHMARKS)})")
    for name in chosen.names or BENCHMARKS:
        import_module(BENCHMARKS[name]).run(data=chosen.data, results=ROOT / "results")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
