"""Where a watch's facts go on a data folder: its live database, by way of the one writer that campaigns use too."""

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from dataclasses import replace
from typing import Any

import numpy as np

from electrum_observatory.model.watch import BlindSpell, Reading, Round, Stint, TipNews, Watch
from electrum_observatory.model.watch_ports import NewsColumns, Numbers, ReadingColumns
from electrum_observatory.store.names import check_campaign_id
from electrum_observatory.store.recorder import Recorder
from electrum_observatory.store.watching import stints
from electrum_observatory.store.watching.columns import NEWS_NUMBERS, columns_of, news_columns_of
from electrum_observatory.store.watching.recorder import StintKey
from electrum_observatory.store.writer import Job, Writer

_ROWS_AT_ONCE = 100_000
"""Rows of a transaction: rounds one by one would wait for the disk thousands of times, a month would fill the log.

Distinct texts find their places anywhere in the index of digests, so that each transaction writes most of its pages:
transactions of a fifth of this write 2.4 times as much, measured over a month."""
_MAX_WAITING = 4


class SqliteWatchSink:
    """Implements ``model.watch_ports.WatchSink``; handed out by ``LiveStore.watching``.

    Recording before a stint has begun, a round whose number was recorded before, and a watch id that could not be part
    of a file name raise ValueError.
    """

    def __init__(self, writer: Writer) -> None:
        """Take the writer, which somebody else closes."""
        self._writer = writer
        self._stint: StintKey | None = None

    async def begin_stint(self, watch: Watch, stint: Stint) -> None:
        """Make the watch known if it is new, and begin a stint."""
        self._stint = await self._writer.run(_beginning(watch, stint))

    async def record_round(self, made: Round, readings: Sequence[Reading]) -> None:
        """Keep a round with all its readings, or nothing of it."""
        key, kept = self._key(), tuple(readings)

        def work(recorder: Recorder) -> None:
            recorder.watch.add_readings(key, columns_of(made, kept))

        await self._writer.run(Job(work=work, weight=len(kept) + 1))

    async def record_news(self, news: Sequence[TipNews]) -> None:
        """Keep what servers told by themselves."""
        key, kept = self._key(), tuple(news)
        await self._writer.run(
            Job(work=lambda recorder: recorder.watch.add_news(key, news_columns_of(kept)), weight=len(kept))
        )

    async def record_blind(self, spell: BlindSpell) -> None:
        """Keep a time in which we saw nothing."""
        watch_pk = self._key().watch_pk
        await self._writer.run(Job(work=lambda recorder: recorder.watch.add_spell(watch_pk, spell)))

    async def heartbeat(self, at_us: int, monotonic_ns: int) -> None:
        """Note that the stint is watching now."""
        key = self._key()
        await self._writer.run(Job(work=lambda recorder: recorder.watch.alive(key, at_us, monotonic_ns)))

    async def end_stint(self, at_us: int, monotonic_ns: int) -> None:
        """Note that the stint ended by itself at this moment."""
        key = self._key()
        await self._writer.run(Job(work=lambda recorder: stints.end(recorder.watch, key, at_us, monotonic_ns)))
        self._stint = None

    def begin_stint_now(self, watch: Watch, stint: Stint) -> None:
        """Do as :meth:`begin_stint`, for callers without an event loop."""
        self._stint = self._writer.run_now(_beginning(watch, stint))

    def record_columns(self, columns: ReadingColumns) -> int:
        """Keep many rounds at once, in transactions of whole rounds; returns the number of readings kept."""
        key = self._key()

        def job(some: ReadingColumns) -> Job:
            return Job(work=lambda recorder: recorder.watch.add_readings(key, some), weight=len(some.round_at))

        return self._record_all((job(some), len(some.round_at)) for some in _whole_rounds(columns))

    def record_news_columns(self, news: NewsColumns) -> int:
        """Keep many at once; returns how many."""
        key = self._key()

        def job(some: NewsColumns) -> Job:
            return Job(work=lambda recorder: recorder.watch.add_news(key, some), weight=len(some.endpoint_at))

        return self._record_all((job(some), len(some.endpoint_at)) for some in _news_parts(news))

    def _record_all(self, jobs: Iterator[tuple[Job, int]]) -> int:
        total = 0
        waiting: deque[Future[Any]] = deque()
        for job, rows in jobs:
            self._writer.submit(job)
            waiting.append(job.done)
            total += rows
            if len(waiting) > _MAX_WAITING:
                waiting.popleft().result()
        for done in waiting:
            done.result()
        return total

    def _key(self) -> StintKey:
        if self._stint is None:
            raise ValueError("no stint has begun")
        return self._stint


def _beginning(watch: Watch, stint: Stint) -> Job:
    check_campaign_id(watch.watch_id)
    return Job(work=lambda recorder: stints.begin(recorder.watch, watch, stint))


def _whole_rounds(columns: ReadingColumns) -> Iterator[ReadingColumns]:
    """Cut columns between rounds, in pieces of about ``_ROWS_AT_ONCE`` rows, each with the texts that it names."""
    begins = np.searchsorted(columns.round_at, np.arange(len(columns.rounds) + 1))
    start = 0
    while start < len(columns.rounds):
        end = int(np.searchsorted(begins, begins[start] + _ROWS_AT_ONCE, side="right")) - 1
        end = min(max(end, start + 1), len(columns.rounds))
        yield _piece(columns, start, end, slice(int(begins[start]), int(begins[end])))
        start = end


def _piece(columns: ReadingColumns, start: int, end: int, rows: slice) -> ReadingColumns:
    named = {question: text_at[rows] for question, text_at in columns.text_at.items()}
    text_at, texts = _only_named(named, columns.texts)
    return ReadingColumns(
        rounds=columns.rounds[start:end],
        endpoints=columns.endpoints,
        texts=texts,
        failures=columns.failures,
        round_at=columns.round_at[rows] - start,
        endpoint_at=columns.endpoint_at[rows],
        availability=columns.availability[rows],
        failure_at=columns.failure_at[rows],
        sent_us=columns.sent_us[rows],
        lag_us=columns.lag_us[rows],
        text_at=text_at,
        after_us={question: after_us[rows] for question, after_us in columns.after_us.items()},
    )


def _only_named(named: dict[Any, Numbers], texts: Sequence[bytes]) -> tuple[dict[Any, Numbers], Sequence[bytes]]:
    """Leave out the texts that no row names: a month has a million, an hour a few thousand."""
    used = np.zeros(len(texts) + 1, dtype=bool)  # the last place is that of NOTHING
    for text_at in named.values():
        used[text_at] = True
    used[-1] = False
    if used[:-1].all():
        return named, texts
    place = np.where(used, np.cumsum(used) - 1, -1)
    return {one: place[text_at] for one, text_at in named.items()}, [texts[at] for at in np.flatnonzero(used).tolist()]


def _news_parts(news: NewsColumns) -> Iterator[NewsColumns]:
    for start in range(0, len(news.endpoint_at), _ROWS_AT_ONCE):
        rows = slice(start, start + _ROWS_AT_ONCE)
        yield replace(news, **{field: getattr(news, field)[rows] for field in NEWS_NUMBERS})
