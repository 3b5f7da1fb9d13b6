"""Our side of one conversation: lines out, lines in with their arrival time, and how it ended."""

import asyncio
from collections import deque

from electrum_observatory.model.errors import VisitError
from electrum_observatory.model.ports import Clock
from electrum_observatory.net.connection import ConnectionFacts, LineReceiver, ReceivedLine
from electrum_observatory.net.limits import ConnectionLimits
from electrum_observatory.net.lines import Framing
from electrum_observatory.net.tls import TlsLayer
from electrum_observatory.net.together import Together
from electrum_observatory.net.wire import Wire


class LineConnection:
    """A connection under way or established; implements ``net.connection.Connection`` once ``facts`` are set.

    Attributes:
        wire: The protocol to put on the socket.
        connected_ns: Monotonic instant at which the first handshake began; 0 before.
        secured_ns: Monotonic instant at which TLS was established; 0 before.
        opened_ns: Monotonic instant at which lines could travel; 0 before.
    """

    def __init__(
        self,
        *,
        framing: Framing,
        tls: TlsLayer | None,
        limits: ConnectionLimits,
        clock: Clock,
        together: Together | None = None,
    ) -> None:
        """Take the layers, the caps, the clock of the arrival stamps, and where what all bring is summed up."""
        self.wire = Wire(self, framing=framing, tls=tls, limits=limits, now_ns=clock.monotonic_ns, together=together)
        self.connected_ns = self.secured_ns = self.opened_ns = 0
        self._clock = clock
        self._max_queued = limits.max_queued_bytes
        self._facts: ConnectionFacts | None = None
        self._receiver: LineReceiver | None = None
        self._lines: deque[ReceivedLine] = deque()
        self._queued_bytes = 0
        self._paused = False
        self._error: VisitError | None = None
        self._changed: asyncio.Future[None] | None = None

    @property
    def facts(self) -> ConnectionFacts:
        """How it came about."""
        assert self._facts is not None, "asked for facts before the dial was done"
        return self._facts

    def establish(self, facts: ConnectionFacts) -> None:
        """Say how it came about, once it has."""
        self._facts = facts

    def send(self, data: bytes) -> None:
        """Queue bytes that end with a newline; what is queued in one turn of the loop goes out together.

        Raises:
            VisitError: The connection is over; the error says why.
        """
        if self._error is not None:
            raise self._again(self._error)
        self.wire.send(data)

    async def receive(self) -> ReceivedLine:
        """Wait for the next line; lines that came before the end are handed out before the error is raised."""
        while not self._lines:
            await self._change()
        line = self._lines.popleft()
        self._queued_bytes -= len(line.data)
        if self._paused and self._queued_bytes <= self._max_queued // 2:
            self._paused = False
            self.wire.resume()
        return line

    def hand_over(self, receiver: LineReceiver) -> None:
        """Tell a receiver of every line from now on; what came before is told at once."""
        self._receiver = receiver
        while self._lines:
            receiver.line_received(self._lines.popleft())
        self._queued_bytes = 0
        if self._error is not None:
            self._receiver = None
            receiver.connection_ended(self._again(self._error))
        elif self._paused:
            self._paused = False
            self.wire.resume()

    def abort(self) -> None:
        """Drop it at once."""
        self.wire.abort()

    async def secured(self) -> None:
        """Wait until TLS is established. Raises VisitError where it never will be."""
        while not self.secured_ns:
            await self._change()

    async def opened(self) -> None:
        """Wait until lines may travel. Raises VisitError where they never will."""
        while not self.opened_ns:
            await self._change()

    def wire_connected(self) -> None:
        """Note the instant."""
        self.connected_ns = self._clock.monotonic_ns()

    def wire_secured(self) -> None:
        """Note the instant."""
        self.secured_ns = self._clock.monotonic_ns()
        self._wake()

    def wire_opened(self) -> None:
        """Note the instant."""
        self.opened_ns = self._clock.monotonic_ns()
        self._wake()

    def wire_line(self, line: bytes, arrived_ns: int) -> None:
        """Keep a line until it is fetched; stop reading where too much is kept."""
        received = ReceivedLine(data=line, received_monotonic_ns=arrived_ns)
        if self._receiver is not None:
            self._receiver.line_received(received)
            return
        self._lines.append(received)
        self._queued_bytes += len(line)
        if not self._paused and self._queued_bytes > self._max_queued:
            self._paused = True
            self.wire.pause()
        self._wake()

    def wire_ended(self, error: VisitError) -> None:
        """Keep the reason for whoever asks next."""
        self._error = error
        if self._receiver is not None:
            receiver, self._receiver = self._receiver, None  # as a wire that is over lets go of its owner
            receiver.connection_ended(self._again(error))
        self._wake()

    async def _change(self) -> None:
        """Wait for anything to happen; raise where nothing can any more."""
        if self._error is not None:
            raise self._again(self._error)
        if self._changed is None or self._changed.done():
            self._changed = asyncio.get_running_loop().create_future()
        await self._changed

    def _wake(self) -> None:
        if self._changed is not None and not self._changed.done():
            self._changed.set_result(None)

    @staticmethod
    def _again(error: VisitError) -> VisitError:
        """A fresh exception for each raise, so that tracebacks do not pile up on a kept one."""
        return VisitError(error.failure.stage, error.failure.kind, error.failure.detail)
