"""`serve` under everything that callers and the machine can do to it, for as long as asked."""
