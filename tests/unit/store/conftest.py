"""A clock that stands still and a data folder with a campaign in it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from electrum_observatory.store.live import LiveStore
from tests.factories import make_campaign
from tests.unit.store.clock import StillClock


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
