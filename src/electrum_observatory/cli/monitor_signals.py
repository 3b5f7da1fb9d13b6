"""The signals of a watch: the first ends it politely, the second at once; a terminal that goes away is a first one."""

import asyncio
import os
import signal
from collections.abc import Callable
from types import TracebackType
from typing import Self

from electrum_observatory.cli.console import say

_ENDING = (signal.SIGINT, signal.SIGTERM)


class Signals:
    """Takes the signals of this process while it is entered, inside a task that a second one cancels.

    Attributes:
        came: How many asked for an end.
    """

    def __init__(self, stop: Callable[[], None]) -> None:
        """Take what ends politely."""
        self.came = 0
        self._stop = stop
        self._task: asyncio.Task[object] | None = None
        self._has_terminal = False

    def __enter__(self) -> Self:
        """Listen. SIGHUP is left alone where it is ignored already, as ``nohup`` has it."""
        self._task, loop = asyncio.current_task(), asyncio.get_running_loop()
        self._has_terminal = any(map(os.isatty, range(3)))  # read now: once it has hung up, it is no terminal any more
        for one in _ENDING:
            loop.add_signal_handler(one, self._end)
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
            loop.add_signal_handler(signal.SIGHUP, self._hang_up)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Listen no more."""
        for one in (*_ENDING, signal.SIGHUP):
            asyncio.get_running_loop().remove_signal_handler(one)

    def _end(self) -> None:
        self.came += 1
        if self.came == 1:
            self._stop()
            say("Stopping: the stint ends, and a campaign under way is sealed. Once more aborts.")
        elif self._task is not None:
            self._task.cancel()

    def _hang_up(self) -> None:
        """End where a terminal has gone; a service is told that nothing is read anew."""
        if self._has_terminal:
            self._end()
        else:
            say("SIGHUP: settings are read at the start of a stint only, so nothing changes. Restart to change them.")
