"""The server's side: handlers and links, and what happens to visitors who overstay."""

import asyncio

import pytest

from electrum_observatory.model.endpoint import Transport
from electrum_observatory.model.errors import UsageError
from electrum_observatory.net.limits import ConnectionLimits
from electrum_observatory.net.listener import serve, serve_silence
from tests.unit.net.conftest import endpoint_of
from tests.unit.net.servers import Scripted


class Recording(Scripted):
    """Writes down what happens to it."""

    def __init__(self) -> None:
        self.events = []
        self.over = asyncio.Event()

    def opened(self, link):
        super().opened(link)
        self.events.append("opened")

    def line_received(self, data):
        self.events.append(data)
        super().line_received(data)

    def closed(self):
        self.events.append("closed")
        self.over.set()


async def test_a_handler_is_told_of_everything_in_order_and_of_its_visitor():
    peers, handlers = [], []

    def factory(peer):
        peers.append(peer)
        handlers.append(Recording())
        return handlers[-1]

    listener = await serve("127.0.0.1", 0, Transport.TCP, None, factory)
    reader, writer = await asyncio.open_connection(listener.address, listener.port)
    writer.write(b"one\ntwo")
    assert await reader.readline() == b"one\n"
    visitor = writer.get_extra_info("sockname")
    writer.close()
    await handlers[0].over.wait()
    listener.close()

    assert handlers[0].events == ["opened", b"one\n", "closed"]
    assert peers == [visitor[:2]]


async def test_a_machine_has_its_own_loopback_address(listen, dialer):
    listener = await listen(address="127.3.2.1")

    connection = await dialer.connect(endpoint_of(listener))
    connection.abort()

    assert listener.address == "127.3.2.1"


async def test_an_action_happens_later_and_not_after_the_end(listen, dialer):
    acted = []

    class Late(Recording):
        def line_received(self, data):
            self.link.call_later(0, lambda: acted.append(data))
            if data == b"last\n":
                self.link.close()
            else:
                self.link.call_later(0, lambda: self.link.send(data))

    connection = await dialer.connect(endpoint_of(await listen(factory=Late)))
    connection.send(b"first\n")
    await connection.receive()
    connection.send(b"last\n")
    with pytest.raises(Exception, match="eof"):
        await connection.receive()

    assert acted == [b"first\n"]


async def test_closing_a_listener_drops_its_visitors_and_frees_the_port():
    handlers = []
    listener = await serve(
        "127.0.0.1", 0, Transport.TCP, None, lambda peer: handlers.append(Recording()) or handlers[-1]
    )
    reader, writer = await asyncio.open_connection(listener.address, listener.port)
    writer.write(b"x\n")
    await reader.readline()

    listener.close()

    await handlers[0].over.wait()
    assert await reader.read() == b""
    writer.close()
    again = await serve("127.0.0.1", listener.port, Transport.TCP, None, lambda peer: Recording())
    again.close()


async def test_a_taken_port_is_said_in_words():
    listener = await serve_silence("127.0.0.1", 0)

    with pytest.raises(
        UsageError, match=rf"cannot listen on 127\.0\.0\.1 port {listener.port}: Address already in use"
    ):
        await serve("127.0.0.1", listener.port, Transport.TCP, None, lambda peer: Recording())

    listener.close()


@pytest.mark.parametrize("transport", [Transport.SSL, Transport.WSS])
async def test_an_encrypted_transport_needs_a_context(transport):
    with pytest.raises(UsageError, match="needs TLS context"):
        await serve("127.0.0.1", 0, transport, None, lambda peer: Recording())


async def test_a_visitor_that_sends_too_much_is_disconnected():
    listener = await serve(
        "127.0.0.1", 0, Transport.TCP, None, lambda peer: Recording(), limits=ConnectionLimits(max_line_bytes=100)
    )
    reader, writer = await asyncio.open_connection(listener.address, listener.port)

    writer.write(b"x" * 200)

    assert await reader.read() == b""
    writer.close()
    listener.close()


async def test_silence_accepts_and_says_nothing_until_it_is_closed():
    listener = await serve_silence("127.0.0.1", 0)
    reader, writer = await asyncio.open_connection(listener.address, listener.port)
    writer.write(b"anybody there?\n")
    reading = asyncio.ensure_future(reader.read())
    for _ in range(5):
        await asyncio.sleep(0)
    assert not reading.done()

    listener.close()

    assert await reading == b""
    writer.close()
