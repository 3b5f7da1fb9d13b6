"""How long a held connection is waited for: for replies that it needs itself, else for any line at all.

One timer carries the next thing to wait for; it is not set anew for each line.
"""

import asyncio
from collections.abc import Callable

from electrum_observatory.model.ports import Clock

_SECOND_NS = 1_000_000_000


class Patience:
    """Calls ``quiet`` where nothing was heard for a while, and ``late`` where a reply does not come.

    Attributes:
        last_ns: When the latest line came, or when waiting began; to be kept by whoever takes the lines.
    """

    __slots__ = ("_awaited", "_clock", "_keepalive_ns", "_late", "_quiet", "_reply_s", "_since_ns", "_timer", "last_ns")

    def __init__(
        self,
        *,
        clock: Clock,
        reply_s: float,
        keepalive_s: float,
        quiet: Callable[[], None],
        late: Callable[[str], None],
    ) -> None:
        """Take the waits, and whom to call; ``late`` is called in words and has to end the connection."""
        self.last_ns = clock.monotonic_ns()
        self._clock = clock
        self._reply_s = reply_s
        self._keepalive_ns = round(keepalive_s * _SECOND_NS)
        self._quiet = quiet
        self._late = late
        self._awaited: dict[int, str] = {}
        self._since_ns = 0
        self._timer: asyncio.TimerHandle | None = None

    @property
    def awaits(self) -> bool:
        """Whether a reply is awaited."""
        return bool(self._awaited)

    def begin(self) -> None:
        """Look again when it may be time to give up waiting, or to ask for a sign of life."""
        wait_ns = self._until_ns() - self._clock.monotonic_ns()
        self._timer = asyncio.get_running_loop().call_later(max(wait_ns, 0) / _SECOND_NS, self._on_time)

    def expect(self, request_id: int, method: str) -> None:
        """Await the reply to a request that leaves now."""
        if not self._awaited:
            self._since_ns = self._clock.monotonic_ns()
        self._awaited[request_id] = method

    def take(self, request_id: int) -> str | None:
        """Await a reply no longer; return the method it answers, None where it was not awaited."""
        return self._awaited.pop(request_id, None)

    def end(self) -> None:
        """Wait for nothing any more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _until_ns(self) -> int:
        if self._awaited:
            return self._since_ns + round(self._reply_s * _SECOND_NS)
        return self.last_ns + self._keepalive_ns

    def _on_time(self) -> None:
        if self._clock.monotonic_ns() >= self._until_ns():
            if self._awaited:
                asked = ", ".join(sorted(self._awaited.values()))
                self._late(f"no reply to {asked} within {self._reply_s:g} s")
                return
            self._quiet()
        if self._timer is not None:  # else it was ended meanwhile
            self.begin()
