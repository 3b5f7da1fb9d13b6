"""What a person lists and forgets of a database: whole months that are over, everybody's or one watch's."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from typer.testing import CliRunner

from electrum_observatory.cli.exits import Exit
from electrum_observatory.cli.main import app
from electrum_observatory.model.errors import UsageError
from electrum_observatory.model.watch import Blindness, BlindSpell, Watch
from electrum_observatory.net.clock import SystemClock
from electrum_observatory.store.postgres.retention import Retention
from electrum_observatory.store.postgres.sink import PostgresWatchSink
from electrum_observatory.store.watching.columns import columns_of, joined, news_columns_of
from tests.contract.watch_facts import answered, new_watch, news_at, refused, round_at, stint_at
from tests.postgres.server import PostgresServer

DAY_US = 86_400_000_000
OCTOBER_US = 1_601_510_400_000_000  # 2020-10-01
FIRST_US = OCTOBER_US - 2 * DAY_US


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A database with two watches of four days over the end of September 2020."""

    url: str
    database: str
    server: PostgresServer
    watches: tuple[Watch, Watch]
    folder: Path

    def run(self, *words: str) -> str:
        """Run `observatory watches` as somebody whose environment names the database."""
        line = ["watches", *words, "--data", str(self.folder)]
        told = CliRunner(env={"OBSERVATORY_STORE__URL": self.url}).invoke(app, line, catch_exceptions=False)
        assert told.exit_code == Exit.DONE, told.output
        assert self.url not in told.output
        return told.stdout if "--json" in words else told.output

    def count(self, table: str) -> int:
        return self.server.admin(self.database, f"SELECT count(*) FROM observatory.{table}")[0][0]

    def months(self) -> list[str]:
        parts = "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'observatory.texts'::regclass"
        return sorted(name[-7:] for (name,) in self.server.admin(self.database, parts))


@pytest.fixture
def kept(server: PostgresServer, make_database: Callable[[], str], tmp_path: Path) -> Kept:
    database, watches = make_database(), (new_watch(), new_watch())
    url = server.url(database)
    with PostgresWatchSink.open(url, SystemClock()) as sink:
        for watch in watches:
            sink.begin_stint_now(watch, stint_at(FIRST_US))
            made = [round_at(FIRST_US + step * DAY_US // 2, step + 1) for step in range(8)]
            read = [answered(tip=watch.watch_id.encode()), refused()]
            sink.record_columns(joined([columns_of(one, read) for one in made]))
            sink.record_news_columns(news_columns_of([news_at(one.started_at_us) for one in made]))
    return Kept(url=url, database=database, server=server, watches=watches, folder=tmp_path / "data")


def test_a_database_is_listed_and_what_was_sealed_of_it_counts_once(kept: Kept) -> None:
    first, second = json.loads(kept.run("list", "--json"))
    kept.run("seal")
    sealed, _ = json.loads(kept.run("list", "--json"))
    shown = kept.run("list")

    assert [one["watch_id"] for one in (first, second)] == [watch.watch_id for watch in kept.watches]
    assert (first["live"], first["sealed"]["bytes"], first["stints"]) == ({"rounds": 8, "readings": 16}, 0, 1)
    assert first["last_sign_at"].startswith("2020-10-02T12:00:04")
    assert sealed["live"] == {"rounds": 0, "readings": 0}
    assert (sealed["sealed"]["rounds"], sealed["sealed"]["readings"], sealed["sealed"]["news"]) == (8, 16, 8)
    assert "\t8\t16\t2020-10-02\t" in shown


def test_months_that_are_older_go_and_the_month_of_the_day_stays(kept: Kept) -> None:
    with pytest.raises(UsageError, match="8 live rounds of 2020-09 in PostgreSQL from before 2020-10-02 for good"):
        kept.run("forget", "--before", "2020-10-02")
    forgotten = json.loads(kept.run("forget", "--before", "2020-10-02", "--yes", "--json"))
    again = kept.run("forget", "--before", "2020-10-02", "--yes")

    assert (forgotten["months"], forgotten["live_rounds"]) == (["2020-09"], 8)
    assert forgotten["kept_months"] == [{"watch_id": one.watch_id, "month": "2020-10"} for one in kept.watches]
    assert kept.months() == ["2020_10"]
    assert [kept.count(table) for table in ("rounds", "readings", "news", "stints")] == [8, 16, 8, 2]
    assert "2020-10 goes as a whole" in again
    assert "Nothing is older than 2020-10-02" in again


def test_one_watch_is_forgotten_and_the_other_keeps_its_month(kept: Kept) -> None:
    mine, other = kept.watches

    kept.run("forget", "--before", "2020-11-01", "--watch", mine.watch_id, "--yes")

    assert kept.months() == ["2020_09", "2020_10"]
    assert [kept.count(table) for table in ("rounds", "readings", "news")] == [8, 16, 8]
    first, second = json.loads(kept.run("list", "--json"))
    assert (first["live"]["rounds"], second["live"]) == (0, {"rounds": 8, "readings": 16})
    kept.run("forget", "--before", "2020-11-01", "--watch", other.watch_id, "--yes")
    assert kept.months() == []  # nobody's facts are in them any more, nor the texts of the first
    assert [kept.count(table) for table in ("rounds", "readings", "news", "texts")] == [0, 0, 0, 0]


def test_sealed_days_are_forgotten_with_the_months(kept: Kept) -> None:
    kept.run("seal")

    forgotten = json.loads(kept.run("forget", "--before", "2020-10-02", "--yes", "--json"))

    assert {one["from_day"] for one in forgotten["pieces"]} == {"2020-09-29", "2020-09-30"}
    assert (forgotten["sealed_readings"], forgotten["live_rounds"]) == (16, 8)
    first, _ = json.loads(kept.run("list", "--json"))
    assert (first["live"]["rounds"], first["sealed"]["rounds"]) == (0, 4)
    assert kept.run("seal").endswith("No finished day is left to seal.\n")


def test_a_month_that_is_being_written_stays_whatever_day_is_named(kept: Kept) -> None:
    ids = [one.watch_id for one in kept.watches]
    with PostgresWatchSink.open(kept.url, SystemClock()) as writer, Retention.open(kept.url) as retention:
        writer.begin_stint_now(kept.watches[0], stint_at(OCTOBER_US + 2 * DAY_US))
        writer.record_columns(columns_of(round_at(OCTOBER_US + 2 * DAY_US, 9), [refused()]))

        found = retention.find(ids, OCTOBER_US + 999 * DAY_US, now_us=OCTOBER_US + 2 * DAY_US)
        retention.forget(found)

        writer.record_columns(columns_of(round_at(OCTOBER_US + 2 * DAY_US + 1, 10), [refused()]))
    assert ([one.month.name for one in found.months], found.rounds) == (["2020_09"], 8)
    assert kept.count("rounds") == 10


def test_blind_spells_go_with_their_months(kept: Kept) -> None:
    old, late = (
        BlindSpell(why=Blindness.NO_NETWORK, from_us=at, to_us=at + 1) for at in (FIRST_US, OCTOBER_US + DAY_US)
    )
    statement = "INSERT INTO observatory.spells (watch_pk, why, from_us, to_us, step_us) VALUES (1, '{}', {}, {}, 0)"
    for spell in (old, late):
        kept.server.admin(kept.database, statement.format(spell.why, spell.from_us, spell.to_us))

    kept.run("forget", "--before", "2020-10-02", "--yes")

    assert kept.server.admin(kept.database, "SELECT from_us FROM observatory.spells") == [(late.from_us,)]


def test_there_is_nothing_to_compact_in_a_database_but_its_sealed_days(kept: Kept) -> None:
    before = kept.run("compact")
    kept.run("seal")
    made = json.loads(kept.run("compact", "--json"))

    assert "PostgreSQL keeps whole months" in before
    assert {(one["from_day"], one["to_day"]) for one in made} == {
        ("2020-09-01", "2020-09-30"),
        ("2020-10-01", "2020-10-31"),
    }
