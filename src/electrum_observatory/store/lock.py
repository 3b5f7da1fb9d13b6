"""One writer per data folder: an advisory lock that vanishes with its process, however that ends."""

import fcntl
import os
from pathlib import Path
from typing import Self

from electrum_observatory.model.errors import StoreError

LOCK_NAME = "writer.lock"


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
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(descriptor, 32).decode("ascii", "replace").strip()
            os.close(descriptor)
            raise StoreError(
                f"{folder} is being written by process {holder or 'unknown'}: "
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
