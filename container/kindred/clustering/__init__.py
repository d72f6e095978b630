"""The workshop of k-means: arrays in, clusters out, no effects."""
