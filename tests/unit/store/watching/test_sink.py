"""A watch in the live database: what was handed over is read back equal, and the time nobody watched is told."""

import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from electrum_observatory.model.errors import StoreError, UsageError
from electrum_observatory.model.watch import Blindness, BlindSpell, Question
from electrum_observatory.model.watch_ports import Numbers, ReadingColumns
from electrum_observatory.store.live import LiveStore
from electrum_observatory.store.reader import StoreReader
from electrum_observatory.store.watching.columns import columns_of, joined, news_columns_of, news_of, readings_of
from electrum_observatory.store.watching.source import WatchReader
from tests.factories import CAMPAIGN_ID, make_campaign, make_observation
from tests.unit.store.clock import StillClock
from tests.unit.store.watching.facts import (
    EVERY_US,
    MIDNIGHT_US,
    WATCH_ID,
    make_news,
    make_readings,
    make_round,
    make_stint,
    make_watch,
    monotonic_ns,
    servers,
)

SERVERS = servers(12)


@pytest.fixture
def live(data_dir: Path) -> Iterator[LiveStore]:
    with LiveStore.open(data_dir, StillClock()) as opened:
        yield opened


async def test_facts_written_are_facts_read(live: LiveStore, data_dir: Path) -> None:
    chance = random.Random(1)
    made = [
        (make_round(number, MIDNIGHT_US + number * EVERY_US), make_readings(SERVERS, chance)) for number in (1, 2, 3)
    ]
    news = make_news(SERVERS, MIDNIGHT_US + 400_000_000, 920_000, chance)
    spell = BlindSpell(why=Blindness.CLOCK_STEP, from_us=MIDNIGHT_US, to_us=MIDNIGHT_US + 5, step_us=-3_000_000)
    sink = live.watching()

    await sink.begin_stint(make_watch(overlay={"sha256": "ab"}), make_stint())
    for one, readings in made:
        await sink.record_round(one, readings)
    await sink.record_news(news)
    await sink.record_blind(spell)

    with WatchReader.open(data_dir) as reader:
        columns = reader.readings(WATCH_ID)
        assert list(readings_of(columns)) == [(one, reading) for one, readings in made for reading in readings]
        assert list(news_of(reader.news(WATCH_ID))) == news
        assert reader.spells(WATCH_ID) == [spell]
        assert reader.watches() == [make_watch(overlay={"sha256": "ab"})]
        assert reader.stints(WATCH_ID) == [make_stint()]


def test_many_rounds_at_once_are_read_back_equal(live: LiveStore, data_dir: Path) -> None:
    chance = random.Random(2)
    everybody, times = servers(300), 40
    once = [columns_of(make_round(number, MIDNIGHT_US), make_readings(everybody, chance)) for number in (1, 2)]
    whole = repeated(joined(once), times)
    news = [one for number in range(8) for one in make_news(everybody, MIDNIGHT_US + number, 920_000 + number, chance)]
    sink = live.watching()

    sink.begin_stint_now(make_watch(), make_stint())
    assert sink.record_columns(whole) == 24_000  # more than one transaction takes
    assert sink.record_news_columns(news_columns_of(news)) == 2_400

    with WatchReader.open(data_dir) as reader:
        found = reader.readings(WATCH_ID)
        assert list(news_of(reader.news(WATCH_ID))) == news
    assert list(found.rounds) == list(whole.rounds)
    assert resolved(found) == resolved(whole)


def repeated(columns: ReadingColumns, times: int) -> ReadingColumns:
    """Return the same readings again and again, in rounds of their own."""
    count = len(columns.rounds)

    def tiled(column: Numbers) -> Numbers:
        return np.tile(column, times)

    return ReadingColumns(
        rounds=[make_round(number, MIDNIGHT_US + number * EVERY_US) for number in range(1, times * count + 1)],
        endpoints=columns.endpoints,
        texts=columns.texts,
        failures=columns.failures,
        round_at=tiled(columns.round_at) + np.repeat(np.arange(times) * count, len(columns.round_at)),
        endpoint_at=tiled(columns.endpoint_at),
        availability=tiled(columns.availability),
        failure_at=tiled(columns.failure_at),
        sent_us=tiled(columns.sent_us),
        lag_us=tiled(columns.lag_us),
        text_at={question: tiled(text_at) for question, text_at in columns.text_at.items()},
        after_us={question: tiled(after_us) for question, after_us in columns.after_us.items()},
    )


def resolved(columns: ReadingColumns) -> dict[str, list[Any]]:
    """Return what every column says, values in the place of positions."""
    texts, failures = [*columns.texts, None], [*columns.failures, None]
    return {
        "round": columns.round_at.tolist(),
        "endpoint": [columns.endpoints[at] for at in columns.endpoint_at.tolist()],
        "availability": columns.availability.tolist(),
        "failure": [failures[at] for at in columns.failure_at.tolist()],
        "sent_us": columns.sent_us.tolist(),
        "lag_us": columns.lag_us.tolist(),
        **{f"{one} text": [texts[at] for at in text_at.tolist()] for one, text_at in columns.text_at.items()},
        **{f"{one} after": after_us.tolist() for one, after_us in columns.after_us.items()},
    }


def test_a_time_some_servers_and_some_questions_are_selected(live: LiveStore, data_dir: Path) -> None:
    chance = random.Random(3)
    sink = live.watching()
    sink.begin_stint_now(make_watch(), make_stint())
    other = live.watching()
    other.begin_stint_now(make_watch(watch_id="20261120T221500Z-other-0a1b2c"), make_stint())
    expected = []
    for number in range(1, 11):
        made, readings = make_round(number, MIDNIGHT_US + number * EVERY_US), make_readings(SERVERS, chance)
        for one in (sink, other):
            one.record_columns(columns_of(made, readings))
        if 4 <= number < 7:
            expected += [(made, reading) for reading in readings if reading.endpoint in SERVERS[2:4]]
    news = make_news(SERVERS, MIDNIGHT_US + 8 * EVERY_US, 1, chance)
    sink.record_news_columns(news_columns_of(news))

    with WatchReader.open(data_dir) as reader:
        found = reader.readings(
            *(WATCH_ID, MIDNIGHT_US + 4 * EVERY_US, MIDNIGHT_US + 7 * EVERY_US),
            questions=(Question.TIP, Question.PING),
            endpoints=SERVERS[2:4],
        )
        late = reader.news(WATCH_ID, news[5].received_at_us, news[9].received_at_us)

    kept = {Question.TIP, Question.PING}
    assert list(readings_of(found)) == [
        (made, replace(reading, answers={one: answer for one, answer in reading.answers.items() if one in kept}))
        for made, reading in expected
    ]
    assert set(found.after_us) >= {Question.HISTOGRAM}
    assert list(news_of(late)) == news[5:9]


async def test_the_time_between_stints_is_a_blind_spell_from_the_last_sign_of_life(
    live: LiveStore, data_dir: Path
) -> None:
    async def stint(at_us: int) -> None:
        await live.watching().begin_stint(make_watch(), make_stint(at_us))

    def at(seconds: int) -> int:
        return MIDNIGHT_US + seconds * 1_000_000

    sink = live.watching()
    await sink.begin_stint(make_watch(), make_stint())
    await stint(at(100))  # the first died without a sign
    await stint(at(150))
    sink = live.watching()
    await sink.begin_stint(make_watch(), make_stint(at(200)))
    await sink.heartbeat(at(210), monotonic_ns(at(210)))
    await sink.record_round(made := make_round(1, at(220)), [])
    await sink.heartbeat(at(215), monotonic_ns(at(215)))  # came late, and is no later sign
    await stint(at(300))
    sink = live.watching()
    await sink.begin_stint(make_watch(), make_stint(at(400)))
    await sink.record_news(news := make_news(SERVERS, at(410), 1, random.Random(4)))
    await stint(at(500))
    sink = live.watching()
    await sink.begin_stint(make_watch(), make_stint(at(600)))
    await sink.end_stint(at(650), monotonic_ns(at(650)))
    await stint(at(700))

    with WatchReader.open(data_dir) as reader:
        spells = reader.spells(WATCH_ID)
    last_news = max(one.received_at_us for one in news)
    assert [(one.from_us, one.to_us) for one in spells] == [
        (MIDNIGHT_US, at(100)),
        (at(100), at(150)),
        (at(150), at(200)),
        (made.started_at_us + made.duration_us, at(300)),
        (at(300), at(400)),
        (last_news, at(500)),
        (at(500), at(600)),
        (at(650), at(700)),
    ]
    assert {one.why for one in spells} == {Blindness.NOT_RUNNING}


def test_a_clock_set_back_between_stints_hides_no_spell(live: LiveStore, data_dir: Path) -> None:
    minute_ns, hour_us = 60_000_000_000, 3_600_000_000
    live.watching().begin_stint_now(make_watch(), make_stint())
    back = make_stint(MIDNIGHT_US - hour_us, started_monotonic_ns=monotonic_ns(MIDNIGHT_US) + minute_ns)
    live.watching().begin_stint_now(make_watch(), back)
    live.watching().begin_stint_now(make_watch(), make_stint(MIDNIGHT_US - 2 * hour_us, boot_id="boot-1"))

    with WatchReader.open(data_dir) as reader:
        spells = reader.spells(WATCH_ID)
    assert [(one.from_us - MIDNIGHT_US, one.to_us - MIDNIGHT_US) for one in spells] == [
        (-2 * hour_us, -2 * hour_us),  # over a reboot nobody knows for how long
        (-hour_us - 60_000_000, -hour_us),
    ]


async def test_a_watch_and_a_campaign_share_the_store(live: LiveStore, data_dir: Path) -> None:
    sink = live.watching()
    await sink.begin_stint(make_watch(), make_stint())
    live.begin_campaign(make_campaign())
    await sink.record_round(make_round(1, MIDNIGHT_US), make_readings(SERVERS, random.Random(5)))
    await live.record([make_observation(endpoint=SERVERS[0])])

    live.delete_campaign(CAMPAIGN_ID)
    more = make_readings(SERVERS, random.Random(6))
    await sink.record_round(make_round(2, MIDNIGHT_US + EVERY_US), more)

    with WatchReader.open(data_dir) as reader:
        found = [reading for made, reading in readings_of(reader.readings(WATCH_ID)) if made.number == 2]
    assert found == more
    with StoreReader.open(data_dir) as reader:
        assert reader.campaigns() == []


async def test_a_round_is_recorded_once_and_a_refused_one_leaves_nothing(live: LiveStore, data_dir: Path) -> None:
    sink = live.watching()
    with pytest.raises(ValueError, match="no stint has begun"):
        await sink.record_round(make_round(1, MIDNIGHT_US), [])
    with pytest.raises(ValueError, match="is not a campaign id"):
        await sink.begin_stint(make_watch(watch_id="../../etc"), make_stint())
    await sink.begin_stint(make_watch(), make_stint())
    readings = make_readings(SERVERS, random.Random(7))
    await sink.record_round(make_round(1, MIDNIGHT_US), readings)

    with pytest.raises(ValueError, match="has been recorded already"):
        await sink.record_round(make_round(1, MIDNIGHT_US + 1), make_readings(SERVERS, random.Random(8)))
    await sink.record_round(make_round(2, MIDNIGHT_US + 2), readings)

    with WatchReader.open(data_dir) as reader:
        found = [reading for _, reading in readings_of(reader.readings(WATCH_ID))]
        with pytest.raises(UsageError, match="no watch"):
            reader.readings("20261120T221500Z-local-ffffff")
    assert found == [*readings, *readings]


async def test_a_closed_store_says_so(data_dir: Path) -> None:
    live = LiveStore.open(data_dir, StillClock())
    sink = live.watching()
    sink.begin_stint_now(make_watch(), make_stint())
    live.close()

    with pytest.raises(StoreError, match="closed already"):
        await sink.heartbeat(1, 1)
