"""A monitor that begins when there is somebody to watch: before that there is nothing that a gap could be in."""

from collections.abc import Callable, Iterable, Sequence

from electrum_observatory.model.endpoint import Endpoint
from electrum_observatory.scanner.watching.monitor import Monitor
from electrum_observatory.scanner.watching.observer import ServerView


class LateMonitor:
    """Implements ``monitor_joining.Watching``, and keeps the list until the monitor is made."""

    def __init__(self, make: Callable[[], Monitor]) -> None:
        """Take what makes a monitor, with a stint that begins at that moment."""
        self._make = make
        self._monitor: Monitor | None = None
        self._wanted: tuple[Endpoint, ...] = ()

    @property
    def servers(self) -> Sequence[ServerView]:
        """Everybody who is watched."""
        return () if self._monitor is None else self._monitor.servers

    @property
    def next_round_us(self) -> int | None:
        """When the next round is due, UTC microseconds; None while none is planned."""
        return None if self._monitor is None else self._monitor.next_round_us

    def set_watched(self, endpoints: Iterable[Endpoint]) -> None:
        """Watch these endpoints, now or as soon as it begins."""
        self._wanted = tuple(endpoints)
        if self._monitor is not None:
            self._monitor.set_watched(self._wanted)

    async def run(self) -> None:
        """Keep the watch until cancelled. Raises StoreError."""
        await self._begun().run()

    async def once(self) -> None:
        """Make one round. Raises StoreError."""
        await self._begun().once()

    def _begun(self) -> Monitor:
        self._monitor = self._make()
        self._monitor.set_watched(self._wanted)
        return self._monitor
