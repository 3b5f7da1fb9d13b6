"""One visitor of one server: a personality's conversation on a real connection, with world time and path delays."""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from electrum_observatory.lab.personalities.base import Action, Conversation, Program, Send
from electrum_observatory.lab.visits import Arrival
from electrum_observatory.net.listener import Link

_TIMER_SLACK_S = 0.0005


@dataclass(frozen=True, slots=True, kw_only=True)
class WorldClock:
    """World time on a running event loop.

    Attributes:
        origin: The loop's time at world time zero (the system's monotonic clock, equal in all processes).
        scale: Seconds of world time per second.
    """

    origin: float
    scale: float

    def now(self) -> float:
        """World time in seconds."""
        return (asyncio.get_running_loop().time() - self.origin) * self.scale


class DelayLine:
    """Does things in order, each after its delay: the path back to the visitor."""

    def __init__(self, link: Link, delay_s: float) -> None:
        self._link = link
        self._delay = delay_s
        self._queue: deque[tuple[float, Callable[[], None]]] = deque()

    def do(self, action: Callable[[], None]) -> None:
        """Do it when its time has come, after everything handed over before it."""
        if not self._delay:
            action()
            return
        self._queue.append((asyncio.get_running_loop().time() + self._delay, action))
        if len(self._queue) == 1:
            self._link.call_later(self._delay, self._due)

    def _due(self) -> None:
        now = asyncio.get_running_loop().time() + _TIMER_SLACK_S
        while self._queue and self._queue[0][0] <= now:
            self._queue.popleft()[1]()
        if self._queue:
            self._link.call_later(self._queue[0][0] - now, self._due)


class Exchange:
    """Feeds lines to a conversation and does what it says, now or when it wakes."""

    def __init__(self, program: Program, arrival: Arrival, clock: WorldClock, delay_s: float) -> None:
        """Take the program that is visited, and by whom.

        ``delay_s`` is real seconds between an answer and its departure.
        """
        self._conversation: Conversation = program.connect(arrival.transport)
        self._arrival = arrival
        self._clock = clock
        self._delay = delay_s
        self._last = float("-inf")
        self._timer: asyncio.TimerHandle | None = None
        self._planned: float | None = None

    def opened(self, link: Link) -> None:
        """Remember the connection; servers speak when spoken to."""
        self._link = link
        self._line = DelayLine(link, self._delay)
        self._plan()

    def line_received(self, data: bytes) -> None:
        """Let the conversation take a line."""
        self._arrival.requests += 1
        self._act(self._conversation.receive(data, self._now()))

    def closed(self) -> None:
        """Forget what was still to come."""
        self._arrival.left_s = asyncio.get_running_loop().time()
        if self._timer is not None:
            self._timer.cancel()

    def _now(self) -> float:
        self._last = max(self._last, self._clock.now())
        return self._last

    def _wake(self) -> None:
        assert self._planned is not None
        self._last = max(self._last, self._planned)
        self._timer = self._planned = None
        self._act(self._conversation.wake(self._now()))

    def _act(self, actions: Sequence[Action]) -> None:
        for action in actions:
            if isinstance(action, Send):
                data = action.data
                self._arrival.replied(data)
                self._line.do(lambda data=data: self._link.send(data))  # type: ignore[misc]  # mypy dislikes the default
            else:
                self._line.do(self._link.close)
        self._plan()

    def _plan(self) -> None:
        """Set the timer to when the program next acts by itself."""
        wanted = self._conversation.next_wake
        if wanted == self._planned:
            return
        if self._timer is not None:
            self._timer.cancel()
        self._timer, self._planned = None, wanted
        if wanted is not None:
            self._timer = self._link.call_later(max(0.0, (wanted - self._now()) / self._clock.scale), self._wake)
