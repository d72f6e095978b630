"""What the verbs stand on: plans are values, one runner executes them, a ledger remembers."""
