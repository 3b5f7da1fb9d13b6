"""Days of PostgreSQL in the sealed Parquet of a data folder: each fact once, whether a month was dropped or not."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from electrum_observatory.cli.main import app
from electrum_observatory.cli.watch_stores import open_watch_source
from electrum_observatory.model.errors import StoreError
from electrum_observatory.model.watch import Question
from electrum_observatory.net.clock import SystemClock
from electrum_observatory.store.postgres.archive import seal_days
from electrum_observatory.store.postgres.sink import PostgresWatchSink
from electrum_observatory.store.postgres.source import PostgresWatchReader
from electrum_observatory.store.watching.columns import columns_of, joined, news_columns_of
from electrum_observatory.store.watching.source import WatchReader
from tests.contract.watch_facts import ENDPOINTS, HOSTILE, answered, new_watch, news_at, refused, round_at, stint_at
from tests.contract.watch_stores import by_round, read
from tests.contract.watch_stores import read_news as told_news
from tests.postgres.server import PostgresServer

DAY_US = 86_400_000_000
DECEMBER_US = 1_796_083_200_000_000
FIRST_US = 1_796_000_400_000_000  # 2026-11-30T01:00:00Z
HISTOGRAM = b'{"jsonrpc":"2.0","result":[[12,128812],[4,92524]],"id":20}\n'


class Archive:
    """A database with a watch of three days over the end of a month, and a data folder for what is sealed."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url = url
        self.folder = folder
        self.watch = new_watch()
        self.made = [
            (
                round_at(FIRST_US + step * DAY_US // 4, step + 1),
                [answered(one, histogram=HISTOGRAM, tip=b"%d" % step) for one in ENDPOINTS[:3]]
                + [refused(ENDPOINTS[3], HOSTILE)],
            )
            for step in range(12)
        ]
        self.news = [news_at(made.started_at_us + 5, height=900_000 + made.number) for made, _ in self.made]
        with PostgresWatchSink.open(url, SystemClock()) as sink:
            sink.begin_stint_now(self.watch, stint_at(FIRST_US))
            sink.record_columns(joined([columns_of(*one) for one in self.made]))
            sink.record_news_columns(news_columns_of(self.news))

    def seal(self, before: str) -> list[str]:
        with PostgresWatchReader.open(self.url) as reader:
            return [piece.from_day for piece in seal_days(reader, self.folder, before)]

    def source(self):
        return open_watch_source(self.folder, self.url)


@pytest.fixture
def archive(server: PostgresServer, database: str, tmp_path: Path) -> Archive:
    return Archive(server.url(database), tmp_path / "data")


def test_finished_days_are_sealed_once(archive: Archive) -> None:
    assert archive.seal("2026-12-02") == ["2026-11-30", "2026-12-01"]
    assert archive.seal("2026-12-02") == []
    assert archive.seal("2027-01-01") == ["2026-12-02"]


def test_what_is_sealed_and_still_there_is_told_once(archive: Archive) -> None:
    archive.seal("2026-12-02")

    assert read(archive, archive.watch.watch_id) == by_round(archive.made)
    assert told_news(archive, archive.watch.watch_id) == archive.news


def test_a_month_that_was_sealed_and_dropped_is_still_told(
    archive: Archive, server: PostgresServer, database: str
) -> None:
    archive.seal("2027-01-01")
    november = [one for one in archive.made if one[0].started_at_us < DECEMBER_US]

    server.admin(database, *(f"DROP TABLE observatory.{one}_2026_11" for one in ("readings", "news", "texts")))

    assert read(archive, archive.watch.watch_id) == by_round(archive.made)
    server.admin(database, f"DELETE FROM observatory.rounds WHERE started_at_us < {DECEMBER_US}")
    assert read(archive, archive.watch.watch_id) == by_round(archive.made)
    assert told_news(archive, archive.watch.watch_id) == archive.news
    assert read(archive, archive.watch.watch_id, FIRST_US, november[-1][0].started_at_us) == by_round(november[:-1])
    wished = read(archive, archive.watch.watch_id, endpoints=[ENDPOINTS[3]], questions=[Question.TIP])
    assert [len(one) for one in wished.values()] == [1] * len(archive.made)


def test_a_day_that_got_facts_after_it_was_sealed_gets_a_further_piece(archive: Archive) -> None:
    archive.seal("2026-12-02")
    late = (round_at(FIRST_US + 60_000_000, 99), [answered(ping=b"late")])  # the clock was set back
    with PostgresWatchSink.open(archive.url, SystemClock()) as sink:
        sink.begin_stint_now(archive.watch, stint_at(FIRST_US + 4 * DAY_US))
        sink.record_columns(columns_of(*late))

    assert archive.seal("2026-12-02") == ["2026-11-30"]
    assert archive.seal("2026-12-02") == []
    assert read(archive, archive.watch.watch_id) == by_round([*archive.made, late])


def test_a_folder_that_cannot_be_written_is_told(archive: Archive) -> None:
    archive.folder.parent.mkdir(exist_ok=True)
    archive.folder.write_text("not a folder")

    with pytest.raises(StoreError, match="cannot seal days in"):
        archive.seal("2026-12-02")


def test_the_command_seals_what_the_variable_names_and_repeats_no_url(
    server: PostgresServer, database: str, tmp_path: Path
) -> None:
    watch, url = new_watch(), server.url(database)
    with PostgresWatchSink.open(url, SystemClock()) as sink:
        sink.begin_stint_now(watch, stint_at())
        sink.record_columns(columns_of(round_at(1_600_000_000_000_000, 1), [refused()]))  # in September of 2020

    run = CliRunner(env={"OBSERVATORY_STORE__URL": url}).invoke(app, ["watches", "seal", "--data", str(tmp_path)])

    assert (run.exit_code, f"{watch.watch_id}: 2020-09-13, 1 rounds, 1 readings" in run.output) == (0, True)
    assert url not in run.output
    with WatchReader.open(tmp_path) as reader:
        assert [piece.from_day for piece in reader.pieces(watch.watch_id)] == ["2020-09-13"]
