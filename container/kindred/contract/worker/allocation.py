"""How the C library hands out memory, and gives it back."""

import ctypes

# Numbers of malloc.h, glibc's own (mallopt(3)).
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD, _M_ARENA_MAX = -1, -3, -8

ARENAS = 2
LARGE_BYTES = 1 << 20


def give_back() -> bool:
    """Have freed memory go back to the system; return whether the C library could be asked, which musl cannot.

    By itself glibc keeps a heap for each of many threads, and once a large block was freed takes the next from them: a
    worker that was sent a few large bodies would hold their memory for ever. Workers that are forked later inherit it.
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):
        return False
    asked = ((_M_ARENA_MAX, ARENAS), (_M_MMAP_THRESHOLD, LARGE_BYTES), (_M_TRIM_THRESHOLD, LARGE_BYTES))
    return {mallopt(name, value) for name, value in asked} == {1}
