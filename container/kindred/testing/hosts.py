"""Names for several hosts that are processes of one machine."""


def of_one_machine(count: int) -> tuple[str, ...]:
    """Return names that lead here, each an address of its own, in SageMaker's order for up to nine of them.

    >>> of_one_machine(2)
    ('127.0.0.1', '127.0.0.2')
    """
    return tuple(f"127.0.0.{number}" for number in range(1, count + 1))
