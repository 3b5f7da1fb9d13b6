"""WebSocket: one message is one line, against the websockets library's own server and against ours."""

import asyncio

import pytest
from websockets.asyncio.client import connect as library_connect
from websockets.asyncio.server import serve as library_serve
from websockets.client import ClientProtocol
from websockets.server import ServerProtocol

from electrum_observatory.model.endpoint import Endpoint, Transport
from electrum_observatory.model.failure import FailureKind, Stage
from electrum_observatory.net.limits import ConnectionLimits, Deadlines
from electrum_observatory.net.listener import serve_silence
from tests.unit.net.conftest import endpoint_of, failure_of
from tests.unit.net.servers import answering, bare_server, greeting, resetting

WEB = pytest.mark.parametrize("transport", [Transport.WS, Transport.WSS])


def ws_endpoint(port: int) -> Endpoint:
    return Endpoint(host="127.0.0.1", address="127.0.0.1", port=port, transport=Transport.WS)


@WEB
async def test_lines_travel_without_their_newline(listen, dialer, transport):
    connection = await dialer.connect(endpoint_of(await listen(transport), transport))

    connection.send(b'{"id":0}\n')
    line = await connection.receive()
    connection.abort()

    assert line.data == b'{"id":0}'
    assert connection.facts.websocket_ms > 0
    assert (connection.facts.tls is not None) == transport.encrypted


async def test_the_library_s_own_server_understands_us_and_we_its_fragments_and_pings(dialer):
    async def behave(socket):
        first = await socket.recv()
        await socket.send([first[:3], first[3:]])
        await (await socket.ping())  # answered while our caller waits for a line
        await socket.send(await socket.recv())
        await socket.wait_closed()

    async with library_serve(behave, "127.0.0.1", 0) as server:
        connection = await dialer.connect(ws_endpoint(server.sockets[0].getsockname()[1]))
        connection.send(b"fragments\n")
        connection.send(b"\xff is no text\n")
        lines = [(await connection.receive()).data for _ in range(2)]
        connection.abort()

    assert lines == [b"fragments", b"\xff is no text"]


@WEB
async def test_the_library_s_own_client_understands_our_listener(listen, transport, certificate):
    listener = await listen(transport)
    tls = None
    if transport.encrypted:
        import ssl

        tls = ssl.create_default_context(cafile=certificate.chain_file)
        tls.check_hostname, tls.verify_mode = False, ssl.CERT_NONE

    scheme = transport.value
    async with library_connect(f"{scheme}://127.0.0.1:{listener.port}/any", ssl=tls, proxy=None) as socket:
        await socket.send(["hel", "lo"])
        echoed = await socket.recv()

    assert echoed == "hello"


async def test_no_compression_is_negotiated(dialer):
    offered = []

    async def behave(socket):
        offered.append(socket.request.headers.get("Sec-WebSocket-Extensions"))
        await socket.wait_closed()

    async with library_serve(behave, "127.0.0.1", 0, compression="deflate") as server:
        connection = await dialer.connect(ws_endpoint(server.sockets[0].getsockname()[1]))
        connection.abort()

    assert offered in ([None], [])


async def test_many_messages_in_one_packet_come_out_one_by_one(listen, dialer):
    connection = await dialer.connect(endpoint_of(await listen(Transport.WS), Transport.WS))

    for number in range(50):
        connection.send(b"%d\n" % number)
    lines = [(await connection.receive()).data for _ in range(50)]
    connection.abort()

    assert lines == [b"%d" % number for number in range(50)]


@pytest.mark.parametrize("length", [b"Content-Length: 3\r\n", b""])
async def test_a_web_page_instead_of_an_upgrade(dialer, length):
    reply = b"HTTP/1.1 404 Not Found\r\n" + length + b"\r\nno\n"
    async with bare_server(answering(reply, then_wait=False)) as port:
        failure = await failure_of(dialer.connect(ws_endpoint(port)))

    assert (failure.stage, failure.kind) == (Stage.NEGOTIATE, FailureKind.WEBSOCKET_HANDSHAKE)
    assert failure.detail == "HTTP status 404"


async def test_electrum_lines_instead_of_an_upgrade(dialer):
    async with bare_server(answering(b'{"jsonrpc":"2.0","error":{"code":-32700}}\n')) as port:
        failure = await failure_of(dialer.connect(ws_endpoint(port)))

    assert (failure.stage, failure.kind) == (Stage.NEGOTIATE, FailureKind.WEBSOCKET_HANDSHAKE)


async def test_no_answer_to_the_upgrade(make_dialer):
    listener = await serve_silence("127.0.0.1", 0)

    failure = await failure_of(make_dialer(deadlines=Deadlines(websocket=0.05)).connect(ws_endpoint(listener.port)))
    listener.close()

    assert (failure.stage, failure.kind) == (Stage.NEGOTIATE, FailureKind.READ_TIMEOUT)


async def test_reset_instead_of_an_upgrade(dialer):
    async with bare_server(resetting) as port:
        failure = await failure_of(dialer.connect(ws_endpoint(port)))

    assert (failure.stage, failure.kind) == (Stage.NEGOTIATE, FailureKind.CONNECTION_RESET)


async def test_a_message_above_the_cap(listen, make_dialer):
    listener = await listen(Transport.WS, greeting(b"x" * 1001))
    connection = await make_dialer(limits=ConnectionLimits(max_line_bytes=1000)).connect(
        endpoint_of(listener, Transport.WS)
    )

    assert (await failure_of(connection.receive())).kind is FailureKind.LINE_TOO_LONG


async def test_fragments_above_the_cap_in_sum(make_dialer):
    async def behave(socket):
        await socket.send(["x" * 600, "y" * 600])
        await socket.wait_closed()

    async with library_serve(behave, "127.0.0.1", 0) as server:
        dialer = make_dialer(limits=ConnectionLimits(max_line_bytes=1000))
        connection = await dialer.connect(ws_endpoint(server.sockets[0].getsockname()[1]))

        assert (await failure_of(connection.receive())).kind is FailureKind.LINE_TOO_LONG


@pytest.mark.parametrize(
    ("flood", "detail"),
    [
        (b"\x89\x00" * 30_000, "more than 1000 frames within a second"),
        (b"\x8a\x00" * 30_000, "more than 1000 frames within a second"),
        (b"\x81\x00" * 30_000, "more than 1000 lines within a second"),
        (b"\x01\x00" + b"\x00\x00" * 30_000, "more than 1000 frames within a second"),
    ],
    ids=["pings", "pongs", "empty messages", "empty fragments"],
)
async def test_a_flood_of_frames_is_cut_off_before_it_costs_us_anything(make_dialer, monkeypatch, flood, detail):
    parsed = []
    take = ClientProtocol.recv_frame
    monkeypatch.setattr(ClientProtocol, "recv_frame", lambda self, frame: (parsed.append(1), take(self, frame)))
    async with bare_server(flooding(flood)) as port:
        connection = await make_dialer().connect(ws_endpoint(port))

        async def drain():
            while True:
                await connection.receive()

        failure = await failure_of(drain())

    assert (failure.kind, failure.detail) == (FailureKind.TOO_MANY_MESSAGES, detail)
    assert len(parsed) <= 1_000 + 4_096 // 2 + 1


async def test_frames_of_a_whole_conversation_are_capped_too(make_dialer):
    async with bare_server(flooding(b"\x89\x00" * 21 + b"\x88\x00")) as port:
        connection = await make_dialer(limits=ConnectionLimits(max_lines=20)).connect(ws_endpoint(port))

        failure = await failure_of(connection.receive())

    assert (failure.kind, failure.detail) == (FailureKind.TOO_MANY_MESSAGES, "more than 20 frames")


async def test_a_message_in_too_many_pieces(make_dialer):
    async with bare_server(flooding(b"\x01\x01a" + b"\x00\x01a" * 20 + b"\x80\x00")) as port:
        connection = await make_dialer(limits=ConnectionLimits(max_fragments=20)).connect(ws_endpoint(port))

        failure = await failure_of(connection.receive())

    assert (failure.kind, failure.detail) == (FailureKind.TOO_MANY_MESSAGES, "a message in more than 20 frames")


def flooding(frames: bytes):
    """A behaviour: shake hands, then send frames."""

    async def behave(reader, writer):
        request = await reader.readuntil(b"\r\n\r\n")
        server = ServerProtocol()
        server.receive_data(request)
        server.send_response(server.accept(server.events_received()[0]))
        writer.write(b"".join(server.data_to_send()) + frames)
        await reader.read()

    return behave


@WEB
async def test_a_close_frame_is_the_end_and_is_not_waited_for(listen, dialer, transport):
    connection = await dialer.connect(endpoint_of(await listen(transport), transport))
    connection.send(b"close\n")

    assert (await connection.receive()).data == b"goodbye"
    assert (await failure_of(connection.receive())).kind is FailureKind.EOF


async def test_our_listener_refuses_what_is_no_upgrade_in_http(listen):
    listener = await listen(Transport.WS)
    reader, writer = await asyncio.open_connection("127.0.0.1", listener.port)

    writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    reply = await reader.read()
    writer.close()

    assert reply.startswith(b"HTTP/1.1 426 ")
