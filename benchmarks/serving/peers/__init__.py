"""The servers beside ours, and what each is to be installed with."""
