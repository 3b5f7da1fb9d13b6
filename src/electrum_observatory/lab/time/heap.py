"""What processes made for rendering do with memory: keep what they free, and look for cycles once a day.

glibc returns large freed blocks at once, and every table of the next server is then zeroed page by page by the kernel:
a third of the time of such a step, measured. And Python looks for unreachable cycles whenever so many tuples came to
be, of which histograms are made by the million and which have none: a tenth of the time of a busy day. Only processes
made for rendering are told otherwise.
"""

import ctypes
import gc

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


def collect_by_hand() -> None:
    """Let this process look for unreachable cycles only where it is told to, and not among what is there already.

    What a forked process inherits is shared with its parent as long as nobody touches it, and a collection would.
    """
    gc.disable()
    gc.freeze()
