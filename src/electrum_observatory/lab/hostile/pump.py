"""Sending without end and without memory: chunks are made when the socket takes them."""

from collections import deque
from collections.abc import Iterable, Iterator

from electrum_observatory.net.raw_listener import ByteLink

MEGABYTE = b"x" * 1_000_000
_AT_ONCE = 8
_BREATH_S = 0.001


class Pump:
    """Writes chunks to a link in order, each when there is room, a few at a time so that other visitors get a turn."""

    def __init__(self, link: ByteLink) -> None:
        """Take whom to write to."""
        self._link = link
        self._due: deque[Iterator[bytes]] = deque()

    def add(self, chunks: Iterable[bytes]) -> None:
        """Write these after what is still to be written."""
        self._due.append(iter(chunks))
        if len(self._due) == 1:
            self.go_on()

    def go_on(self) -> None:
        """Write what fits; to be called when the link was drained, too."""
        for _ in range(_AT_ONCE):
            if not self._due or not self._link.ready:
                return
            chunk = next(self._due[0], None)
            if chunk is None:
                self._due.popleft()
            else:
                self._link.write(chunk)
        self._link.call_later(_BREATH_S, self.go_on)
