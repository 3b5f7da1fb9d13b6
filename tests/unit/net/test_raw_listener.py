"""Listening without layers: what hostile servers stand on does what they say, and no more than the visitor takes."""

import asyncio

import pytest

from electrum_observatory.model.errors import UsageError
from electrum_observatory.net.raw_listener import ByteLink, RawHandler, serve_raw

CHUNK = b"x" * 100_000


class Recording(RawHandler):
    """Writes down what happens to it and does one thing when opened."""

    def __init__(self, at_first=lambda link: None):
        self.events = []
        self.over = asyncio.Event()
        self._news = asyncio.Queue()
        self._at_first = at_first

    async def told(self, event):
        """Wait until it happened; each is waited for once."""
        while await self._news.get() != event:
            pass

    def _note(self, event):
        self.events.append(event)
        self._news.put_nowait(event)

    def opened(self, link: ByteLink) -> None:
        self.link = link
        self._note("opened")
        self._at_first(link)

    def received(self, data):
        self._note(data)

    def drained(self):
        self._note("drained")

    def closed(self):
        self._note("closed")
        self.over.set()


async def visited(handler):
    listener = await serve_raw("127.0.0.1", 0, lambda: handler)
    reader, writer = await asyncio.open_connection(listener.address, listener.port)
    return listener, reader, writer


async def test_bytes_travel_as_they_are_in_both_directions():
    handler = Recording(lambda link: link.write(b"\x00\xffno line"))
    listener, reader, writer = await visited(handler)

    assert await reader.readexactly(9) == b"\x00\xffno line"
    writer.write(b"hello")
    await handler.told(b"hello")
    listener.close()
    await handler.over.wait()
    assert handler.events == ["opened", b"hello", "closed"]
    writer.close()


async def test_a_visitor_that_says_no_more_is_still_spoken_to():
    """Whoever plays a server that never closes must not be closed by the listener."""
    handler = Recording()
    listener, reader, writer = await visited(handler)

    writer.write(b"bye")
    writer.write_eof()
    await handler.told(b"bye")
    handler.link.write(b"still here")

    assert await reader.readexactly(10) == b"still here"
    assert not handler.over.is_set()
    writer.close()
    listener.close()


async def test_half_closing_ends_what_is_read_and_not_what_is_written():
    handler = Recording(lambda link: link.half_close())
    listener, reader, writer = await visited(handler)

    assert await reader.read() == b""
    writer.write(b"and yet")
    await handler.told(b"and yet")
    writer.close()
    listener.close()


async def test_an_aborted_connection_is_reset():
    listener, reader, writer = await visited(Recording(lambda link: link.abort()))

    with pytest.raises(ConnectionResetError):
        await reader.read()
    writer.close()
    listener.close()


async def test_what_is_not_taken_makes_the_link_not_ready_until_it_is():
    handler = Recording()
    listener, reader, writer = await visited(handler)
    await handler.told("opened")

    written = 0
    while handler.link.ready:
        handler.link.write(CHUNK)
        written += len(CHUNK)
        await asyncio.sleep(0)
    taken = await reader.readexactly(written)

    assert len(taken) == written
    await handler.told("drained")
    assert handler.link.ready
    writer.close()
    listener.close()


async def test_nothing_is_called_once_the_connection_is_over():
    handler = Recording()
    listener, _, writer = await visited(handler)
    await handler.told("opened")
    late, waited = [], asyncio.Event()

    handler.link.call_later(0.01, lambda: late.append("called"))
    handler.link.close()
    await handler.over.wait()
    handler.link.write(b"ignored")
    handler.link.half_close()
    handler.link.abort()
    asyncio.get_running_loop().call_later(0.02, waited.set)
    await waited.wait()

    assert not handler.link.ready
    assert late == []
    writer.close()
    listener.close()


async def test_an_address_that_cannot_be_bound_is_named():
    with pytest.raises(UsageError, match=r"cannot listen on 192\.0\.2\.1"):
        await serve_raw("192.0.2.1", 0, RawHandler)
