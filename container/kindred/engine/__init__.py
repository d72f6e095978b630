"""The pump: every pass over the data is a sum over shards, run by a pool."""
