"""Connections that are handed over, and what a connection leaves behind once it is over."""

import asyncio
import gc
import weakref

import pytest

from electrum_observatory.model.endpoint import Transport
from electrum_observatory.model.errors import VisitError
from electrum_observatory.model.failure import FailureKind
from electrum_observatory.net.connection import ReceivedLine
from tests.unit.net.conftest import endpoint_of
from tests.unit.net.servers import greeting

ALL = [Transport.TCP, Transport.SSL, Transport.WS, Transport.WSS]


class Receiver:
    def __init__(self) -> None:
        self.lines: list[bytes] = []
        self.ends: list[FailureKind] = []
        self.changed = asyncio.Event()

    def line_received(self, line: ReceivedLine) -> None:
        self.lines.append(line.data.strip())
        self.changed.set()

    def connection_ended(self, error: VisitError) -> None:
        self.ends.append(error.failure.kind)
        self.changed.set()

    async def until(self, lines: int, ends: int = 0) -> None:
        async with asyncio.timeout(20):
            while len(self.lines) < lines or len(self.ends) < ends:
                self.changed.clear()
                await self.changed.wait()


@pytest.mark.parametrize("transport", ALL)
async def test_lines_from_before_and_after_are_told_and_the_end_once(transport, listen, dialer):
    connection = await dialer.connect(endpoint_of(await listen(transport, greeting(b"hello\n")), transport))
    receiver = Receiver()
    connection.send(b"one\n")
    assert (await connection.receive()).data.strip() == b"hello"

    connection.hand_over(receiver)
    await receiver.until(1)
    connection.send(b"two\n")
    await receiver.until(2)
    connection.send(b"close\n")
    await receiver.until(3, ends=1)

    assert receiver.lines == [b"one", b"two", b"goodbye"]
    assert receiver.ends == [FailureKind.EOF]


async def test_what_waited_and_an_end_from_before_are_told_at_once(listen, dialer):
    connection = await dialer.connect(endpoint_of(await listen(Transport.TCP), Transport.TCP))
    connection.send(b"one\n")
    connection.send(b"close\n")
    assert (await connection.receive()).data == b"one\n"
    async with asyncio.timeout(20):
        await connection.receive()
        with pytest.raises(VisitError):
            await connection.receive()
    receiver = Receiver()

    connection.hand_over(receiver)

    assert receiver.ends == [FailureKind.EOF]


async def test_an_abort_of_ours_is_told_as_the_end(listen, dialer):
    connection = await dialer.connect(endpoint_of(await listen(Transport.SSL), Transport.SSL))
    receiver = Receiver()
    connection.hand_over(receiver)

    connection.abort()
    await receiver.until(0, ends=1)

    assert receiver.ends == [FailureKind.EOF]


@pytest.mark.parametrize("handed_over", [False, True])
@pytest.mark.parametrize("transport", ALL)
async def test_a_connection_that_is_over_leaves_nothing_to_the_collector(transport, handed_over, listen, dialer):
    endpoint = endpoint_of(await listen(transport), transport)
    gc.collect()
    gc.disable()
    try:
        connection = await dialer.connect(endpoint)
        connection.send(b"one\n")
        await connection.receive()
        receiver = Receiver()
        if handed_over:
            connection.hand_over(receiver)
        gone = [weakref.ref(one) for one in (connection, connection.wire, connection.wire.tls) if one is not None]
        ended = asyncio.Event()
        weakref.finalize(connection, ended.set)

        connection.abort()
        del connection
        async with asyncio.timeout(20):
            await ended.wait()

        assert [ref() for ref in gone] == [None] * len(gone)
    finally:
        gc.enable()
