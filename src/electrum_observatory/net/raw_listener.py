"""Listening without any layer: bytes as they come, for servers that break what the layers above would keep.

The lab's hostile servers stand on this. Back-pressure is theirs to heed: ``RawLink.ready`` says whether the socket
takes more, and ``RawHandler.drained`` when it does again, so that a gigabyte can be sent and never held.
"""

import asyncio
import contextlib
import socket
import struct
from collections.abc import Callable
from typing import Protocol, TypeAlias, cast

from electrum_observatory.net.listener import Listener, bind

_NO_LINGER = struct.pack("ii", 1, 0)


class ByteLink(Protocol):
    """One accepted connection, as its handler holds it. Once it is over, every method does nothing."""

    @property
    def ready(self) -> bool:
        """Whether more may be written now without piling up."""

    def write(self, data: bytes) -> None:
        """Send bytes."""

    def half_close(self) -> None:
        """Announce that nothing more is sent, and go on reading."""

    def close(self) -> None:
        """End the connection after what was written."""

    def abort(self) -> None:
        """Drop the connection with a TCP reset; what was not sent yet is lost."""

    def call_later(self, seconds: float, action: Callable[[], None]) -> None:
        """Call ``action`` after a delay, unless the connection is over by then."""


class RawHandler:
    """What answers one visitor; by itself it says nothing. Nothing is called before ``opened`` or after ``closed``."""

    def opened(self, link: ByteLink) -> None:
        """The connection stands."""

    def received(self, data: bytes) -> None:
        """Bytes came."""

    def drained(self) -> None:
        """The link was not ready for a while and is so again."""

    def closed(self) -> None:
        """The connection is gone, whoever ended it."""


RawHandlerFactory: TypeAlias = Callable[[], RawHandler]


class RawLink(asyncio.Protocol):
    """A :class:`ByteLink` on a socket. The visitor's half-close is no end: whoever never closes must not be made to."""

    def __init__(self, handler: RawHandler, links: set["RawLink"]) -> None:
        """Take who answers, and the listener's set of live links."""
        self._handler = handler
        self._links = links
        self._transport: asyncio.Transport | None = None
        self._paused = False

    @property
    def ready(self) -> bool:
        """Whether more may be written now without piling up."""
        return self._transport is not None and not self._transport.is_closing() and not self._paused

    def write(self, data: bytes) -> None:
        """Send bytes."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(data)

    def half_close(self) -> None:
        """Announce that nothing more is sent, and go on reading."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write_eof()

    def close(self) -> None:
        """End the connection after what was written."""
        if self._transport is not None:
            self._transport.close()

    def abort(self) -> None:
        """Drop the connection with a TCP reset; what was not sent yet is lost."""
        if self._transport is None or self._transport.is_closing():
            return
        with contextlib.suppress(OSError):  # the socket may be gone already: then so is the connection
            self._transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
        self._transport.abort()

    def call_later(self, seconds: float, action: Callable[[], None]) -> None:
        """Call ``action`` after a delay, unless the connection is over by then."""
        asyncio.get_running_loop().call_later(seconds, lambda: action() if self in self._links else None)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Join the live links and hand over."""
        self._transport = cast("asyncio.Transport", transport)
        self._links.add(self)
        self._handler.opened(self)

    def data_received(self, data: bytes) -> None:
        """Pass bytes on."""
        self._handler.received(data)

    def eof_received(self) -> bool:
        """Keep our side open."""
        return True

    def pause_writing(self) -> None:
        """Note that what was written piles up."""
        self._paused = True

    def resume_writing(self) -> None:
        """Tell the handler that it may write again."""
        self._paused = False
        self._handler.drained()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 -- why a visitor left is of no use here
        """Leave the live links and tell the handler."""
        self._links.discard(self)
        self._handler.closed()


async def serve_raw(address: str, port: int, factory: RawHandlerFactory) -> Listener:
    """Listen on one address, with a handler for each visitor. Raises UsageError where it cannot be bound."""
    links: set[RawLink] = set()

    def drop_all() -> None:
        for link in tuple(links):
            link.abort()

    return Listener(await bind(lambda: RawLink(factory(), links), address, port), drop_all)
