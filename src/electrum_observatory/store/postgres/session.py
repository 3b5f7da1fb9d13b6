"""The one session of a writer: transactions that are kept whole or not at all, over a server that may restart.

When a connection is lost while a transaction ends, nobody here knows whether it counts. Each transaction of a stint
therefore raises a counter in the stint's row, and the next session reads it: what was kept is not written twice.
"""

import contextlib
import threading
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, TypeVar

import psycopg
from psycopg import Connection, Cursor

from electrum_observatory.model.ports import Clock
from electrum_observatory.model.watch import Stint, Watch
from electrum_observatory.store.postgres import stints
from electrum_observatory.store.postgres.lock import WatchLock
from electrum_observatory.store.postgres.migrations import migrate
from electrum_observatory.store.postgres.place import Place, is_lost
from electrum_observatory.store.postgres.registers import Registers
from electrum_observatory.store.postgres.stints import StintKeys

PAUSES_S: tuple[float, ...] = (0.1, 0.2, 0.5, 1, 2, 4, 8, 8)
"""Before each new try to reach a server that went away: 24 s in all, time for it to restart."""

T = TypeVar("T")


class Session:
    """Belongs to the thread that calls it.

    Attributes:
        registers: What was kept once; learned in transactions here.
        closing: Set by whoever wants no more waiting.
    """

    def __init__(self, place: Place, clock: Clock, pauses_s: Sequence[float]) -> None:
        """Connect, and bring the tables up to date. Raises StoreError."""
        self.registers = Registers()
        self.closing = threading.Event()
        self._place = place
        self._pauses_s = pauses_s
        self._lock: WatchLock | None = None
        self._keys: StintKeys | None = None
        self._acts = 0
        self._connection: Connection[Any] | None = None
        try:
            self._connection = place.connect()
            migrate(self._connection, clock.now_us())
        except psycopg.Error as error:
            self.close()
            raise place.explain(error) from error
        except BaseException:
            self.close()
            raise

    @property
    def keys(self) -> StintKeys:
        """Keys of the stint and its watch. Raises ValueError before it has begun."""
        if self._keys is None:
            raise ValueError("no stint has begun")
        return self._keys

    def begin(self, watch: Watch, stint: Stint) -> None:
        """Lock the watch and begin a stint. Raises StoreError where somebody else writes it."""
        self._keys = None
        if self._lock is None or self._lock.watch_id != watch.watch_id:
            self._change_lock(WatchLock(watch.watch_id))
        tries = 0

        def work(cursor: Cursor[Any]) -> StintKeys:
            nonlocal tries
            tries += 1
            found = stints.begun(cursor, watch, stint) if tries > 1 else None
            return found or stints.begin(cursor, watch, stint)

        self._keys = self._keep(work, "the stint")
        self._acts = 0

    def end(self, at_us: int, monotonic_ns: int) -> None:
        """End the stint; the watch stays locked until another begins or the session is closed."""
        self.keep(partial(stints.end, keys=self.keys, at_us=at_us, monotonic_ns=monotonic_ns), "the end of the stint")
        self._keys = None

    def keep(self, work: Callable[[Cursor[Any]], T], what: str) -> T | None:
        """Do a stint's work in one transaction, in a new session where the old one is lost.

        Args:
            work: May be called more than once, each time in a transaction of its own.
            what: Names it for a person.

        Returns:
            What the work returned; None where it had been kept when the connection was lost.

        Raises:
            StoreError: It was not kept, or nobody knows; says which.
        """
        keys = self.keys
        expected: int | None = None

        def counted(cursor: Cursor[Any]) -> T | None:
            nonlocal expected
            if expected is not None and self._acts >= expected:
                return None
            expected = self._acts + 1
            result = work(cursor)
            stints.count_act(cursor, keys)
            return result

        result = self._keep(counted, what)
        assert expected is not None
        self._acts = expected
        return result

    def close(self) -> None:
        """End the session, and with it the lock. May be called twice."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _keep(self, work: Callable[[Cursor[Any]], T], what: str) -> T:
        unsure = False
        for pause_s in (*self._pauses_s, None):
            try:
                connection = self._connected()
                unsure = False
                with connection.cursor() as cursor:
                    result = work(cursor)
                unsure = True
                connection.commit()
            except psycopg.Error as error:
                self._roll_back()
                if self._connection is not None:  # the server refused this, and would again
                    raise self._place.explain(error, f": {what} was not kept") from error
                if pause_s is None or self.closing.wait(pause_s):
                    fate = "may have been kept or not" if unsure else "was not kept"
                    raise self._place.explain(error, f": {what} {fate}") from error
            except BaseException:
                self._roll_back()
                raise
            else:
                self.registers.limit()
                return result
        raise AssertionError("the last try returns or raises")

    def _connected(self) -> Connection[Any]:
        """Return the session, or a new one: with the lock, and the count of what the server has kept."""
        if self._connection is not None:
            return self._connection
        connection = self._place.connect()
        try:
            if self._lock is not None:
                self._lock.take(connection)
            if self._keys is not None:
                with connection.cursor() as cursor:
                    self._acts = stints.acts(cursor, self._keys)
            connection.commit()
        except BaseException:
            connection.close()
            raise
        self._connection = connection
        return connection

    def _roll_back(self) -> None:
        self.registers.forget()
        if self._connection is None:
            return
        with contextlib.suppress(psycopg.Error):  # a lost connection has rolled back by itself
            self._connection.rollback()
        if is_lost(self._connection):
            self.close()

    def _change_lock(self, lock: WatchLock) -> None:
        """Give the lock of another watch back and take this one."""

        def work(cursor: Cursor[Any]) -> None:
            if self._lock is not None:
                self._lock.release(cursor.connection)
                self._lock = None
            lock.take(cursor.connection)

        self._keep(work, "the stint")
        self._lock = lock
