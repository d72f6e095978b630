"""From a laptop to a managed endpoint and back to nothing: one verb a file, over one command, `kindred-aws`."""
