"""When Python looks for cycles: between rounds, never while stamps are taken.

A full collection of a process that holds a thousand connections stops it for a fifth of a second, which would be lag of
our own making in every stamp of that moment. What is there when rounds begin lives as long as the watch and is not
looked through again; what is made later is freed by its count, and the few cycles after each round.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def tidied_by_hand() -> Iterator[None]:
    """Leave all tidying to :func:`tidy` for the length of the block."""
    was_enabled = gc.isenabled()
    gc.disable()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
        if was_enabled:
            gc.enable()


def tidy() -> None:
    """Free the cycles that were made since the block began."""
    gc.collect()
