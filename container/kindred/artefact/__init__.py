"""The shelf: what training leaves and serving maps: a manifest, arrays, strings; nothing in it is ever run."""
