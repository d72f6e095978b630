"""`python -m kit.real_serve`: the real `serve`, as its console command runs it."""

import sys

from kindred.entry import serve

if __name__ == "__main__":
    sys.exit(serve())
