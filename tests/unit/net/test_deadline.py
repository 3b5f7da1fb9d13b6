"""A deadline ends as ``asyncio.timeout`` does, whoever cancels what."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from electrum_observatory.net.deadline import Deadline
from tests.unit.scanner.virtual_time import run_virtually


class Theirs:
    """asyncio's own, entered alike."""

    def __init__(self, seconds: float | None) -> None:
        self._timeout = asyncio.timeout(seconds)

    async def __aenter__(self) -> None:
        await self._timeout.__aenter__()

    async def __aexit__(self, *what: Any) -> bool | None:
        return await self._timeout.__aexit__(*what)


class Ours:
    def __init__(self, seconds: float | None) -> None:
        self._deadline = Deadline(seconds)

    async def __aenter__(self) -> None:
        self._deadline.__enter__()

    async def __aexit__(self, *what: Any) -> None:
        self._deadline.__exit__(*what)


async def patiently(kind: Callable[[float | None], Any], outer: float | None, inner: float | None) -> str:
    async with kind(outer):
        try:
            async with kind(inner):
                await asyncio.sleep(10)
        except TimeoutError:
            await asyncio.sleep(1)
            return "inner"
    return "slept"


async def stubbornly(kind: Callable[[float | None], Any], outer: float | None, inner: float | None) -> str:
    async with kind(outer):
        try:
            await asyncio.sleep(inner or 10)
        except asyncio.CancelledError:
            return "went on"
    return "slept"


def outcome(
    work: Any, kind: Any, outer: float | None, inner: float | None, cancel_after: float | None
) -> tuple[str, float]:
    async def main() -> tuple[str, float]:
        task = asyncio.get_running_loop().create_task(work(kind, outer, inner))
        if cancel_after is not None:
            asyncio.get_running_loop().call_later(cancel_after, task.cancel)
        try:
            return await task, asyncio.get_running_loop().time()
        except (TimeoutError, asyncio.CancelledError) as error:
            return type(error).__name__, asyncio.get_running_loop().time()

    return run_virtually(main())


@pytest.mark.parametrize("work", [patiently, stubbornly])
@pytest.mark.parametrize("outer", [None, 2.0, 3.0, 5.0, 20.0])
@pytest.mark.parametrize("inner", [None, 2.0, 4.5])
@pytest.mark.parametrize("cancel_after", [None, 1.0, 2.0, 2.5])
def test_a_deadline_ends_as_a_timeout_does(work: Any, outer: Any, inner: Any, cancel_after: Any) -> None:
    ours = outcome(work, Ours, outer, inner, cancel_after)

    assert ours == outcome(work, Theirs, outer, inner, cancel_after)
