"""The door `train`: configuration files, channels, hosts, signals, checkpoints, the failure file."""
