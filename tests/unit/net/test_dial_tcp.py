"""Plain connections: what comes over them, and every way they break."""

import asyncio
import resource
import socket

import pytest

from electrum_observatory.model.endpoint import Endpoint, Transport
from electrum_observatory.model.errors import VisitError
from electrum_observatory.model.failure import FailureKind, Stage
from electrum_observatory.net.limits import ConnectionLimits, Deadlines
from electrum_observatory.net.proxy import SocksProxy
from tests.unit.net.conftest import endpoint_of, failure_of
from tests.unit.net.servers import Scripted, answering, bare_server, free_port, greeting, resetting


def tcp_endpoint(port: int, address: str = "127.0.0.1") -> Endpoint:
    return Endpoint(host=address, address=address, port=port, transport=Transport.TCP)


async def test_lines_travel_both_ways_and_carry_their_terminator(listen, dialer):
    connection = await dialer.connect(endpoint_of(await listen()))

    connection.send(b'{"id":0}\n')
    line = await connection.receive()
    connection.abort()

    assert line.data == b'{"id":0}\n'
    assert line.received_monotonic_ns > 0


async def test_facts_say_how_the_connection_came_about(listen, dialer):
    endpoint = endpoint_of(await listen())

    connection = await dialer.connect(endpoint)
    connection.abort()

    facts = connection.facts
    assert facts.endpoint == endpoint
    assert facts.connect_ms >= 0
    assert (facts.tls_ms, facts.websocket_ms, facts.tls, facts.via_proxy) == (None, None, None, False)


async def test_ipv6_is_dialled(listen, dialer):
    connection = await dialer.connect(endpoint_of(await listen(address="::1")))
    connection.send(b"six\n")

    assert (await connection.receive()).data == b"six\n"

    connection.abort()


async def test_what_is_sent_in_one_turn_of_the_loop_arrives_in_one_piece(dialer):
    pieces = []
    seen = asyncio.Event()

    async def behave(reader, writer):
        pieces.append(await reader.read(65536))
        seen.set()
        await reader.read(1)

    async with bare_server(behave) as port:
        connection = await dialer.connect(tcp_endpoint(port))
        for number in range(40):
            connection.send(b"%d\n" % number)
        await seen.wait()
        connection.abort()

    assert pieces == [b"".join(b"%d\n" % number for number in range(40))]


async def test_fragments_and_many_lines_in_one_packet_come_out_as_lines(dialer):
    async def behave(reader, writer):
        for piece in (b'{"a"', b":1}\r\n{", b'"b":2}\n\n{"c":3}\n{"d'):
            writer.write(piece)
            await writer.drain()
            await reader.readline()
        writer.write(b'":4}\n')
        await reader.read(1)

    async with bare_server(behave) as port:
        connection = await dialer.connect(tcp_endpoint(port))
        for _ in range(3):
            connection.send(b"go on\n")
        lines = [(await connection.receive()).data for _ in range(5)]
        connection.abort()

    assert lines == [b'{"a":1}\r\n', b'{"b":2}\n', b"\n", b'{"c":3}\n', b'{"d":4}\n']


async def test_refused(dialer):
    failure = await failure_of(dialer.connect(tcp_endpoint(free_port())))

    assert (failure.stage, failure.kind) == (Stage.CONNECT, FailureKind.CONNECT_REFUSED)
    assert "127.0.0.1" not in failure.detail


async def test_a_host_that_drops_packets_times_out(make_dialer):
    # A listener whose queue is full answers no further SYN: as close to a dropping firewall as loopback gets.
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        port = listener.getsockname()[1]
        fillers = []
        try:
            for _ in range(4):
                filler = socket.socket()
                filler.setblocking(False)
                filler.connect_ex(("127.0.0.1", port))
                fillers.append(filler)
            dialer = make_dialer(deadlines=Deadlines(connect=0.05))

            failure = await failure_of(dialer.connect(tcp_endpoint(port)))
        finally:
            for filler in fillers:
                filler.close()

    assert (failure.stage, failure.kind) == (Stage.CONNECT, FailureKind.CONNECT_TIMEOUT)


async def test_reset_before_the_first_line(dialer):
    async with bare_server(resetting) as port:
        connection = await dialer.connect(tcp_endpoint(port))
        connection.send(b"several bytes\n")

        failure = await failure_of(connection.receive())

    assert (failure.stage, failure.kind) == (Stage.NEGOTIATE, FailureKind.CONNECTION_RESET)


async def test_reset_in_the_middle_of_a_conversation(listen, dialer):
    connection = await dialer.connect(endpoint_of(await listen()))
    connection.send(b"hello\n")
    await connection.receive()
    connection.send(b"reset\n")

    failure = await failure_of(connection.receive())

    assert (failure.stage, failure.kind) == (Stage.REQUEST, FailureKind.CONNECTION_RESET)


async def test_lines_that_came_before_the_end_are_handed_out_first(listen, dialer):
    connection = await dialer.connect(endpoint_of(await listen()))
    connection.send(b"one\nclose\n")

    assert (await connection.receive()).data == b"one\n"
    assert (await connection.receive()).data == b"goodbye\n"
    failure = await failure_of(connection.receive())
    assert (failure.stage, failure.kind) == (Stage.REQUEST, FailureKind.EOF)


async def test_the_reason_of_the_end_is_told_to_whoever_asks_again(listen, dialer):
    connection = await dialer.connect(endpoint_of(await listen()))
    connection.send(b"close\n")
    await connection.receive()

    kinds = [(await failure_of(connection.receive())).kind for _ in range(2)]
    with pytest.raises(VisitError, match="eof"):
        connection.send(b"too late\n")

    assert kinds == [FailureKind.EOF, FailureKind.EOF]


async def test_a_half_line_at_the_end_is_told(dialer):
    async with bare_server(answering(b'{"jsonrpc"', after_input=False, then_wait=False)) as port:
        connection = await dialer.connect(tcp_endpoint(port))
        failure = await failure_of(connection.receive())

    assert failure.kind is FailureKind.EOF
    assert failure.detail == "after 10 bytes of an unfinished line"


async def test_a_web_server_is_recognised(dialer):
    reply = b"HTTP/1.1 400 Bad Request\r\nServer: nginx\r\n\r\n<html>\x1b[31m"
    async with bare_server(answering(reply)) as port:
        connection = await dialer.connect(tcp_endpoint(port))
        connection.send(b"hello\n")
        failure = await failure_of(connection.receive())

    assert (failure.stage, failure.kind) == (Stage.NEGOTIATE, FailureKind.HTTP_REPLY)
    assert failure.detail == "HTTP/1.1 400 Bad Request"


@pytest.mark.parametrize(
    ("limits", "sent", "kind"),
    [
        (ConnectionLimits(max_line_bytes=100), b"x" * 101, FailureKind.LINE_TOO_LONG),
        (ConnectionLimits(max_line_bytes=100), b"x" * 101 + b"\n", FailureKind.LINE_TOO_LONG),
        (ConnectionLimits(max_bytes=100), b"line\n" * 21, FailureKind.TOO_MANY_BYTES),
        (ConnectionLimits(max_lines=20), b"line\n" * 21, FailureKind.TOO_MANY_MESSAGES),
        (ConnectionLimits(max_lines_per_second=20), b"line\n" * 21, FailureKind.TOO_MANY_MESSAGES),
    ],
)
async def test_a_peer_that_sends_too_much_is_dropped(listen, make_dialer, limits, sent, kind):
    connection = await make_dialer(limits=limits).connect(endpoint_of(await listen(factory=greeting(sent))))

    async def drain():
        while True:
            await connection.receive()

    assert (await failure_of(drain())).kind is kind


async def test_a_queue_that_nobody_empties_stops_the_reading_and_resumes_it(listen, make_dialer):
    lines = b"".join(b"%06d\n" % number for number in range(20_000))
    dialer = make_dialer(limits=ConnectionLimits(max_queued_bytes=1000, max_lines_per_second=100_000))
    connection = await dialer.connect(endpoint_of(await listen(factory=greeting(lines))))

    received = [(await connection.receive()).data for _ in range(20_000)]
    connection.abort()

    assert b"".join(received) == lines


async def test_the_socket_is_not_read_while_more_is_queued_than_allowed(listen, make_dialer):
    connection = await make_dialer(limits=ConnectionLimits(max_queued_bytes=1000)).connect(endpoint_of(await listen()))
    transport = connection.wire.transport
    reading = [transport.is_reading()]

    connection.wire.data_received(b"0123456789abcde\n" * 63)  # 1008 bytes
    reading.append(transport.is_reading())
    for _ in range(32):  # down to 496
        await connection.receive()
        reading.append(transport.is_reading())
    connection.abort()

    assert reading == [True, *[False] * 32, True]


@pytest.mark.parametrize(("proxy", "stage"), [(None, Stage.CONNECT), (SocksProxy(), Stage.PROXY)])
async def test_too_few_descriptors_is_our_own_trouble(make_dialer, proxy, stage):
    dialer = make_dialer(proxy=proxy)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with socket.socket() as highest:
        resource.setrlimit(resource.RLIMIT_NOFILE, (highest.fileno(), hard))
        held = []
        try:
            while True:  # fill the gaps below the limit
                held.append(socket.socket())
        except OSError:
            failure = await failure_of(dialer.connect(tcp_endpoint(50001)))
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
            for one in held:
                one.close()

    assert (failure.stage, failure.kind) == (stage, FailureKind.OUT_OF_DESCRIPTORS)


@pytest.mark.parametrize("transport", list(Transport))
async def test_a_dial_can_be_cancelled_at_any_moment(dialer, transport):
    arrived = asyncio.Event()

    async def behave(reader, writer):
        arrived.set()
        await asyncio.Event().wait()

    async with bare_server(behave) as port:
        endpoint = Endpoint(host="127.0.0.1", address="127.0.0.1", port=port, transport=transport)
        for turns in range(6):
            task = asyncio.ensure_future(dialer.connect(endpoint))
            for _ in range(turns):
                await asyncio.sleep(0)
            task.cancel()
            done, _ = await asyncio.wait([task])
            assert done
            if not task.cancelled():
                task.result().abort()


async def test_waiting_for_a_line_can_be_cancelled_and_taken_up_again(listen, dialer):
    connection = await dialer.connect(endpoint_of(await listen()))

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0):
            await connection.receive()
    connection.send(b"still here\n")

    assert (await connection.receive()).data == b"still here\n"
    connection.abort()


async def test_aborting_twice_is_harmless(listen, dialer):
    connection = await dialer.connect(endpoint_of(await listen(factory=Scripted)))

    connection.abort()
    connection.abort()

    assert (await failure_of(connection.receive())).kind is FailureKind.EOF
