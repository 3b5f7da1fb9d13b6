"""One writer per data folder: an advisory lock that vanishes with its process, however that ends."""

import fcntl
import os
import time
from pathlib import Path
from typing import Self

from electrum_observatory.model.errors import StoreError

LOCK_NAME = "writer.lock"
_TRIES = 5
_PAUSE_S = 0.01  # whoever only looks (see writing_process) holds the lock for an instant


class FolderLock:
    """Holds the lock from :meth:`take` to :meth:`release`."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor: int | None = descriptor

    @classmethod
    def take(cls, folder: Path) -> Self:
        """Lock the folder for writing.

        Raises:
            StoreError: Another process (or another store of this one) writes there.
            OSError: The folder cannot be written.
        """
        descriptor = os.open(folder / LOCK_NAME, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            _lock_patiently(descriptor)
        except BlockingIOError:
            holder = _signature(descriptor)
            os.close(descriptor)
            raise StoreError(
                f"{folder} is being written by process {holder}: "
                "wait until it has finished, or choose another folder with --data"
            ) from None
        except OSError:
            os.close(descriptor)
            raise
        lock = cls(descriptor)
        lock._sign()
        return lock

    def release(self) -> None:
        """Give the lock back; the file stays, since removing it would let two writers in."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _sign(self) -> None:
        """Write our process id for the one who is refused; on a full disk the lock holds without it."""
        assert self._descriptor is not None
        try:
            os.ftruncate(self._descriptor, 0)
            os.pwrite(self._descriptor, f"{os.getpid()}\n".encode("ascii"), 0)
        except OSError:
            return


def writing_process(folder: Path) -> str | None:
    """Return the process that writes in a folder now, as it signed the lock; None where nobody does."""
    try:
        descriptor = os.open(folder / LOCK_NAME, os.O_RDONLY)
    except OSError:
        return None  # nobody ever wrote here, or we may not look
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return _signature(descriptor)
    except OSError:
        return None
    else:
        return None
    finally:
        os.close(descriptor)  # and with it our share of the lock


def _lock_patiently(descriptor: int) -> None:
    """Lock for writing. Raises BlockingIOError where somebody else writes."""
    for _ in range(_TRIES):
        try:
            return fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(_PAUSE_S)
    return fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _signature(descriptor: int) -> str:
    return os.pread(descriptor, 32, 0).decode("ascii", "replace").strip() or "unknown"
