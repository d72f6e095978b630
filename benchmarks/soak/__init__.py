"""`serve` under everything that callers, chance and the machine can do to it, for as long as asked."""
