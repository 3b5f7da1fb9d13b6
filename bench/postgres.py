"""The larger live store on a real server: how fast a watch goes into PostgreSQL and comes out again."""

import asyncio
import time
from dataclasses import dataclass
from itertools import islice

from bench.frame import Bench, Figure, RowResult
from bench.watch_days import BOOT, DAY_US, MIDNIGHT_US, Scene, days
from electrum_observatory.model.watch import Stint, Watch
from electrum_observatory.model.watch_ports import NOTHING
from electrum_observatory.net.clock import SystemClock
from electrum_observatory.store.postgres.sink import PostgresWatchSink
from electrum_observatory.store.postgres.source import PostgresWatchReader
from electrum_observatory.store.watching.columns import columns_of, readings_of
from tests.postgres.server import PostgresServer

SCENE = Scene(servers=1_000, distinct=150, days=1, seed=0)
SMALL = Scene(servers=24, distinct=6, days=1, seed=0, every=24)
_WATCH_ID = "20261120T000000Z-bench-0a1b2c"
_SINGLY_ID = "20261120T000000Z-bench-0a1b2d"
_ROUNDS_SINGLY = 12


@dataclass(slots=True)
class Times:
    """What was measured.

    Attributes:
        readings: Readings handed over.
        texts: Distinct texts handed over.
        write_s: Time until they were on the disk, in bulk.
        round_s: Time of one round that is recorded by itself, the longest.
        day_s: Time of reading the day with all texts.
        server_s: Time of reading one server's day.
        missing: Readings and texts that were not read back.
        found: Readings of that one server.
        megabytes: Tables with their indexes.
    """

    readings: int = 0
    texts: int = 0
    write_s: float = 0.0
    round_s: float = 0.0
    day_s: float = 0.0
    server_s: float = 0.0
    missing: int = 0
    found: int = 0
    megabytes: float = 0.0


async def run(bench: Bench) -> RowResult:
    """Keep a day of a watch, in bulk and round by round, and read it."""
    shape = SMALL if bench.small else SCENE
    scene = Scene(servers=shape.servers, distinct=shape.distinct, days=1, seed=bench.seed, every=shape.every)
    times = await asyncio.to_thread(_measure, scene)
    return RowResult(
        figures=(
            Figure(name="facts lost", measured=times.missing, at_most=0, always=True),
            Figure(name="one server's readings of the day", measured=times.found, at_least=1, always=True),
            Figure(name="written in bulk, texts and disk included", measured=times.readings / times.write_s, unit="/s"),
            Figure(name=f"one round of {scene.servers} servers, longest", measured=times.round_s * 1e3, unit="ms"),
            Figure(name="a day's readings with all texts", measured=times.day_s, unit="s"),
            Figure(name="one server's day", measured=times.server_s * 1e3, unit="ms"),
            Figure(name="a day in the database", measured=times.megabytes, unit="MB"),
        ),
        facts={"servers": scene.servers, "readings": times.readings, "texts": times.texts, "seed": bench.seed},
    )


def _measure(scene: Scene) -> Times:
    server = PostgresServer.start(durable=True)
    try:
        url, times = server.url(server.create("watch")), Times()
        _write(url, scene, times)
        _write_singly(url, scene, times)
        _read(url, scene, times)
        size = "SELECT sum(pg_total_relation_size(inhrelid)) / 1e6 FROM pg_inherits JOIN pg_class ON oid = inhrelid"
        times.megabytes = float(server.admin("watch", f"{size} WHERE relkind = 'r'")[0][0])
    finally:
        server.remove()
    return times


def _write(url: str, scene: Scene, times: Times) -> None:
    told: set[bytes] = set()
    with PostgresWatchSink.open(url, SystemClock()) as sink:
        sink.begin_stint_now(_watch(_WATCH_ID), _stint())
        for readings, news in days(scene):
            for text_at in readings.text_at.values():
                told.update(readings.texts[at] for at in set(text_at.tolist()) - {NOTHING})
            begun = time.perf_counter()
            times.readings += sink.record_columns(readings)
            sink.record_news_columns(news)
            times.write_s += time.perf_counter() - begun
    times.texts = len(told)


def _write_singly(url: str, scene: Scene, times: Times) -> None:
    """Record the first rounds once more, as the monitor does: one transaction each, awaited."""
    columns, _ = next(iter(days(scene)))
    every = list(readings_of(columns))
    with PostgresWatchSink.open(url, SystemClock()) as sink:
        sink.begin_stint_now(_watch(_SINGLY_ID), _stint())
        for made in islice(columns.rounds, _ROUNDS_SINGLY):
            of_round = columns_of(made, [reading for one, reading in every if one is made])
            begun = time.perf_counter()
            sink.record_columns(of_round)
            times.round_s = max(times.round_s, time.perf_counter() - begun)


def _read(url: str, scene: Scene, times: Times) -> None:
    with PostgresWatchReader.open(url) as reader:
        begun = time.perf_counter()
        day = reader.readings(_WATCH_ID, MIDNIGHT_US, MIDNIGHT_US + DAY_US)
        times.day_s = time.perf_counter() - begun
        begun = time.perf_counter()
        times.found = len(reader.readings(_WATCH_ID, endpoints=scene.endpoints[7:8]).round_at)
        times.server_s = time.perf_counter() - begun
    times.missing = times.readings - len(day.round_at) + times.texts - len(day.texts)


def _watch(watch_id: str) -> Watch:
    return Watch(
        watch_id=watch_id,
        vantage="bench",
        network="bitcoin",
        started_at_us=MIDNIGHT_US,
        config={},
        config_sha256="0" * 64,
    )


def _stint() -> Stint:
    return Stint(started_at_us=MIDNIGHT_US, started_monotonic_ns=0, boot_id=BOOT, tool_version="bench")
