"""The sink of a watch in PostgreSQL: a thread of its own talks to the server, so that no event loop waits for it."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from types import TracebackType
from typing import Self, TypeVar

from electrum_observatory.model.errors import StoreError
from electrum_observatory.model.ports import Clock
from electrum_observatory.model.watch import BlindSpell, Reading, Round, Stint, TipNews, Watch
from electrum_observatory.model.watch_ports import NewsColumns, ReadingColumns
from electrum_observatory.store.names import check_campaign_id
from electrum_observatory.store.postgres import stints
from electrum_observatory.store.postgres.facts import NewsWriter, ReadingWriter, chunks_of_news, chunks_of_rounds
from electrum_observatory.store.postgres.place import Place
from electrum_observatory.store.postgres.session import PAUSES_S, Session
from electrum_observatory.store.watching.columns import columns_of, news_columns_of

T = TypeVar("T")


class PostgresWatchSink:
    """Implements ``model.watch_ports.WatchSink`` for one watch at a time, which nobody else may write meanwhile.

    Each method returns once the server has committed, and is carried out even where its caller is cancelled meanwhile.
    StoreError says whether something was kept. Recording before a stint has begun, a round whose number was recorded
    before, and a watch id that could not be part of a file name raise ValueError.
    """

    def __init__(self, session: Session, thread: ThreadPoolExecutor) -> None:
        """Use :meth:`open`."""
        self._session = session
        self._thread = thread
        self._closed = False

    @classmethod
    def open(cls, url: str, clock: Clock, *, pauses_s: Sequence[float] = PAUSES_S) -> Self:
        """Connect, and make or migrate the tables.

        Args:
            url: ``postgresql://user@host:port/database?…``.
            clock: Dates migrations.
            pauses_s: Seconds before each new try to reach a server that went away.

        Raises:
            UsageError: The URL is none.
            StoreError: The server cannot be reached or refuses, or a newer program made the tables.
        """
        place, thread = Place(url), ThreadPoolExecutor(max_workers=1, thread_name_prefix="postgres-writer")
        try:
            session = thread.submit(Session, place, clock, pauses_s).result()
        except BaseException:
            thread.shutdown(wait=False)
            raise
        return cls(session, thread)

    def __enter__(self) -> Self:
        """Return the sink itself."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Close it."""
        self.close()

    def close(self) -> None:
        """Finish what is under way and end the session; a stint that was not ended has died. May be called twice."""
        if self._closed:
            return
        self._closed = True
        self._session.closing.set()
        self._thread.submit(self._session.close).result()
        self._thread.shutdown()

    async def begin_stint(self, watch: Watch, stint: Stint) -> None:
        """Make the watch known if it is new, and begin a stint. Raises StoreError where somebody else writes it."""
        check_campaign_id(watch.watch_id)
        await self._run(lambda session: session.begin(watch, stint))

    async def record_round(self, made: Round, readings: Sequence[Reading]) -> None:
        """Keep a round with all its readings, or nothing of it."""
        kept = tuple(readings)
        await self._run(lambda session: _record_columns(session, columns_of(made, kept)))

    async def record_news(self, news: Sequence[TipNews]) -> None:
        """Keep what servers told by themselves."""
        kept = tuple(news)
        await self._run(lambda session: _record_news_columns(session, news_columns_of(kept)))

    async def record_blind(self, spell: BlindSpell) -> None:
        """Keep a time in which we saw nothing."""
        await self._run(
            lambda session: session.keep(
                partial(stints.add_spell, watch_pk=session.keys.watch_pk, spell=spell), "the blind spell"
            )
        )

    async def heartbeat(self, at_us: int, monotonic_ns: int) -> None:
        """Note that the stint is watching now."""
        await self._run(
            lambda session: session.keep(
                partial(stints.seen, keys=session.keys, at_us=at_us, monotonic_ns=monotonic_ns), "the heartbeat"
            )
        )

    async def end_stint(self, at_us: int, monotonic_ns: int) -> None:
        """Note that the stint ended by itself at this moment."""
        await self._run(lambda session: session.end(at_us, monotonic_ns))

    def begin_stint_now(self, watch: Watch, stint: Stint) -> None:
        """Do as :meth:`begin_stint`, for callers without an event loop."""
        check_campaign_id(watch.watch_id)
        self._run_now(lambda session: session.begin(watch, stint))

    def record_columns(self, columns: ReadingColumns) -> int:
        """Keep many rounds at once, in transactions of whole rounds; returns the number of readings kept."""
        return self._run_now(lambda session: _record_columns(session, columns))

    def record_news_columns(self, news: NewsColumns) -> int:
        """Keep many at once; returns how many."""
        return self._run_now(lambda session: _record_news_columns(session, news))

    async def _run(self, work: Callable[[Session], T]) -> T:
        self._check_open()
        done = self._thread.submit(work, self._session)
        return await asyncio.shield(asyncio.wrap_future(done))

    def _run_now(self, work: Callable[[Session], T]) -> T:
        self._check_open()
        return self._thread.submit(work, self._session).result()

    def _check_open(self) -> None:
        if self._closed:
            raise StoreError("the store of the watch has been closed already")


def _record_columns(session: Session, columns: ReadingColumns) -> int:
    writer = ReadingWriter(columns, session.registers, session.keys)
    for chunk in chunks_of_rounds(columns):
        first, last = columns.rounds[chunk.begin].number, columns.rounds[chunk.end - 1].number
        what = f"round {first}" if first == last else f"the part of rounds {first} to {last}"
        session.keep(partial(writer.write, chunk=chunk), what)
    return len(columns.round_at)


def _record_news_columns(session: Session, news: NewsColumns) -> int:
    writer = NewsWriter(news, session.registers, session.keys)
    for chunk in chunks_of_news(news):
        session.keep(partial(writer.write, chunk=chunk), "tip news")
    return len(news.endpoint_at)
