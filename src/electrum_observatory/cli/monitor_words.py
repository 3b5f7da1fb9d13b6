"""A watch outlives whoever reads its words: a line that cannot be written ends nothing halfway."""

import asyncio
import contextlib
import errno
import os
import stat
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, TextIO, cast

_GONE_FOR_GOOD = (errno.EPIPE, errno.EIO)  # the other end of a pipe or a socket, a terminal that was hung up


class LastingWords:
    """Standard error as it is, but for writing, which never fails: what nobody can read is dropped."""

    def __init__(self, stream: TextIO, reader_left: Callable[[], object]) -> None:
        """Take the stream, and what to call once where it is a pipe that nobody reads any more (``2>&1 | head``)."""
        self._stream = stream
        self._reader_left = reader_left

    def __getattr__(self, name: str) -> Any:
        """Return what the stream has."""
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        """Write."""
        try:
            return self._stream.write(text)
        except OSError as error:
            self._lost(error)
            return len(text)

    def flush(self) -> None:
        """Flush."""
        try:
            self._stream.flush()
        except OSError as error:
            self._lost(error)

    def _lost(self, error: OSError) -> None:
        """Let later words go nowhere where nobody will ever read them; a full disk may have room again."""
        if error.errno not in _GONE_FOR_GOOD:
            return
        with contextlib.suppress(OSError):
            place = self._stream.fileno()
            was_pipe = stat.S_ISFIFO(os.fstat(place).st_mode)  # a service's journal is a socket, and it watches on
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, place)
            os.close(nowhere)
            if was_pipe:
                self._reader_left()


def lasting_words(reader_left: Callable[[], None]) -> AbstractContextManager[object]:
    """Keep words from failing for the length of the block; ``reader_left`` is called on the running event loop."""
    loop = asyncio.get_running_loop()
    if sys.stderr is None:
        return contextlib.nullcontext()
    words = LastingWords(sys.stderr, lambda: loop.call_soon_threadsafe(reader_left))  # rich writes from a thread
    return contextlib.redirect_stderr(cast("TextIO", words))
