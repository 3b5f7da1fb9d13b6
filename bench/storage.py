"""Years of a watch on one disk: what does a day of 1,000 servers take, how long does reading a server's year take?"""

import asyncio
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench.frame import Bench, Figure, RowResult
from bench.pending_days import keep_pending
from bench.watch_days import BOOT, MIDNIGHT_US, Scene, days
from bench.watch_year import DAYS_OF_A_MONTH, MONTHS, month_of, year_of
from electrum_observatory.model.watch import Question, Stint, Watch
from electrum_observatory.model.watch_ports import NOTHING, Numbers
from electrum_observatory.net.clock import SystemClock
from electrum_observatory.store.files import disk_use
from electrum_observatory.store.live import LiveStore
from electrum_observatory.store.watching.pieces import Piece
from electrum_observatory.store.watching.source import WatchReader

SERVERS, DISTINCT, DAYS = 1_000, 150, 3
DAYS_ALL_DISTINCT = 1
"""No more is asked of them than to be reported, and each takes minutes."""
SMALL_SERVERS, SMALL_DISTINCT, SMALL_DAYS, SMALL_EVERY = 24, 6, 1, 24
PENDING_HOURS, SMALL_PENDING_HOURS = 6, 2
_WATCH_ID = "20261120T000000Z-bench-0a1b2c"
_AFTER = "2027-01-01"
_FEW = (Question.TIP, Question.FEE_FLOOR, Question.ESTIMATES, Question.PING)


@dataclass(slots=True)
class Kept:
    """What keeping a scene cost.

    Attributes:
        readings: Readings handed over.
        write_s: Time until they were on the disk.
        live_bytes: Size of the live database then.
        seal_s: Time of sealing all days.
        pieces: What was sealed.
        lost: Readings and distinct texts that were handed over and not read back from the sealed days.
    """

    readings: int = 0
    write_s: float = 0.0
    live_bytes: int = 0
    seal_s: float = 0.0
    pieces: list[Piece] = field(default_factory=list)
    lost: int = 0

    def bytes_by_table(self) -> Mapping[str, int]:
        """Return what every table takes a day."""
        found: Counter[str] = Counter()
        for piece in self.pieces:
            for file in piece.files:
                found[file.table] += file.bytes
        return {table: round(size / len(self.pieces)) for table, size in sorted(found.items())}

    @property
    def gb_a_year(self) -> float:
        """What 365 such days take."""
        return sum(self.bytes_by_table().values()) * 365 / 1e9


async def run(bench: Bench) -> RowResult:
    """Keep days of a watch, with few distinct histograms and with all distinct, and read one server's year."""
    few, distinct = (_scene(bench, all_distinct=one) for one in (False, True))
    shared = await asyncio.to_thread(_keep, bench.folder / "shared", few)
    apart = await asyncio.to_thread(_keep, bench.folder / "apart", distinct)
    days_of_a_month, months = (2, 2) if bench.small else (DAYS_OF_A_MONTH, MONTHS)
    year = await asyncio.to_thread(_year, bench.folder / "shared", few, shared.pieces[0], days_of_a_month, months)
    hours = SMALL_PENDING_HOURS if bench.small else PENDING_HOURS
    pending = await asyncio.to_thread(
        keep_pending, bench.folder / "pending", _watch(), _stint(), few.endpoints, hours=hours, seed=bench.seed
    )
    return RowResult(
        figures=(
            Figure(
                name=f"{few.distinct} distinct histograms a tick", measured=shared.gb_a_year, unit="GB/year", at_most=4
            ),
            Figure(name="one server's year of readings", measured=year.readings_s, unit="s", at_most=0.5),
            Figure(name="written", measured=shared.readings / shared.write_s, unit="readings/s", at_least=100_000),
            Figure(
                name="facts lost by sealing", measured=shared.lost + apart.lost + pending.lost, at_most=0, always=True
            ),
            Figure(name="one server's readings in that year", measured=year.count, at_least=1, always=True),
            Figure(name="all histograms distinct", measured=apart.gb_a_year, unit="GB/year"),
            Figure(name="pending of three scripts, hourly", measured=pending.gb_a_year, unit="GB/year"),
            Figure(name="live database an hour with these", measured=pending.live_bytes / hours / 1e6, unit="MB"),
            Figure(name="sealing a day", measured=shared.seal_s / few.days, unit="s"),
            Figure(name="sealing a day, all distinct", measured=apart.seal_s / distinct.days, unit="s"),
            Figure(name="live database a day", measured=shared.live_bytes / few.days / 1e6, unit="MB"),
            Figure(name="compacting a month", measured=year.compact_s, unit="s"),
            Figure(name="a month once compacted", measured=year.month_bytes / 1e6, unit="MB"),
            Figure(name="one server's year with all but histograms", measured=year.few_texts_s, unit="s"),
            Figure(name="one server's year with histograms", measured=year.texts_s, unit="s"),
        ),
        facts={
            "servers": few.servers,
            "days": few.days,
            "days_all_distinct": distinct.days,
            "readings_a_day": shared.readings // few.days,
            "bytes_a_day": shared.bytes_by_table(),
            "bytes_a_day_all_distinct": apart.bytes_by_table(),
            "arithmetic": f"{sum(shared.bytes_by_table().values()):,} bytes a day x 365 = {shared.gb_a_year:.2f} GB",
            "year": f"{months} months of {days_of_a_month} days, {few.servers} servers; one day's noise repeated",
            "seed": bench.seed,
        },
    )


def _scene(bench: Bench, *, all_distinct: bool) -> Scene:
    if bench.small:
        servers, distinct, days, every = SMALL_SERVERS, SMALL_DISTINCT, SMALL_DAYS, SMALL_EVERY
    else:
        servers, distinct, days, every = SERVERS, DISTINCT, DAYS_ALL_DISTINCT if all_distinct else DAYS, 1
    return Scene(
        servers=servers, distinct=servers if all_distinct else distinct, days=days, seed=bench.seed, every=every
    )


def _keep(data_dir: Path, scene: Scene) -> Kept:
    """Record a scene, seal it, and compare."""
    kept, seen = Kept(), 0
    told: set[bytes] = set()
    with LiveStore.open(data_dir, SystemClock()) as store:
        sink = store.watching()
        sink.begin_stint_now(_watch(), _stint())
        for readings, news in days(scene):
            told.update(_named(readings.texts, readings.text_at.values()))
            begun = time.perf_counter()
            kept.readings += sink.record_columns(readings)
            sink.record_news_columns(news)
            kept.write_s += time.perf_counter() - begun
        kept.live_bytes = disk_use(data_dir).database
        begun = time.perf_counter()
        kept.pieces = store.seal_watches(_AFTER, apart=scene.every == 1)
        kept.seal_s = time.perf_counter() - begun
    with WatchReader.open(data_dir) as reader:
        for piece in kept.pieces:
            begin = MIDNIGHT_US + kept.pieces.index(piece) * 86_400_000_000
            found = reader.readings(_WATCH_ID, begin, begin + 86_400_000_000)
            seen += len(found.round_at)
            told -= set(found.texts)
    kept.lost = kept.readings - seen + len(told)
    return kept


def _named(texts: Sequence[bytes], columns: Iterable[Numbers]) -> set[bytes]:
    return {texts[at] for column in columns for at in set(column.tolist()) if at != NOTHING}


@dataclass(frozen=True, slots=True, kw_only=True)
class Year:
    """One server's year.

    Attributes:
        compact_s: Time of compacting one month.
        month_bytes: Size of a month.
        count: Its readings.
        readings_s: Time of reading them: when, how it was found, latencies.
        few_texts_s: The same with the answers to every question but histograms.
        texts_s: The same with every answer, byte for byte.
    """

    compact_s: float
    month_bytes: int
    count: int
    readings_s: float
    few_texts_s: float
    texts_s: float


def _year(data_dir: Path, scene: Scene, day: Piece, days_of_a_month: int, months: int) -> Year:
    begun = time.perf_counter()
    month = month_of(data_dir, day, days_of_a_month)
    compacted = time.perf_counter() - begun
    year_of(data_dir, month, months)
    server = scene.endpoints[scene.servers // 2]
    times = []
    with WatchReader.open(data_dir) as reader:
        for questions in ((), _FEW, tuple(Question)):
            begun = time.perf_counter()
            found = reader.readings(_WATCH_ID, None, MIDNIGHT_US, questions=questions, endpoints=[server])
            times.append(time.perf_counter() - begun)
    return Year(
        compact_s=compacted,
        month_bytes=sum(file.bytes for file in month.files),
        count=len(found.round_at),
        readings_s=times[0],
        few_texts_s=times[1],
        texts_s=times[2],
    )


def _watch() -> Watch:
    return Watch(
        watch_id=_WATCH_ID,
        vantage="bench",
        network="bitcoin",
        started_at_us=MIDNIGHT_US,
        config={},
        config_sha256="00" * 32,
    )


def _stint() -> Stint:
    return Stint(started_at_us=MIDNIGHT_US, started_monotonic_ns=4_000_000_000_000, boot_id=BOOT, tool_version="bench")
