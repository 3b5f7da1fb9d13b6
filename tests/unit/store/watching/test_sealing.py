"""Sealing: days leave the live database for Parquet, and what is read stays the same whatever happens in between."""

import random
from collections.abc import Iterator
from pathlib import Path

import apsw
import pytest

from electrum_observatory.model.watch import Reading, Round, TipNews
from electrum_observatory.store.live import LiveStore
from electrum_observatory.store.watching import pieces
from electrum_observatory.store.watching.columns import columns_of, news_columns_of, news_of, readings_of
from electrum_observatory.store.watching.source import WatchReader
from tests.unit.store.clock import StillClock
from tests.unit.store.watching.facts import (
    DAY_US,
    MIDNIGHT_US,
    WATCH_ID,
    make_news,
    make_readings,
    make_round,
    make_stint,
    make_watch,
    servers,
)

SERVERS = servers(7)
HOUR_US = DAY_US // 24


class Facts:
    """What was recorded."""

    def __init__(self) -> None:
        self.readings: list[tuple[Round, Reading]] = []
        self.news: list[TipNews] = []


def record(live: LiveStore, days: int, *, per_day: int = 6, seed: int = 1) -> Facts:
    """Record some days of rounds and news."""
    chance, facts = random.Random(seed), Facts()
    sink = live.watching()
    sink.begin_stint_now(make_watch(), make_stint())
    for number in range(days * per_day):
        at_us = MIDNIGHT_US + number * DAY_US // per_day
        made, readings = make_round(number + 1, at_us), make_readings(SERVERS, chance)
        sink.record_columns(columns_of(made, readings))
        facts.readings += [(made, reading) for reading in readings]
        news = make_news(SERVERS, at_us + HOUR_US, 920_000 + number, chance)
        sink.record_news_columns(news_columns_of(news))
        facts.news += news
    return facts


def check(data_dir: Path, facts: Facts) -> None:
    """Whether exactly the facts are read back; within a round servers come in any order."""
    with WatchReader.open(data_dir) as reader:
        found = list(readings_of(reader.readings(WATCH_ID)))
        assert list(news_of(reader.news(WATCH_ID))) == facts.news
    assert [made for made, _ in found] == [made for made, _ in facts.readings]
    assert _sorted(found) == _sorted(facts.readings)


def _sorted(facts: list[tuple[Round, Reading]]) -> list[tuple[Round, Reading]]:
    return sorted(facts, key=lambda one: (one[0].number, one[1].endpoint.canonical))


@pytest.fixture
def live(data_dir: Path) -> Iterator[LiveStore]:
    with LiveStore.open(data_dir, StillClock()) as opened:
        yield opened


def _live_rows(data_dir: Path) -> dict[str, int]:
    connection = apsw.Connection(str(data_dir / "live.db"), flags=apsw.SQLITE_OPEN_READONLY)
    tables = ("watch_rounds", "watch_readings", "tip_news", "watch_texts")
    counts = {table: connection.execute(f"SELECT count(*) FROM {table}").get for table in tables}
    connection.close()
    return counts


def test_facts_are_the_same_live_half_sealed_and_sealed(live: LiveStore, data_dir: Path) -> None:
    facts = record(live, 3)
    check(data_dir, facts)

    assert [piece.from_day for piece in live.seal_watches("2026-11-22", apart=False)] == ["2026-11-20", "2026-11-21"]
    check(data_dir, facts)
    assert _live_rows(data_dir)["watch_rounds"] == 6

    live.seal_watches("2026-11-23", apart=False)
    check(data_dir, facts)
    assert _live_rows(data_dir) == {"watch_rounds": 0, "watch_readings": 0, "tip_news": 0, "watch_texts": 0}
    assert live.seal_watches("2026-11-23", apart=False) == []


def test_files_are_written_by_a_process_of_its_own_too(live: LiveStore, data_dir: Path) -> None:
    facts = record(live, 1)

    (piece,) = live.seal_watches("2026-11-21")

    assert {file.table: file.rows for file in piece.files}["readings"] == 42
    check(data_dir, facts)


def test_the_day_that_goes_on_is_not_sealed(live: LiveStore, data_dir: Path) -> None:
    facts = record(live, 3)

    assert [piece.from_day for piece in live.seal_watches(apart=False)] == []  # the store's clock stands on the first

    check(data_dir, facts)


def test_facts_that_a_sealed_day_gets_afterwards_become_a_further_piece(live: LiveStore, data_dir: Path) -> None:
    facts = record(live, 1)
    live.seal_watches("2026-11-21", apart=False)
    chance = random.Random(9)
    sink = live.watching()
    sink.begin_stint_now(make_watch(), make_stint(MIDNIGHT_US + 23 * HOUR_US))  # the clock was set back
    made, readings = make_round(100, MIDNIGHT_US + 23 * HOUR_US), make_readings(SERVERS, chance)
    sink.record_columns(columns_of(made, readings))
    news = make_news(SERVERS, made.started_at_us, 1, chance)
    sink.record_news_columns(news_columns_of(news))
    facts.readings += [(made, reading) for reading in readings]
    facts.news += news
    check(data_dir, facts)

    (piece,) = live.seal_watches("2026-11-21", apart=False)

    assert piece.part == 2
    check(data_dir, facts)


def test_what_is_not_named_is_removed(live: LiveStore, data_dir: Path) -> None:
    record(live, 1)
    stray = data_dir / "obs" / "day=2026-11-19" / f"readings-{WATCH_ID}.parquet"
    stray.parent.mkdir(parents=True)
    stray.write_bytes(b"half")

    live.seal_watches("2026-11-21", apart=False)

    assert not stray.parent.exists()
    assert len(pieces.read(data_dir)) == 1
