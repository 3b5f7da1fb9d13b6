"""Watches that were recorded over some days, and whether they are read back."""

import random
from collections.abc import Sequence
from pathlib import Path

import apsw

from electrum_observatory.model.watch import Question, Reading, Round, TipNews
from electrum_observatory.model.watch_ports import ReadingColumns
from electrum_observatory.store.live import LiveStore
from electrum_observatory.store.watching.columns import columns_of, joined, news_columns_of, news_of, readings_of
from electrum_observatory.store.watching.source import WatchReader
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


def record(
    live: LiveStore,
    days: int,
    *,
    per_day: int = 6,
    seed: int = 1,
    begin_us: int = MIDNIGHT_US,
    questions: Sequence[Question] = tuple(Question),
) -> Facts:
    """Record some days of rounds and news."""
    chance, facts = random.Random(seed), Facts()
    sink = live.watching()
    sink.begin_stint_now(make_watch(), make_stint(begin_us))
    parts: list[ReadingColumns] = []
    for number in range(days * per_day):
        at_us = begin_us + number * DAY_US // per_day
        made, readings = make_round(number + 1, at_us, questions=questions), make_readings(SERVERS, chance, questions)
        parts.append(columns_of(made, readings))
        facts.readings += [(made, reading) for reading in readings]
        news = make_news(SERVERS, at_us + HOUR_US, 920_000 + number, chance)
        facts.news += news
    sink.record_columns(joined(parts))
    sink.record_news_columns(news_columns_of(facts.news))
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


def live_rows(data_dir: Path) -> dict[str, int]:
    """Return how many rows of a watch are in the live database."""
    connection = apsw.Connection(str(data_dir / "live.db"), flags=apsw.SQLITE_OPEN_READONLY)
    tables = ("watch_rounds", "watch_readings", "tip_news", "watch_texts")
    counts = {table: connection.execute(f"SELECT count(*) FROM {table}").get for table in tables}
    connection.close()
    return counts
