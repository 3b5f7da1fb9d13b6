"""How late the loop ran, and when: samples on a clock that the test turns."""

import asyncio

from electrum_observatory.scanner.loop_lag import LoopLag
from tests.unit.scanner.virtual_time import run_virtually


class Hands:
    """A clock that goes on by itself at each look: the loop wakes as late as the list says."""

    def __init__(self, late_s: list[float]) -> None:
        self.now = 0.0
        self._late_s = late_s
        self._due = True

    def __call__(self) -> float:
        if not self._due:
            self.now += 0.1 + (self._late_s.pop(0) if self._late_s else 0.0)
        self._due = not self._due
        return self.now


def measured(late_s: list[float]) -> LoopLag:
    lag = LoopLag(interval_s=0.1, now=Hands(late_s))

    async def main() -> None:
        samples = len(late_s)
        task = asyncio.create_task(lag.measure())
        await asyncio.sleep(0.1 * samples + 0.05)
        task.cancel()
        await asyncio.wait([task])

    run_virtually(main())
    return lag


def test_the_worst_lateness_is_told_of_all_of_a_time_since_and_of_a_span() -> None:
    lag = measured([0.0, 0.3, 0.0, 0.05, 0.0])  # samples at 0.1, 0.5, 0.6, 0.75, 0.85

    assert lag.worst_us == 300_000
    assert lag.worst_since(0.55) == 50_000
    assert lag.worst_between(0.0, 0.1) == 0
    assert lag.worst_between(0.3, 0.3) == 300_000
    assert lag.worst_between(0.52, 0.6) == 0
    assert lag.worst_between(0.4, 0.8) == 300_000
    assert lag.worst_since(2.0) == lag.worst_between(2.0, 3.0) == 0
