"""`serve` beside the servers that users know, all on the same two cores, with the same caller."""
