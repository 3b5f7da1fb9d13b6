"""A clock that stands still; apart from the fixtures, because child processes use it and have no need of pytest."""

from tests.factories import STARTED_AT_US


class StillClock:
    """Never moves; nothing in the store waits for time."""

    boot_id = "boot-0"

    def now_us(self) -> int:
        return STARTED_AT_US

    def monotonic_ns(self) -> int:
        return 1_000_000_000

    async def sleep(self, seconds: float) -> None:
        raise AssertionError("the store never sleeps")
