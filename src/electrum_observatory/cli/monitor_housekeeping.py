"""What a watch of months does beside watching: seals finished days, looks at the disk, shows that it lives."""

import asyncio
import contextlib
import os
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from electrum_observatory.cli.monitor_table import size_words
from electrum_observatory.cli.monitor_view import MonitorView
from electrum_observatory.model.errors import ObservatoryError
from electrum_observatory.model.ports import Clock
from electrum_observatory.net.supervisor import ALIVE, Supervisor

_LOOK_EVERY_S = 30.0
_MEASURE_EVERY_S = 900.0
_AFTER_MIDNIGHT_S = 300.0  # the last round of the day may still be on its way
_SIGNS_PER_WATCHDOG = 3
_LONGEST_TICK_S = 10.0


class Housekeeping:
    """Looks around every half minute; whatever takes longer is done in a thread and holds up no round."""

    def __init__(
        self,
        data: Path,
        *,
        clock: Clock,
        view: MonitorView,
        warn: Callable[[str], None],
        disk_low_bytes: int,
        seal_days: Callable[[Callable[[str], None]], object],
        leave_off: Callable[[], None],
    ) -> None:
        """Take the folder and whom to tell.

        ``seal_days`` seals finished days and tells each of its steps; ``leave_off`` ends a step that is under way.
        """
        self._data = data
        self._clock = clock
        self._view = view
        self._warn = warn
        self._disk_low_bytes = disk_low_bytes
        self._seal_days = seal_days
        self._leave_off = leave_off
        self._was_low = False
        self._measure_at_ns = 0
        self._sealed_day: str | None = None
        self._stopped = asyncio.Event()

    def stop(self) -> None:
        """End soon: sealing is left off, and gone on with by the next stint."""
        self._stopped.set()
        self._leave_off()

    async def run(self) -> None:
        """Go on until stopped; what runs in a thread has ended then."""
        while not self._stopped.is_set():
            self.look_at_disk()
            if self._clock.monotonic_ns() >= self._measure_at_ns:
                self._measure_at_ns = self._clock.monotonic_ns() + round(_MEASURE_EVERY_S * 1e9)
                self._view.data_bytes = await asyncio.to_thread(size_of, self._data)
            await self.seal_when_due()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_LOOK_EVERY_S):
                    await self._stopped.wait()

    def look_at_disk(self) -> None:
        """Note how much room there is; tell once when it runs low, and again after it has been enough."""
        try:
            self._view.free_bytes = shutil.disk_usage(self._data).free
        except OSError:
            return  # the next round says what is wrong with the folder
        low = self._view.free_bytes < self._disk_low_bytes
        if low and not self._was_low:
            self._warn(
                f"Only {size_words(self._view.free_bytes)} are free on the disk of {self._data}: make room there."
            )
        self._was_low = low

    async def seal_when_due(self) -> None:
        """Seal the days that have ended, once for each new day, and once at the start."""
        day = f"{datetime.fromtimestamp(self._clock.now_us() / 1e6 - _AFTER_MIDNIGHT_S, tz=UTC):%Y-%m-%d}"
        if day == self._sealed_day:
            return
        self._sealed_day = day
        try:
            await self._seal()
        except _LeftOffError:
            return
        except ObservatoryError as error:  # the rows stay in the live store, and the next day tries again
            if not self._stopped.is_set():
                self._warn(f"Finished days could not be sealed: {error}")

    async def _seal(self) -> None:
        """Seal in a thread, which has ended in any case then: nobody closes the store under it."""
        sealing = asyncio.get_running_loop().run_in_executor(None, self._seal_days, self._step_done)
        try:
            await asyncio.wait([sealing])
        except asyncio.CancelledError:
            self.stop()
            await asyncio.wait([sealing])
            sealing.exception()  # that it was left off is no news
            raise
        await sealing

    def _step_done(self, step: str) -> None:  # noqa: ARG002  (in the thread that seals)
        if self._stopped.is_set():
            raise _LeftOffError


class _LeftOffError(Exception):
    """Sealing was left off between two of its steps."""


async def show_life(supervisor: Supervisor, view: MonitorView, refresh: Callable[[], None]) -> None:
    """Keep what a view shows of the moment, and tell the supervisor that we live, until cancelled.

    Runs on the event loop of the rounds, so that a loop that hangs is seen to hang.
    """
    every_s = min(_LONGEST_TICK_S, (supervisor.watchdog_s or _LONGEST_TICK_S) / _SIGNS_PER_WATCHDOG)
    while True:
        refresh()
        supervisor.tell(ALIVE, f"STATUS={status_line(view)}")
        await asyncio.sleep(every_s)


def status_line(view: MonitorView) -> str:
    """Return how the watch stands, as ``systemctl status`` shows it; no stranger's word is in it."""
    last = view.last
    if last is None:
        return f"{view.watched} servers watched, no round yet"
    found = ", ".join(f"{number} {kind}" for kind, number in last.found.items() if number)
    return f"round {last.number}: {found or 'nobody watched'}; {view.rounds} rounds in this stint"


def size_of(folder: Path) -> int:
    """Return the bytes of all files in a folder; a file that goes away meanwhile counts nothing."""
    total, waiting = 0, [os.fspath(folder)]
    while waiting:
        try:
            with os.scandir(waiting.pop()) as entries:
                for one in entries:
                    if one.is_dir(follow_symlinks=False):
                        waiting.append(one.path)
                    else:
                        total += one.stat(follow_symlinks=False).st_size
        except OSError:
            continue
    return total
