"""Something that happens no more often than every so many seconds."""

import asyncio

import pytest

from electrum_observatory.scanner.pace import Pace


async def test_whoever_asks_too_early_is_woken_once_when_the_time_has_come() -> None:
    woken = asyncio.Event()
    wakes: list[bool] = []

    def wake() -> None:
        wakes.append(True)
        woken.set()

    pace = Pace(0.05, wake)
    first, *early = [pace.take() for _ in range(4)]
    await woken.wait()

    assert (first, early) == (True, [False, False, False])
    assert len(wakes) == 1
    assert (pace.take(), pace.take()) == (True, False)


async def test_nobody_is_woken_who_did_not_ask() -> None:
    woken: list[bool] = []
    pace = Pace(0.0, lambda: woken.append(True))

    assert (pace.take(), pace.take()) == (True, True)
    await asyncio.sleep(0)
    assert not woken


async def test_it_may_happen_once_woken_even_where_the_clock_lags_behind_the_timer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    woken = asyncio.Event()
    pace = Pace(0.01, woken.set)
    assert pace.take()
    assert not pace.take()
    loop, stands_still_at = asyncio.get_running_loop(), asyncio.get_running_loop().time()
    await woken.wait()

    monkeypatch.setattr(loop, "time", lambda: stands_still_at)
    assert pace.take()
