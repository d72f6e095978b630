"""The operator's tests need boto3 and typer; a laptop without them leaves them out, a CI machine must have them."""

import os
from importlib.util import find_spec

MISSING = [name for name in ("boto3", "typer") if find_spec(name) is None]
collect_ignore_glob = ["test_*.py"] if MISSING and os.environ.get("CI") != "true" else []
