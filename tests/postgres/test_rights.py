"""Who may write, who may read, what is refused, and that no password is told."""

import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from electrum_observatory.cli.watch_stores import open_watch_sink, open_watch_source
from electrum_observatory.model.errors import StoreError, UsageError
from electrum_observatory.net.clock import SystemClock
from electrum_observatory.store.postgres.lock import WatchLock
from electrum_observatory.store.postgres.migrations import MIGRATIONS, Migration, migrate
from electrum_observatory.store.postgres.place import Place
from electrum_observatory.store.postgres.sink import PostgresWatchSink
from electrum_observatory.store.postgres.source import PostgresWatchReader
from electrum_observatory.store.watching.columns import columns_of
from tests.contract.watch_facts import answered, new_watch, nth_round, refused, round_at, stint_at
from tests.postgres.server import PostgresServer

SECRET = "tell-nobody"
PAGE = (Path(__file__).parents[2] / "docs" / "postgresql.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def shared(make_database: Callable[[], str]) -> str:
    """A database for tests that leave its tables as they are."""
    return make_database()


def open_sink(url: str) -> PostgresWatchSink:
    return PostgresWatchSink.open(url, SystemClock(), pauses_s=())


def test_a_second_writer_of_a_watch_is_refused_and_told_of_the_first(server: PostgresServer, shared: str) -> None:
    watch, url = new_watch(), server.url(shared)
    with open_sink(url) as first, open_sink(url) as second:
        first.begin_stint_now(watch, stint_at())

        with pytest.raises(StoreError, match=r"is being written by observatory \d+ from .*end that monitor first"):
            second.begin_stint_now(watch, stint_at(nth_round(2).started_at_us))

        first.record_columns(columns_of(nth_round(1), [refused()]))
        second.begin_stint_now(new_watch(), stint_at())  # another watch is nobody's
        second.record_columns(columns_of(nth_round(1), [refused()]))
    with PostgresWatchReader.open(url) as reader:
        assert len(reader.stints(watch.watch_id)) == 1


def test_a_watch_is_free_when_its_writer_has_gone_or_taken_up_another(server: PostgresServer, shared: str) -> None:
    watch, url = new_watch(), server.url(shared)
    with open_sink(url) as first:
        first.begin_stint_now(watch, stint_at())
    with open_sink(url) as second, open_sink(url) as third:
        second.begin_stint_now(watch, stint_at(nth_round(2).started_at_us))
        second.begin_stint_now(new_watch(), stint_at())

        third.begin_stint_now(watch, stint_at(nth_round(3).started_at_us))

    with PostgresWatchReader.open(url) as reader:
        assert len(reader.stints(watch.watch_id)) == 3


def test_a_writer_whose_watch_was_taken_over_while_the_line_was_cut_is_told(
    server: PostgresServer, shared: str
) -> None:
    watch, url = new_watch(), server.url(shared)
    with PostgresWatchSink.open(url, SystemClock(), pauses_s=(0.01,)) as first:
        first.begin_stint_now(watch, stint_at())
        server.admin(shared, _END_ALL)
        with open_sink(url) as taker:
            taker.begin_stint_now(watch, stint_at(nth_round(2).started_at_us))

            with pytest.raises(StoreError, match="is being written by"):
                first.record_columns(columns_of(nth_round(1), [refused()]))


def test_a_session_of_ours_that_the_server_still_holds_for_alive_is_ended(server: PostgresServer, shared: str) -> None:
    watch = new_watch()
    place = Place(server.url(shared))
    lock = WatchLock(watch.watch_id)
    with place.connect() as lost, place.connect() as found:
        lock.take(lost)
        lost.commit()

        lock.take(found)

        with place.connect() as stranger, pytest.raises(StoreError, match="is being written by"):
            WatchLock(watch.watch_id).take(stranger)
        with pytest.raises(psycopg.OperationalError):
            lost.execute("SELECT 1")


def test_whoever_may_only_look_can_read_and_not_write(server: PostgresServer, database: str) -> None:
    watch, made = new_watch(), nth_round(1)
    with open_sink(server.url(database)) as sink:
        sink.begin_stint_now(watch, stint_at())
        sink.record_columns(columns_of(made, [answered(tip=b"tip"), refused()]))
    server.admin(database, *_granted_in_the_page())

    with PostgresWatchReader.open(server.url(database, "looker")) as reader:
        assert list(reader.readings(watch.watch_id).rounds) == [made]
    with pytest.raises(StoreError, match="lacks a right"), open_sink(server.url(database, "looker")) as sink:
        sink.begin_stint_now(new_watch(), stint_at())


def test_a_role_that_may_not_make_a_schema_uses_the_one_that_was_made_for_it(
    server: PostgresServer, database: str
) -> None:
    server.admin(
        database, f"REVOKE CREATE ON DATABASE {database} FROM observatory", f"ALTER DATABASE {database} OWNER TO admin"
    )
    with pytest.raises(StoreError, match="lacks a right"):
        open_sink(server.url(database))
    server.admin(database, "CREATE SCHEMA observatory AUTHORIZATION observatory")

    with open_sink(server.url(database)) as sink:
        sink.begin_stint_now(new_watch(), stint_at())


def test_acknowledged_means_on_the_disk_whatever_the_database_is_set_to(server: PostgresServer, database: str) -> None:
    server.admin(database, f"ALTER DATABASE {database} SET synchronous_commit TO off")

    with Place(server.url(database)).connect() as connection:
        assert connection.execute("SHOW synchronous_commit").fetchone() == ("on",)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://observatory:tell%2-nobody@localhost/watch",
        "postgresql://observatory:tell-nobody@/watch?no_such_thing=tell-nobody",
        "mysql://observatory:tell-nobody@localhost/watch",
        "tell-nobody",
    ],
)
def test_a_url_that_is_none_is_refused_without_repeating_it(tmp_path, url: str) -> None:
    with pytest.raises(UsageError) as refusal, open_watch_sink(tmp_path, url, SystemClock()):
        pass
    assert "nobody" not in str(refusal.value)
    with pytest.raises(UsageError) as refusal, open_watch_source(tmp_path, url):
        pass
    assert "nobody" not in str(refusal.value)


def test_a_password_stands_in_no_message_and_nowhere_in_the_database(
    server: PostgresServer, database: str, capfd: pytest.CaptureFixture[str]
) -> None:
    server.admin(database, f"GRANT CREATE ON DATABASE {database} TO locked")
    right, wrong = (
        f"postgresql://locked:{one}@127.0.0.1:{server.port}/{database}" for one in (SECRET, "guessed-wrong")
    )

    with pytest.raises(
        StoreError, match=r"password authentication failed.*To do: check .* the user, password and database"
    ) as refusal:
        open_sink(wrong)
    with open_sink(right) as sink:
        sink.begin_stint_now(new_watch(), stint_at())
        told = repr(sink) + str(vars(sink)) + repr(Place(right)) + str(Place(right))
    with PostgresWatchReader.open(right) as reader, pytest.raises(UsageError) as unknown:
        reader.readings("20260101T000000Z-nobody-ffffff")

    assert "guessed-wrong" not in str(refusal.value)
    assert SECRET not in told + str(unknown.value)
    assert SECRET not in "".join(capfd.readouterr())
    dump = subprocess.run(["pg_dump", server.url(database, "admin")], check=True, capture_output=True, text=True)
    assert "CREATE TABLE observatory.stints" in dump.stdout
    assert SECRET not in dump.stdout


def test_words_of_the_server_that_hold_the_password_are_told_without_it() -> None:
    error = psycopg.OperationalError(f"cannot do anything with {SECRET}\nmore of it")

    assert SECRET not in str(Place(f"postgresql://me:{SECRET}@host/watch").explain(error))


def test_a_server_that_is_not_there_is_told_by_name(server: PostgresServer) -> None:
    with pytest.raises(StoreError, match=r"PostgreSQL database watch at /nowhere: .*To do: check that it runs"):
        open_sink("postgresql://observatory@/watch?host=/nowhere")
    with pytest.raises(StoreError, match=r'"no_such" does not exist\. To do:'):
        open_sink(server.url("no_such"))


def test_a_database_without_watches_is_told_from_a_broken_one(server: PostgresServer, database: str) -> None:
    with pytest.raises(UsageError, match="holds no watch yet"):
        PostgresWatchReader.open(server.url(database))


def test_tables_of_a_newer_program_are_refused(server: PostgresServer, database: str) -> None:
    url = server.url(database)
    open_sink(url).close()
    newer = Migration(version=len(MIGRATIONS) + 1, name="of the future", statements=("CREATE TABLE future ()",))
    with Place(url).connect() as connection:
        migrate(connection, 5, (*MIGRATIONS, newer))

    for open_it in (open_sink, PostgresWatchReader.open):
        with pytest.raises(StoreError, match="use the newer Electrum Observatory"):
            open_it(url)


def test_older_tables_are_brought_up_to_date_with_what_they_hold(server: PostgresServer, database: str) -> None:
    url, watch = server.url(database), new_watch()
    with open_sink(url) as sink:
        sink.begin_stint_now(watch, stint_at())
        sink.record_columns(columns_of(nth_round(1), [answered(tip=b"tip")]))
    step = Migration(
        version=len(MIGRATIONS) + 1, name="a column", statements=("ALTER TABLE rounds ADD COLUMN remark text",)
    )

    with Place(url).connect() as connection:
        migrate(connection, 5, (*MIGRATIONS, step))
        migrate(connection, 6, (*MIGRATIONS, step))

    assert server.admin(database, "SELECT number, remark FROM observatory.rounds") == [(1, None)]
    ledger = server.admin(database, "SELECT schema_version, name, applied_at_us FROM observatory.migrations ORDER BY 1")
    assert ledger[-1] == (step.version, "a column", 5)


def test_a_step_that_fails_leaves_the_tables_as_they_were(server: PostgresServer, database: str) -> None:
    url = server.url(database)
    open_sink(url).close()
    broken = Migration(
        version=len(MIGRATIONS) + 1,
        name="broken",
        statements=("ALTER TABLE rounds ADD COLUMN remark text", "SELECT 1/0"),
    )

    with Place(url).connect() as connection, pytest.raises(psycopg.errors.DivisionByZero):
        migrate(connection, 5, (*MIGRATIONS, broken))

    open_sink(url).close()
    columns = "SELECT count(*) FROM information_schema.columns WHERE table_name = 'rounds' AND column_name = 'remark'"
    assert server.admin(database, columns) == [(0,)]


def test_a_new_month_waits_for_no_reader(server: PostgresServer, database: str) -> None:
    watch, url, december_us = new_watch(), server.url(database), 1_796_083_200_000_000
    with open_sink(url) as sink, psycopg.connect(server.url(database, "admin")) as reader:
        sink.begin_stint_now(watch, stint_at())
        sink.record_columns(columns_of(nth_round(1), [answered(tip=b"tip")]))
        reader.execute("SELECT count(*) FROM observatory.readings JOIN observatory.texts ON true")

        sink.record_columns(columns_of(round_at(december_us, 2), [answered(tip=b"tip")]))

    parts = (
        "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'observatory.readings'::regclass ORDER BY 1"
    )
    assert server.admin(database, parts) == [("observatory.readings_2026_11",), ("observatory.readings_2026_12",)]


def test_a_month_that_was_dropped_is_forgotten_by_who_goes_on_writing(server: PostgresServer, database: str) -> None:
    watch, url = new_watch(), server.url(database)
    with PostgresWatchSink.open(url, SystemClock(), pauses_s=()) as sink:
        sink.begin_stint_now(watch, stint_at())
        sink.record_columns(columns_of(nth_round(1), [answered(tip=b"tip")]))
        tables = [f"DROP TABLE observatory.{one}_2026_11" for one in ("readings", "news", "texts")]
        server.admin(database, *tables)
        with pytest.raises(StoreError, match="was not kept"):
            sink.record_columns(columns_of(nth_round(2), [answered(tip=b"tip")]))

        sink.record_columns(columns_of(nth_round(3), [answered(tip=b"tip")]))

    with PostgresWatchReader.open(url) as reader:
        columns = reader.readings(watch.watch_id)
    assert ([one.number for one in columns.rounds], list(columns.texts)) == ([1, 3], [b"tip"])


def test_what_the_page_shows_can_be_asked(server: PostgresServer, database: str) -> None:
    made = [(nth_round(1), [answered(tip=b"tip"), refused()]), (nth_round(2), [])]
    with open_sink(server.url(database)) as sink:
        sink.begin_stint_now(new_watch(), stint_at())
        for one in made:
            sink.record_columns(columns_of(*one))
    grants, select = re.findall(r"```sql\n(.*?)```", PAGE, re.DOTALL)
    assert grants.count("GRANT") == 2

    yesterday = "extract(epoch FROM (current_date - 1)) * 1000000"
    assert yesterday in select
    rows = server.admin(database, select.replace(yesterday, "0"))

    assert rows == [(1, 1)]


def test_texts_dropped_without_their_readings_are_told(server: PostgresServer, database: str) -> None:
    watch, url = new_watch(), server.url(database)
    with open_sink(url) as sink:
        sink.begin_stint_now(watch, stint_at())
        sink.record_columns(columns_of(nth_round(1), [answered(tip=b"tip")]))
    server.admin(database, "DROP TABLE observatory.texts_2026_11")

    with (
        PostgresWatchReader.open(url) as reader,
        pytest.raises(StoreError, match="drop the readings of that month too"),
    ):
        reader.readings(watch.watch_id)


def _granted_in_the_page() -> list[str]:
    """The statements for a role that only reads, from the page that names them."""
    statements = re.findall(r"^GRANT [^;]+;", PAGE, re.MULTILINE)
    assert len(statements) == 2
    return [one.replace("observatory_reader", "looker") for one in statements]


_END_ALL = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name LIKE 'observatory%'"
