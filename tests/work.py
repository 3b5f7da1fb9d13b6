"""How much work something is, counted instead of timed: a busy machine must not decide a test."""

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any


def calls_in(act: Callable[[], Any]) -> int:
    """Return how many functions are called while this one runs, those written in C included."""
    count = 0

    def note(_frame: FrameType, event: str, _argument: Any) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        act()
    finally:
        sys.setprofile(before)
    return count
