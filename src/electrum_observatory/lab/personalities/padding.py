"""The way from a program's messages to the wire: at once, or buffered, padded and delayed (ElectrumX 1.18 and later).

Pure state machines: times come in, actions go out. The padded one follows ElectrumX ``server/transport.py``
(``PaddedRSTransport``) and, for the warm-up budget, aiorpcX ``session.py`` (``send_size`` grows after each write).
"""

from typing import Protocol

from electrum_observatory.lab.personalities.base import Action, Close, Send

MIN_PACKET_BYTES = 1024
WARM_UP_BYTES = 1024
FLUSH_DELAY_SECONDS = 1.0


class OutgoingWire(Protocol):
    """One connection's outgoing half."""

    def write(self, message: bytes, at: float) -> list[Action]:
        """Take one message without terminator."""

    def wake(self, at: float) -> list[Action]:
        """Do what has become due."""

    def close(self) -> list[Action]:
        """End the connection."""

    @property
    def next_wake(self) -> float | None:
        """When something becomes due."""


class PlainWire:
    """Each message goes at once, with its terminator (none inside WebSocket frames)."""

    def __init__(self, *, terminator: bytes) -> None:
        self._terminator = terminator

    def write(self, message: bytes, at: float) -> list[Action]:  # noqa: ARG002 - the padded wire needs the time
        """Send the message now."""
        return [Send(data=message + self._terminator)]

    def wake(self, at: float) -> list[Action]:  # noqa: ARG002
        """Nothing is ever due."""
        return []

    def close(self) -> list[Action]:
        """Close; nothing is held back."""
        return [Close()]

    @property
    def next_wake(self) -> float | None:
        """Never."""
        return None


class PaddedWire:
    """Messages gather in a buffer that leaves in packets of 1024, 2048, 4096 … bytes, at most about one per second.

    The buffer leaves when it holds 1024 bytes, when more than the delay has passed since the last packet, while the
    warm-up budget lasts, or (where the release flushes before closing) when the connection is closed.
    """

    def __init__(self, *, connected_at: float, delay: float, warm_up_bytes: int, flush_on_close: bool) -> None:
        """Args: see the class; ``warm_up_bytes`` is 0 for a release without warm-up."""
        self._buffer = bytearray()
        self._last_send = connected_at
        self._delay = delay
        self._warm_up_bytes = warm_up_bytes
        self._flush_on_close = flush_on_close
        self._payload_bytes = 0
        self._poll_at: float | None = None

    def write(self, message: bytes, at: float) -> list[Action]:
        """Buffer the message; send what may leave now."""
        self._buffer += message + b"\n"
        actions = self._consume(at, force=False)
        self._payload_bytes += len(message)
        if self._poll_at is None:
            actions += self._poll(at)
        return actions

    def wake(self, at: float) -> list[Action]:
        """Send what has waited long enough."""
        return self._poll(at) if self._poll_at is not None and at >= self._poll_at else []

    def close(self) -> list[Action]:
        """Close; the buffer goes first, in one packet, or is lost (1.18)."""
        flushed = self._consume(0.0, force=True) if self._flush_on_close else []
        self._buffer.clear()
        self._poll_at = None
        return [*flushed, Close()]

    @property
    def next_wake(self) -> float | None:
        """When the poller looks at the buffer again; None while it is empty."""
        return self._poll_at

    def _poll(self, at: float) -> list[Action]:
        actions = self._consume(at, force=False)
        self._poll_at = max(at, self._last_send + self._delay) if self._buffer else None
        return actions

    def _consume(self, at: float, *, force: bool) -> list[Action]:
        due = (
            force
            or len(self._buffer) >= MIN_PACKET_BYTES
            or at >= self._last_send + self._delay
            or self._payload_bytes < self._warm_up_bytes
        )
        if not self._buffer or not due:
            return []
        taken, packet_size = _packet(self._buffer, force=force)
        lines = bytes(self._buffer[:taken])
        del self._buffer[:taken]
        self._last_send = max(at, self._last_send)
        return [Send(data=lines[:-2] + b" " * (packet_size - taken) + lines[-2:])]


def _packet(buffer: bytearray, *, force: bool) -> tuple[int, int]:
    """How many bytes of the buffer leave, and how long the packet becomes.

    The next power of two above the whole buffer, or half of that with whole lines only, whichever wastes less. (Lines
    that are exactly a power of two long are such a half, so they go without a space.)
    """
    whole = len(buffer)
    large = max(MIN_PACKET_BYTES, 1 << whole.bit_length())
    small = max(MIN_PACKET_BYTES, large // 2)
    fitting = buffer.rfind(b"\n", 0, small) + 1
    if force or fitting == 0 or large - whole <= small - fitting:
        return whole, large
    return fitting, small
