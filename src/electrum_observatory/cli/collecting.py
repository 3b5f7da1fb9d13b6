"""How often Python looks for cycles of garbage while a scan runs.

A scan holds tens of thousands of facts until they are committed, none of them in a cycle. Python's usual thresholds
walk through all of them after every 700 new objects, which was 40 % of the CPU time of a scan (bench, row ``ratio``).
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

_YOUNG = 50_000
"""New objects between two looks at the young ones. What dies in cycles (tasks, tracebacks) is still found, later."""


@contextmanager
def rarer_collections() -> Iterator[None]:
    """Look for cycles less often for the length of the block, and not at all among what was imported before it."""
    usual = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(_YOUNG, *usual[1:])
    try:
        yield
    finally:
        gc.set_threshold(*usual)
        gc.unfreeze()
