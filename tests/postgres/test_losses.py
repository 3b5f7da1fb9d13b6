"""A server that dies, restarts or is not heard: every round is kept whole and once, or is said not to be kept."""

import asyncio
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from electrum_observatory.model.errors import StoreError
from electrum_observatory.net.clock import SystemClock
from electrum_observatory.store.postgres.sink import PostgresWatchSink
from electrum_observatory.store.postgres.source import PostgresWatchReader
from electrum_observatory.store.watching.columns import columns_of, joined, readings_of
from tests.contract.watch_facts import ENDPOINTS, HOSTILE, answered, new_watch, news_at, nth_round, refused, stint_at
from tests.postgres import killed_writer
from tests.postgres.cutting import CuttingLine
from tests.postgres.server import PostgresServer

SOON_S = (0.05,) * 1_200
"""Pauses of a sink that waits for a server which is being started again."""

_CANCEL = "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
_WAITING = (
    "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND application_name LIKE 'observatory%'"
)


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    """A server of our own, which acknowledges what is on the disk, and which we may kill."""
    running = PostgresServer.start(durable=True)
    try:
        yield running
    finally:
        running.remove()


@pytest.fixture(scope="module")
def database(server: PostgresServer) -> str:
    return server.create("watch")


def open_sink(url: str, pauses_s: tuple[float, ...] = SOON_S) -> PostgresWatchSink:
    return PostgresWatchSink.open(url, SystemClock(), pauses_s=pauses_s)


def kept_rounds(url: str, watch_id: str) -> list[tuple[int, int]]:
    """Number of each round that was kept, with how many readings, blind spells not there."""
    with PostgresWatchReader.open(url) as reader:
        columns = reader.readings(watch_id)
        assert list(reader.spells(watch_id)) == []
    counts = dict.fromkeys((made.number for made in columns.rounds), 0)
    for made, _ in readings_of(columns):
        counts[made.number] += 1
    return list(counts.items())


async def until_waiting(server: PostgresServer, database: str) -> None:
    """Return once a sink waits for a lock on the server; each turn lets the loop run."""
    async with asyncio.timeout(30):
        while not (await asyncio.to_thread(server.admin, database, _WAITING))[0][0]:
            pass


async def test_a_server_that_was_killed_between_rounds_is_found_again(server: PostgresServer, database: str) -> None:
    watch, url = new_watch(), server.url(database)
    readings = [answered(one, ping=b"pong") for one in ENDPOINTS]
    with open_sink(url) as sink:
        await sink.begin_stint(watch, stint_at())
        await sink.record_round(nth_round(1), readings)

        server.kill()
        server.resume()
        await sink.record_round(nth_round(2), readings)
        await sink.record_news([news_at(nth_round(2).started_at_us)])

    assert kept_rounds(url, watch.watch_id) == [(1, 5), (2, 5)]


async def test_a_round_during_which_the_server_was_killed_is_kept_once(server: PostgresServer, database: str) -> None:
    watch, url = new_watch(), server.url(database)
    with open_sink(url) as sink:
        await sink.begin_stint(watch, stint_at())
        async with asyncio.TaskGroup() as group:
            with server.locked(database, "stints"):  # which is the last that a round writes to
                group.create_task(sink.record_round(nth_round(1), [answered(histogram=b"h"), refused()]))
                await until_waiting(server, database)
                server.kill()
            server.resume()

        await sink.record_round(nth_round(2), [])

    assert kept_rounds(url, watch.watch_id) == [(1, 2), (2, 0)]


def test_what_a_killed_monitor_had_kept_is_there_and_its_watch_is_free(server: PostgresServer, database: str) -> None:
    url, third = server.url(database), nth_round(3)
    command = [sys.executable, "-m", killed_writer.__name__, url]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=Path(__file__).parents[2]) as writer:
        assert writer.stdout is not None
        said = writer.stdout.readline()
        writer.kill()
    assert said == b"acknowledged\n"

    with open_sink(url) as sink:
        sink.begin_stint_now(killed_writer.WATCH, stint_at(third.started_at_us))
        sink.record_columns(columns_of(third, []))

    with PostgresWatchReader.open(url) as reader:
        assert [one.number for one in reader.readings(killed_writer.WATCH.watch_id).rounds] == [1, 2, 3]
        (spell,) = reader.spells(killed_writer.WATCH.watch_id)
    last = nth_round(2)
    assert (spell.from_us, spell.to_us) == (last.started_at_us + last.duration_us, third.started_at_us)


@pytest.fixture
def line(server: PostgresServer) -> Iterator[tuple[CuttingLine, Path]]:
    """A line to the server that can be cut, and the folder to name as the host."""
    folder = Path(tempfile.mkdtemp(prefix="observatory-line-"))
    try:
        with CuttingLine(folder, server.folder / f".s.PGSQL.{server.port}") as line:
            yield line, folder
    finally:
        shutil.rmtree(folder)


async def test_what_was_committed_unheard_is_not_kept_twice(
    server: PostgresServer, database: str, line: tuple[CuttingLine, Path]
) -> None:
    (cutter, folder), watch = line, new_watch()
    made = [(nth_round(number), [answered(tip=b"%d" % number), refused()]) for number in (2, 3)]
    with open_sink(server.url(database, host=str(folder))) as sink:
        cutter.arm(2)  # the first is that of the lock
        await sink.begin_stint(watch, stint_at())
        cutter.arm()
        await sink.record_round(nth_round(1), [answered(ping=b"pong")])
        cutter.arm()
        await sink.record_news([news_at(nth_round(1).started_at_us)])
        cutter.arm()
        await asyncio.to_thread(sink.record_columns, joined([columns_of(*one) for one in made]))
        cutter.arm()
        await sink.heartbeat(nth_round(4).started_at_us, 10**15)

    url = server.url(database)
    assert cutter.cuts == 5
    assert kept_rounds(url, watch.watch_id) == [(1, 1), (2, 2), (3, 2)]
    with PostgresWatchReader.open(url) as reader:
        assert len(reader.stints(watch.watch_id)) == 1
        assert len(reader.news(watch.watch_id).height) == 1
        assert list(reader.spells(watch.watch_id)) == []


async def test_a_round_whose_fate_was_unknown_does_not_swallow_the_next(
    server: PostgresServer, database: str, line: tuple[CuttingLine, Path]
) -> None:
    (cutter, folder), watch = line, new_watch()
    with open_sink(server.url(database, host=str(folder)), pauses_s=()) as sink:
        await sink.begin_stint(watch, stint_at())
        cutter.arm()
        with pytest.raises(StoreError, match="round 1 may have been kept or not"):
            await sink.record_round(nth_round(1), [refused()])

        await sink.record_round(nth_round(2), [refused()])

    assert kept_rounds(server.url(database), watch.watch_id) == [(1, 1), (2, 1)]


async def test_a_server_that_stays_away_is_reported_and_may_come_back(server: PostgresServer, database: str) -> None:
    watch, url = new_watch(), server.url(database)
    with open_sink(url, pauses_s=(0.01, 0.01)) as sink:
        await sink.begin_stint(watch, stint_at())
        server.kill()
        try:
            with pytest.raises(StoreError, match=r"round 1 was not kept: .*To do: check that it runs"):
                await sink.record_round(nth_round(1), [refused(detail=HOSTILE)])
        finally:
            server.resume()

        await sink.record_round(nth_round(2), [refused(detail=HOSTILE)])

    assert kept_rounds(url, watch.watch_id) == [(2, 1)]


async def test_the_loop_runs_on_while_the_server_makes_a_round_wait(server: PostgresServer, database: str) -> None:
    watch = new_watch()
    with open_sink(server.url(database)) as sink:
        await sink.begin_stint(watch, stint_at())
        async with asyncio.TaskGroup() as group:
            with server.locked(database, "rounds"):
                recording = group.create_task(sink.record_round(nth_round(1), []))
                await until_waiting(server, database)  # which is the loop at work
                assert not recording.done()

    assert kept_rounds(server.url(database), watch.watch_id) == [(1, 0)]


async def test_a_statement_that_takes_too_long_is_given_up(server: PostgresServer, database: str) -> None:
    watch = new_watch()
    url = server.url(database)
    with open_sink(url) as sink:
        await sink.begin_stint(watch, stint_at())
        async with asyncio.TaskGroup() as group:
            with server.locked(database, "rounds"):
                recording = group.create_task(_refusal(sink))
                await until_waiting(server, database)
                server.admin(database, _CANCEL)
                await recording
        assert "round 1 was not kept" in recording.result()

        await sink.record_round(nth_round(2), [])

    assert kept_rounds(url, watch.watch_id) == [(2, 0)]


async def _refusal(sink: PostgresWatchSink) -> str:
    with pytest.raises(StoreError) as refusal:
        await sink.record_round(nth_round(1), [])
    return str(refusal.value)
