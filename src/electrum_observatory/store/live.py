"""The live store: where campaigns write, and the only place that changes a data folder's database."""

import asyncio
import itertools
import shlex
import threading
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from electrum_observatory.model.campaign import Campaign, CampaignSeal, Sitting
from electrum_observatory.model.errors import ObservatoryError, StoreError
from electrum_observatory.model.observation import Observation
from electrum_observatory.model.ports import Clock
from electrum_observatory.model.sighting import Sighting
from electrum_observatory.store import sealing, sittings
from electrum_observatory.store.database import DATABASE_ERRORS, explain, open_for_writing, watch
from electrum_observatory.store.deletion import Deletion, delete_rows
from electrum_observatory.store.lock import FolderLock
from electrum_observatory.store.names import check_campaign_id
from electrum_observatory.store.recorder import Recorder
from electrum_observatory.store.sittings import Moment, StepWatch
from electrum_observatory.store.times import day_of
from electrum_observatory.store.watching import pieces, removal
from electrum_observatory.store.watching import sealing as sealing_watches
from electrum_observatory.store.watching.apart import Child, write_month_apart
from electrum_observatory.store.watching.outdated import Outdated, forget_rows
from electrum_observatory.store.watching.pieces import Piece
from electrum_observatory.store.watching.removal import Told
from electrum_observatory.store.watching.sealing import Unsealed
from electrum_observatory.store.watching.sink import SqliteWatchSink
from electrum_observatory.store.writer import GROUP_ROWS, Job, Writer

_MAX_WAITING = 4
T = TypeVar("T")


class LiveStore:
    """Implements ``model.ports.ObservationSink`` on a data folder, for one process at a time.

    Every method raises StoreError where the folder is full, gone or not writable; what was acknowledged before stays.
    Breaking the order (recording under a campaign that is unknown or sealed) raises ValueError.
    """

    def __init__(
        self, data_dir: Path, lock: FolderLock, writer: Writer, clock: Clock, *, files_apart: bool = False
    ) -> None:
        """Use :meth:`open`."""
        self._data_dir = data_dir
        self._lock = lock
        self._writer = writer
        self._clock = clock
        self._steps = StepWatch(clock)
        self._latest: str | None = None
        self._files = threading.Lock()
        self._files_apart = files_apart
        self._child = Child()

    @classmethod
    def open(cls, data_dir: Path, clock: Clock, *, files_apart: bool = False) -> Self:
        """Make the folder where it is missing, lock it and open its database.

        Where ``files_apart`` is set, the files of campaigns are written in processes of their own.

        Raises:
            StoreError: It is locked by another writer, cannot be written, or holds something else.
        """
        lock: FolderLock | None = None
        try:
            data_dir.mkdir(parents=True, exist_ok=True)
            lock = FolderLock.take(data_dir)
            connection = open_for_writing(data_dir, clock.now_us())
        except (*DATABASE_ERRORS, ObservatoryError) as error:
            if lock is not None:
                lock.release()
            raise error if isinstance(error, ObservatoryError) else explain(error, data_dir) from error
        writer = Writer(connection, lambda error: explain(error, data_dir), watch(data_dir))
        return cls(data_dir, lock, writer, clock, files_apart=files_apart)

    def __enter__(self) -> Self:
        """Return the store itself."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Close it."""
        self.close()

    def close(self) -> None:
        """Commit what is queued, close the database and give the folder back. May be called twice."""
        self._writer.close()
        self._lock.release()

    def watching(self) -> SqliteWatchSink:
        """Return a sink for a watch, which goes on beside the campaigns of this store until that is closed."""
        return SqliteWatchSink(self._writer)

    async def open_campaign(self, campaign: Campaign, sitting: Sitting | None = None) -> None:
        """Make a campaign known, and the run that it begins with; the next sightings belong to it."""
        await self._run(self._opening(campaign, sitting))
        self._latest = campaign.campaign_id

    async def go_on_with(self, campaign_id: str, sitting: Sitting, *, known_to: int) -> None:
        """Open a campaign that is not complete once more, under the same id, for another sitting.

        Args:
            campaign_id: The campaign, whether it is still open, was cancelled or failed.
            sitting: The run that begins.
            known_to: Key of its last observation when the caller read what was done so far; 0 where there was none.

        Raises:
            UsageError: It is complete, or somebody else has gone on with it since.
        """
        now = Moment.now(self._clock)

        def work(recorder: Recorder) -> None:
            recorder.forget()
            sittings.reopen(recorder.connection, campaign_id, known_to=known_to)
            sittings.begin(recorder.connection, campaign_id, sitting, now)

        await self._run(Job(work=work))
        self._latest = campaign_id

    async def record(
        self,
        observations: Sequence[Observation],
        sightings: Sequence[Sighting] = (),
        counts: Mapping[str, int] | None = None,
    ) -> None:
        """Keep the batch; returns once it is on the disk. Kept even where the caller is cancelled meanwhile.

        Sightings and counts belong to the campaign of the batch's observations, or else to the one opened last in this
        store. A step of the clock since the last batch is kept with it.
        """
        await self._run(self._recording(tuple(observations), tuple(sightings), None, counts))

    async def seal_campaign(self, seal: CampaignSeal) -> None:
        """End the campaign, then write its raw JSON and its Parquet segments.

        The seal counts even where these files could not be written (StoreError): :meth:`write_files` makes them.
        """
        await self._run(self._sealing(seal))
        await asyncio.to_thread(self.write_files, seal.campaign_id)

    def begin_campaign(self, campaign: Campaign) -> None:
        """Do as :meth:`open_campaign`, for callers without an event loop."""
        self._run_now(self._opening(campaign))
        self._latest = campaign.campaign_id

    def record_many(
        self,
        observations: Iterable[Observation],
        sightings: Iterable[Sighting] = (),
        *,
        campaign_id: str | None = None,
    ) -> int:
        """Keep any number of facts, in transactions of about 1000 rows; returns their number once all are on the disk.

        Sightings belong to ``campaign_id``, or else to the campaign opened last in this store.
        """
        total = 0
        waiting: deque[Future[Any]] = deque()
        for some in _chunks(observations):
            total += len(some)
            self._enqueue(waiting, self._recording(some, (), campaign_id))
        for told in _chunks(sightings):
            total += len(told)
            self._enqueue(waiting, self._recording((), told, campaign_id))
        for done in waiting:
            done.result()
        return total

    def end_campaign(self, seal: CampaignSeal) -> None:
        """Do as :meth:`seal_campaign`, for callers without an event loop."""
        self._run_now(self._sealing(seal))
        self.write_files(seal.campaign_id)

    def write_files(self, campaign_id: str) -> None:
        """Write the raw JSON and the Parquet segments of a sealed campaign, replacing what was there.

        Raises:
            UsageError: The campaign is unknown, or was never sealed.
            StoreError: They cannot be written; says how to do it again.
        """
        try:
            with self._files:
                write = sealing.write_files_apart if self._files_apart else sealing.write_files
                write(self._data_dir, campaign_id)
        except (*DATABASE_ERRORS, StoreError) as error:
            why = error if isinstance(error, StoreError) else explain(error, self._data_dir)
            again = f"observatory campaigns files {campaign_id} --data {shlex.quote(str(self._data_dir))}"
            raise StoreError(f"{why}. To make the files of the campaign then: {again}") from error
        now = Moment.now(self._clock)
        self._run_now(Job(work=lambda recorder: sittings.note_files(recorder.connection, campaign_id, now)))

    def seal_watches(
        self, before: str | None = None, *, apart: bool = True, told: Told = lambda _: None
    ) -> list[Piece]:
        """Move the finished days of every watch from the live database into Parquet; returns the new pieces.

        Goes on where an earlier call was broken off. Slow, and made for a thread beside an event loop: recording goes
        on meanwhile.

        Args:
            before: Seal days before this UTC day, ``2026-11-20``; None for today by the store's clock.
            apart: Write the files in a process of its own.
            told: Is told each step.

        Raises:
            StoreError: The folder is full or cannot be written; nothing is lost, and sealing may be tried again.
        """
        made: list[Piece] = []
        try:
            with self._files:
                pieces.tidy(self._data_dir)
                sealing_watches.remove_sealed(self._data_dir, self._writer, told)
                for one in sealing_watches.unsealed(self._data_dir, before or day_of(self._clock.now_us())):
                    piece = self._write_day(one, apart=apart)
                    told(f"written {one.day}")
                    if piece is not None:
                        pieces.replace(self._data_dir, (), (piece,))
                        told(f"named {one.day}")
                        made.append(piece)
                    sealing_watches.remove_sealed(self._data_dir, self._writer, told)
                removal.tidy(self._writer, told)
        except DATABASE_ERRORS as error:
            raise explain(error, self._data_dir) from error
        return made

    def compact_watches(self, *, apart: bool = True, told: Told = lambda _: None) -> list[Piece]:
        """Make one piece of every month of a watch that is over; returns them. Raises StoreError.

        Days that are not sealed yet become pieces of their own later, and join their month when this is called again.
        ``apart`` and ``told`` are as in :meth:`seal_watches`.
        """
        made: list[Piece] = []
        try:
            with self._files:
                pieces.tidy(self._data_dir)
                for old in pieces.compactable(pieces.read(self._data_dir), day_of(self._clock.now_us())):
                    made.append(self._write_month(old, apart=apart))
                    told(f"written {old[0].from_day[:7]}")
                    pieces.replace(self._data_dir, old, made[-1:])
                    told(f"named {old[0].from_day[:7]}")
        except DATABASE_ERRORS as error:
            raise explain(error, self._data_dir) from error
        return made

    def leave_off(self) -> None:
        """End the process that writes a piece, if one does, and start none any more: who is writing has a StoreError.

        Nothing is lost by that: what no piece is named of stays, and is written by whoever seals or compacts next.
        """
        self._child.end()

    def _write_day(self, one: Unsealed, *, apart: bool) -> Piece | None:
        if apart:
            return sealing_watches.write_apart(self._data_dir, one, self._child)
        return sealing_watches.write(self._data_dir, one)

    def _write_month(self, old: Sequence[Piece], *, apart: bool) -> Piece:
        if apart:
            return write_month_apart(self._data_dir, old, self._child)
        from electrum_observatory.store.watching.compaction import write_month  # pyarrow is slow to load

        return write_month(self._data_dir, old)

    def forget_watched(self, outdated: Outdated) -> None:
        """Remove what ``outdated.outdated`` found, for good. Raises StoreError."""
        try:
            with self._files:
                pieces.replace(self._data_dir, outdated.pieces, ())
                forget_rows(self._writer, outdated)
        except DATABASE_ERRORS as error:
            raise explain(error, self._data_dir) from error

    def delete_campaign(self, campaign_id: str) -> Deletion:
        """Remove a campaign, the blobs that nothing else refers to, and its files. Raises ValueError if unknown."""

        def work(recorder: Recorder) -> Deletion:
            recorder.forget()
            return delete_rows(recorder.connection, campaign_id)

        deletion: Deletion = self._run_now(Job(work=work))
        try:
            with self._files:
                sealing.remove_files(self._data_dir, campaign_id)
        except OSError as error:
            raise explain(error, self._data_dir) from error
        return deletion

    def _opening(self, campaign: Campaign, sitting: Sitting | None = None) -> Job:
        check_campaign_id(campaign.campaign_id)
        now = Moment.now(self._clock)

        def work(recorder: Recorder) -> None:
            recorder.open_campaign(campaign)
            if sitting is not None:
                sittings.begin(recorder.connection, campaign.campaign_id, sitting, now)

        return Job(work=work)

    def _sealing(self, seal: CampaignSeal) -> Job:
        now, step = Moment.now(self._clock), self._steps.step()

        def work(recorder: Recorder) -> None:
            recorder.seal_campaign(seal)
            sittings.end(recorder.connection, seal, now)
            if step is not None:
                sittings.note_step(recorder.connection, seal.campaign_id, step)

        return Job(work=work)

    def _recording(
        self,
        observations: tuple[Observation, ...],
        sightings: tuple[Sighting, ...],
        campaign_id: str | None,
        counts: Mapping[str, int] | None = None,
    ) -> Job:
        if campaign_id is None:
            campaign_id = observations[0].campaign_id if observations else self._latest
        named, step = campaign_id or "(none)", self._steps.step()

        def work(recorder: Recorder) -> None:
            recorder.record(observations, sightings, named)
            if counts is not None:
                sittings.count(recorder.connection, named, counts)
            if step is not None:
                sittings.note_step(recorder.connection, named, step)

        return Job(work=work, weight=len(observations) + len(sightings))

    async def _run(self, job: Job) -> Any:
        return await self._writer.run(job)

    def _run_now(self, job: Job) -> Any:
        return self._writer.run_now(job)

    def _enqueue(self, waiting: deque[Future[Any]], job: Job) -> None:
        self._writer.submit(job)
        waiting.append(job.done)
        if len(waiting) > _MAX_WAITING:
            waiting.popleft().result()


def _chunks(items: Iterable[T]) -> Iterator[tuple[T, ...]]:
    iterator = iter(items)
    while chunk := tuple(itertools.islice(iterator, GROUP_ROWS)):
        yield chunk
