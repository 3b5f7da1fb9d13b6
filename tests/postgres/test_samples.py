"""The tables are promises: a database of every version still opens, tells what it told, and takes more."""

from pathlib import Path

import pytest

from electrum_observatory.model.watch import Blindness, BlindSpell
from electrum_observatory.net.clock import SystemClock
from electrum_observatory.store.postgres.migrations import MIGRATIONS
from electrum_observatory.store.postgres.place import Place
from electrum_observatory.store.postgres.sink import PostgresWatchSink
from electrum_observatory.store.postgres.source import PostgresWatchReader
from electrum_observatory.store.watching.columns import columns_of, news_of
from tests.contract.watch_facts import HOSTILE, ROUND_US, SECOND_US, START_US, answered, nth_round, refused, stint_at
from tests.contract.watch_stores import by_round, read
from tests.postgres.server import PostgresServer

SAMPLES = sorted((Path(__file__).parents[1] / "samples" / "postgres").glob("v*.sql"))
WATCH_ID = "20261118T110640Z-sample-0a1b2c"
TEXT = b"[[12,128812]]\n"


class Restored:
    def __init__(self, url: str) -> None:
        self._url = url

    def source(self) -> PostgresWatchReader:
        return PostgresWatchReader.open(self._url)


def test_every_version_has_a_sample() -> None:
    assert [path.stem for path in SAMPLES] == [f"v{step.version}" for step in MIGRATIONS]


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.stem)
def test_a_sample_is_migrated_read_and_gone_on_with(server: PostgresServer, database: str, sample: Path) -> None:
    url, fresh = server.url(database), (nth_round(9), [answered(histogram=TEXT), refused()])
    with Place(url).connect() as connection:
        connection.execute(sample.read_text(encoding="utf-8"))

    with PostgresWatchSink.open(url, SystemClock()) as sink:
        with PostgresWatchReader.open(url) as reader:
            (watch,) = reader.watches()
            told = list(news_of(reader.news(WATCH_ID)))
            spells = list(reader.spells(WATCH_ID))
        sink.begin_stint_now(watch, stint_at(fresh[0].started_at_us))
        sink.record_columns(columns_of(*fresh))

    old = [
        (nth_round(number), [answered(histogram=TEXT, tip=b"%d\n" % number), refused(detail=HOSTILE)])
        for number in (1, 2, 6)
    ]
    assert read(Restored(url), WATCH_ID) == by_round([*old, fresh])
    assert (watch.note, watch.config["text"]) == ("a sample", HOSTILE)
    assert [one.received_at_us for one in told] == [START_US + ROUND_US + 1, START_US + 5 * ROUND_US + 1]
    from_us = START_US + ROUND_US + 4 * SECOND_US
    assert spells == [BlindSpell(why=Blindness.NOT_RUNNING, from_us=from_us, to_us=START_US + 5 * ROUND_US)]
    assert server.admin(database, "SELECT count(*) FROM observatory.texts WHERE length(data) = 14") == [(1,)]
