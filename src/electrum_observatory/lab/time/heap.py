"""Keep freed memory instead of giving it back to the system a thousand times a day of rendering.

glibc returns large freed blocks at once, and every table of the next server is then zeroed page by page by the kernel:
a third of the time of such a step, measured. Only processes made for rendering are told otherwise.
"""

import ctypes

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3  # malloc.h M_TRIM_THRESHOLD, M_MMAP_THRESHOLD
_MOST_KEPT = 2**31 - 1
_LARGEST_ON_HEAP = 32 * 2**20  # what glibc allows at most


def keep_freed_memory() -> None:
    """Let this process keep what it frees; does nothing where the C library is not glibc."""
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):
        return
    mallopt(_TRIM_THRESHOLD, _MOST_KEPT)
    mallopt(_MMAP_THRESHOLD, _LARGEST_ON_HEAP)
