"""A clock that stands still and a data folder with a campaign in it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from electrum_observatory.store.live import LiveStore
from tests.factories import STARTED_AT_US, make_campaign


class StillClock:
    """Never moves; nothing in the store waits for time."""

    boot_id = "boot-0"

    def now_us(self) -> int:
        return STARTED_AT_US

    def monotonic_ns(self) -> int:
        return 1_000_000_000

    async def sleep(self, seconds: float) -> None:
        raise AssertionError("the store never sleeps")


@pytest.fixture
def clock() -> StillClock:
    return StillClock()


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def store(data_dir: Path, clock: StillClock) -> Iterator[LiveStore]:
    """A store with one open campaign, the factories' own."""
    with LiveStore.open(data_dir, clock) as opened:
        opened.begin_campaign(make_campaign())
        yield opened
