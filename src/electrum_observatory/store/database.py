"""Opening the live database, for the one writer and for any number of readers, and naming what went wrong."""

import errno
import os
import shlex
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import apsw

from electrum_observatory.model.errors import StoreError
from electrum_observatory.store.migrations import MIGRATIONS, check_version, migrate, schema_version

DATABASE_NAME = "live.db"
_BUSY_MS = 10_000
_NO_DESCRIPTORS = (errno.EMFILE, errno.ENFILE)
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_NO_ROOM = 1 << 16
"""With fewer bytes than this even the index of the write-ahead log fits nowhere, which SQLite calls an I/O error."""

DATABASE_ERRORS = (apsw.Error, OSError)
"""What the database and the file system raise; :func:`explain` says it in words."""


def open_for_writing(data_dir: Path, now_us: int) -> apsw.Connection:
    """Open or make the live database, at the newest schema version. The caller holds the folder lock."""
    connection = apsw.Connection(str(data_dir / DATABASE_NAME))
    try:
        connection.set_busy_timeout(_BUSY_MS)
        for pragma in (
            "auto_vacuum = INCREMENTAL",  # so that deleting a campaign gives space back without a second copy
            "journal_mode = WAL",
            "synchronous = FULL",  # acknowledged means on the disk, power cut included
            "temp_store = MEMORY",
            "secure_delete = FAST",  # what moves or goes is overwritten, as far as its page is written anyway
        ):
            connection.execute(f"PRAGMA {pragma}").fetchall()
        migrate(connection, now_us)
    except BaseException:
        connection.close()
        raise
    return connection


def open_for_reading(data_dir: Path) -> apsw.Connection:
    """Open the live database read-only, beside a writer if there is one. It must exist."""
    path = data_dir / DATABASE_NAME
    connection = _connect_read_only(path)
    try:
        connection.set_busy_timeout(_BUSY_MS)
        check_version(schema_version(connection), MIGRATIONS[-1].version)
    except BaseException:
        connection.close()
        raise
    return connection


def _connect_read_only(path: Path) -> apsw.Connection:
    flags = apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI
    uri = f"file:{quote(str(path.absolute()))}"
    connection = apsw.Connection(f"{uri}?mode=ro", flags=flags)
    try:
        connection.set_busy_timeout(_BUSY_MS)  # a writer that is just making the database holds it for a moment
        connection.execute("SELECT count(*) FROM sqlite_schema").fetchall()
    except (apsw.CantOpenError, apsw.ReadOnlyError):
        # In a folder we may not write (a mounted archive) WAL needs files it cannot make. Nobody else writes there
        # either: without anything in the write-ahead log beside it, the file alone is the whole truth.
        connection.close()
        log = path.with_name(path.name + "-wal")
        if log.exists() and log.stat().st_size > 0:
            raise
        return apsw.Connection(f"{uri}?immutable=1", flags=flags)
    except BaseException:
        connection.close()
        raise
    return connection


def watch(data_dir: Path) -> Callable[[], StoreError | None]:
    """Return what tells whether the database that lies there now has been removed or replaced since."""
    path = data_dir / DATABASE_NAME
    ours = path.stat()

    def gone() -> StoreError | None:
        try:
            found = path.stat()
        except OSError:
            found = None
        if found is not None and (found.st_dev, found.st_ino) == (ours.st_dev, ours.st_ino):
            return None
        return StoreError(
            f"{path} was removed or replaced while it was written: put the folder back, or choose another with --data; "
            "what it held went with it"
        )

    return gone


def explain(error: Exception, data_dir: Path) -> StoreError:
    """Put an error of the database or the file system into one line that says what to do."""
    if _is_full(error, data_dir):
        ours = shlex.join(["observatory", "campaigns", "disk-use", "--data", str(data_dir)])
        return StoreError(
            f"the disk that holds {data_dir} is full: free some space ({ours} shows what is ours) and go on; "
            "everything stored so far is kept"
        )
    if isinstance(error, OSError) and error.errno in _NO_DESCRIPTORS:
        return StoreError(
            f"this process may open no more files ({error.strerror}) while it writes to {data_dir}: allow more with "
            "`ulimit -n 4096` and try again; everything stored so far is kept"
        )
    if isinstance(error, apsw.BusyError | apsw.LockedError):
        return StoreError(f"another program holds {data_dir / DATABASE_NAME} locked: close it and try again")
    if isinstance(error, apsw.CorruptError | apsw.NotADBError):
        return StoreError(f"{data_dir / DATABASE_NAME} is no database of ours or is damaged ({error}): move it away")
    words = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return StoreError(
        f"cannot write to {data_dir} ({words}): check its permissions and its disk, or choose another folder with "
        "--data; everything stored so far is kept"
    )


def _is_full(error: Exception, data_dir: Path) -> bool:
    """Whether the disk is what an error is about; SQLite may only know that reading or writing did not work."""
    if isinstance(error, OSError):
        return error.errno in _FULL
    return isinstance(error, apsw.FullError) or (isinstance(error, apsw.IOError) and _room(data_dir) < _NO_ROOM)


def _room(folder: Path) -> float:
    """Return the bytes that may still be written to the disk of a folder; without end where nobody can say."""
    try:
        disk = os.statvfs(folder)
    except OSError:
        return float("inf")
    return disk.f_bavail * disk.f_frsize
