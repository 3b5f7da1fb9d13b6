"""One writer per watch: an advisory lock of the session, which ends with it, however that ends."""

import hashlib
import time
from typing import Any, LiteralString

from psycopg import Connection

from electrum_observatory.model.errors import StoreError

_TRIES = 4
_PAUSE_S = 0.1  # the server needs a moment to see that a writer was killed

_HOLDER: LiteralString = """
SELECT coalesce(client_addr::text, 'the server''s own machine'), application_name, pid
FROM pg_locks JOIN pg_stat_activity USING (pid)
WHERE locktype = 'advisory' AND granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
AND classid::bigint = %s AND objid::bigint = %s AND objsubid = 1
"""
_END_OURS: LiteralString = """
SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE pid = %s AND backend_start = %s::timestamptz
"""


class WatchLock:
    """Held by at most one session for each watch."""

    def __init__(self, watch_id: str) -> None:
        """Name the watch; nothing is locked yet."""
        self.watch_id = watch_id
        digest = hashlib.sha256(f"electrum observatory watch {watch_id}".encode()).digest()
        self._key = int.from_bytes(digest[:8], "big", signed=True)
        self._session: tuple[Any, ...] | None = None

    def take(self, connection: Connection[Any]) -> None:
        """Lock the watch for a session.

        An earlier session of ours that the server still holds for alive, because the network took its end with it, is
        ended.

        Raises:
            StoreError: Somebody else writes this watch.
        """
        if not self._try_patiently(connection):
            if self._session is not None:
                connection.execute(_END_OURS, self._session)
            if self._session is None or not self._try(connection):
                raise StoreError(self._refusal(connection))
        self._session = connection.execute(
            "SELECT pid, backend_start::text FROM pg_stat_activity WHERE pid = pg_backend_pid()"
        ).fetchone()

    def release(self, connection: Connection[Any]) -> None:
        """Let others write the watch."""
        connection.execute("SELECT pg_advisory_unlock(%s)", (self._key,))

    def _try_patiently(self, connection: Connection[Any]) -> bool:
        for _ in range(_TRIES):
            if self._try(connection):
                return True
            time.sleep(_PAUSE_S)
        return self._try(connection)

    def _try(self, connection: Connection[Any]) -> bool:
        found = connection.execute("SELECT pg_try_advisory_lock(%s)", (self._key,)).fetchone()
        return found is not None and bool(found[0])

    def _refusal(self, connection: Connection[Any]) -> str:
        unsigned = self._key % (1 << 64)
        found = connection.execute(_HOLDER, (unsigned >> 32, unsigned & 0xFFFF_FFFF)).fetchone()
        who = (
            "another session"
            if found is None
            else f"{found[1] or 'a session'} from {found[0]} (server process {found[2]})"
        )
        return (
            f"the watch {self.watch_id} is being written by {who}: end that monitor first, or begin a watch of another "
            "vantage"
        )
