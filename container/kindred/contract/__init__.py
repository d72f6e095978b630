"""The front door: SageMaker's rules for `train` and `serve`; it knows no algorithm but through `port`."""
