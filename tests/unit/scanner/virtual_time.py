"""Run a coroutine on an event loop whose clock jumps to whatever comes next: hours in milliseconds, never a sleep."""

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any

import pytest

from electrum_observatory.scanner import loop_lag

_METER_S = 3_600.0
"""No loop is late in virtual time; a meter that looks ten times a second would be most of what happens in a rest."""
_LONGEST_S = 100_000.0


class _JumpingSelector(selectors.DefaultSelector):
    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0

    def select(self, timeout: float | None = None) -> Any:
        if timeout is None:
            raise AssertionError("deadlock: nothing is ready and nothing will ever happen")
        self.now += max(0.0, timeout)
        assert self.now < _LONGEST_S, "still running after a day of virtual time"
        return super().select(0)


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop on virtual time."""

    def __init__(self) -> None:
        self._jumping = _JumpingSelector()
        super().__init__(self._jumping)

    def time(self) -> float:
        return self._jumping.now

    def jump(self, seconds: float) -> None:
        """Let time pass in which nothing is done."""
        self._jumping.now += seconds


def stop_for(seconds: float) -> None:
    """Let time pass in which this process does not get to run: all that was due meanwhile comes at once."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, VirtualLoop)
    loop.jump(seconds)


class VirtualClock:
    """A ``model.ports.Clock`` on the virtual loop."""

    boot_id = "virtual"
    epoch_us = 1_795_212_900_000_000

    def now_us(self) -> int:
        return self.epoch_us + self.monotonic_ns() // 1_000

    def monotonic_ns(self) -> int:
        return round(asyncio.get_running_loop().time() * 1e9)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


def run_virtually(main: Coroutine[Any, Any, Any]) -> Any:
    """Run to the end and insist that no task is left behind."""

    async def checked() -> Any:
        result = await main
        left = asyncio.all_tasks() - {asyncio.current_task()}
        assert not left, f"left behind: {left}"
        return result

    with pytest.MonkeyPatch.context() as patch, asyncio.Runner(loop_factory=VirtualLoop) as runner:
        patch.setattr(loop_lag, "_INTERVAL_S", _METER_S)
        return runner.run(checked())
