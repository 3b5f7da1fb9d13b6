"""Processes that inherit what this one holds, and end with the work: whoever presses Ctrl-C does not wait for them."""

from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import active_children, get_context
from typing import Any


@contextmanager
def forked(
    processes: int, initializer: Callable[..., object], initargs: tuple[Any, ...] = ()
) -> Iterator[ProcessPoolExecutor]:
    """Share work among forked processes inside; where the block is broken off, they are ended at once.

    Args:
        processes: How many.
        initializer: Called in each of them first.
        initargs: With these arguments, which the processes inherit.
    """
    before = frozenset(active_children())
    pool = ProcessPoolExecutor(processes, mp_context=get_context("fork"), initializer=initializer, initargs=initargs)
    try:
        yield pool
    except BaseException:
        for child in frozenset(active_children()) - before:
            child.terminate()
        raise
    finally:
        pool.shutdown(cancel_futures=True)  # which waits for them
