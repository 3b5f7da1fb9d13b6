"""The one thread that writes: it takes what waits in its queue, commits it as a group, then acknowledges each batch."""

import asyncio
import contextlib
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

import apsw

from electrum_observatory.model.errors import StoreError
from electrum_observatory.store.database import DATABASE_ERRORS
from electrum_observatory.store.recorder import Recorder

GROUP_ROWS = 1000
_QUEUE_JOBS = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One batch to be committed as a whole.

    Attributes:
        work: What to do with the tables.
        weight: Number of rows, as far as known; groups close at ``GROUP_ROWS``.
        done: Resolved after the commit; carries the error where there was one.
    """

    work: Callable[[Recorder], Any]
    weight: int = 1
    done: Future[Any] = field(default_factory=Future)


class Writer:
    """Owns the writing connection from construction to :meth:`close`.

    A batch that breaks a rule (an unknown campaign) fails alone. Where the disk is full or gone the whole group is
    rolled back and each of its batches fails; the next group is tried afresh.
    """

    def __init__(
        self,
        connection: apsw.Connection,
        explain: Callable[[Exception], StoreError],
        gone: Callable[[], StoreError | None] = lambda: None,
    ) -> None:
        """Take the connection.

        Args:
            connection: To be used by nobody else from now on.
            explain: Puts an error of the database into words.
            gone: Asked after each commit whether the file that was written is still the one in the folder: what is
                committed to a file that somebody has removed is not acknowledged.
        """
        self._recorder = Recorder(connection)
        self._gone = gone
        self._connection = connection
        self._explain = explain
        self._jobs: queue.Queue[Job | None] = queue.Queue(maxsize=_QUEUE_JOBS)
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="store-writer", daemon=True)
        self._thread.start()

    def try_submit(self, job: Job) -> bool:
        """Queue a job without waiting; False where the queue is full. Raises StoreError once closed."""
        self._check_open()
        try:
            self._jobs.put_nowait(job)
        except queue.Full:
            return False
        return True

    def submit(self, job: Job) -> None:
        """Queue a job, waiting for room. Raises StoreError once closed."""
        self._check_open()
        self._jobs.put(job)

    async def run(self, job: Job) -> Any:
        """Have a job done; returns its value once it is on the disk. It is done even where the caller is cancelled."""
        if not self.try_submit(job):
            await asyncio.to_thread(self.submit, job)
        return await asyncio.wrap_future(job.done)

    def run_now(self, job: Job) -> Any:
        """Do as :meth:`run`, for callers without an event loop."""
        self.submit(job)
        return job.done.result()

    def close(self) -> None:
        """Commit what is queued, then close the connection. May be called twice."""
        if self._closed:
            return
        self._closed = True
        self._jobs.put(None)
        self._thread.join()
        with contextlib.suppress(*DATABASE_ERRORS):  # a last checkpoint on a full disk: the log keeps everything
            self._connection.close()

    def _check_open(self) -> None:
        if self._closed:
            raise StoreError("the data folder has been closed already")

    def _run(self) -> None:
        running = True
        while running:
            group, running = self._next_group()
            if group:
                self._commit(group)
        self._refuse_the_rest()

    def _next_group(self) -> tuple[list[Job], bool]:
        job = self._jobs.get()
        group: list[Job] = []
        weight = 0
        while job is not None:
            group.append(job)
            weight += job.weight
            if weight >= GROUP_ROWS:
                return group, True
            try:
                job = self._jobs.get_nowait()
            except queue.Empty:
                return group, True
        return group, False

    def _commit(self, group: list[Job]) -> None:
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            outcomes = [self._outcome(job) for job in group]
            self._connection.execute("COMMIT")
            if (gone := self._gone()) is not None:
                outcomes = [gone] * len(group)
        except DATABASE_ERRORS as error:
            self._roll_back()
            outcomes = [self._explain(error)] * len(group)
        for job, outcome in zip(group, outcomes, strict=True):
            _resolve(job.done, outcome)

    def _outcome(self, job: Job) -> Any:
        """Do one job inside a savepoint of its own; return its value or its error.

        A constraint and anything that is no trouble of the database itself is the fault of this batch alone: it is
        handed to whoever sent it, and the thread lives on.
        """
        self._connection.execute("SAVEPOINT job")
        try:
            outcome = job.work(self._recorder)
        except Exception as error:
            if isinstance(error, DATABASE_ERRORS) and not isinstance(error, apsw.ConstraintError):
                raise
            self._recorder.forget()
            self._connection.execute("ROLLBACK TO job")
            outcome = error
        self._connection.execute("RELEASE job")
        return outcome

    def _roll_back(self) -> None:
        self._recorder.forget()
        if self._connection.in_transaction:
            with contextlib.suppress(apsw.Error):
                self._connection.execute("ROLLBACK")

    def _refuse_the_rest(self) -> None:
        """Fail what slipped into the queue behind the end mark."""
        with contextlib.suppress(queue.Empty):
            while True:
                job = self._jobs.get_nowait()
                if job is not None:
                    _resolve(job.done, StoreError("the data folder has been closed already"))


def _resolve(done: Future[Any], outcome: Any) -> None:
    if not done.set_running_or_notify_cancel():
        return  # nobody waits any more; the facts are kept all the same
    if isinstance(outcome, Exception):
        done.set_exception(outcome)
    else:
        done.set_result(outcome)
