"""TLS: what a handshake shows, old servers, and whatever else answers on the ssl port."""

import asyncio
import ssl
import warnings

import pytest

from electrum_observatory.model.endpoint import Endpoint, Transport
from electrum_observatory.model.failure import FailureKind, Stage
from electrum_observatory.net.limits import ConnectionLimits, Deadlines
from electrum_observatory.net.listener import serve_silence
from electrum_observatory.net.strangers import is_tls_record, old_versions_may_help
from electrum_observatory.net.tls import server_name
from tests.unit.net.conftest import context_of, endpoint_of, failure_of
from tests.unit.net.servers import answering, bare_server, resetting


def ssl_endpoint(port: int, host: str = "127.0.0.1") -> Endpoint:
    return Endpoint(host=host, address="127.0.0.1", port=port, transport=Transport.SSL)


@pytest.fixture
def old_context(certificate) -> ssl.SSLContext:
    """A server that knows TLS 1.0 only."""
    context = context_of(certificate)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1
    context.set_ciphers("ALL:@SECLEVEL=0")
    return context


async def test_lines_travel_both_ways(listen, dialer):
    connection = await dialer.connect(endpoint_of(await listen(Transport.SSL), Transport.SSL))

    connection.send(b"one\ntwo\n")
    lines = [(await connection.receive()).data for _ in range(2)]
    connection.abort()

    assert lines == [b"one\n", b"two\n"]


async def test_big_lines_travel_over_asyncio_s_own_tls(dialer, server_context):
    async def behave(reader, writer):
        while line := await reader.readuntil(b"\n"):
            writer.write(line)
            await writer.drain()

    line = b"x" * 60_000 + b"\n"
    async with bare_server(behave, context=server_context) as port:
        connection = await dialer.connect(ssl_endpoint(port))
        for _ in range(20):
            connection.send(line)
        received = [(await connection.receive()).data for _ in range(20)]
        connection.abort()

    assert received == [line] * 20


async def test_facts_hold_version_cipher_times_and_certificate(listen, dialer, certificate):
    connection = await dialer.connect(endpoint_of(await listen(Transport.SSL), Transport.SSL))
    connection.abort()

    facts = connection.facts
    assert facts.tls_ms is not None
    assert facts.tls_ms > 0
    assert facts.websocket_ms is None
    assert facts.tls.version == "TLSv1.3"
    assert facts.tls.cipher.startswith("TLS_")
    assert facts.tls.legacy is False
    assert facts.tls.chain == certificate.chain
    assert facts.tls.chain_truncated is False


async def test_a_chain_is_kept_in_the_order_sent(listen, dialer, chain):
    listener = await listen(Transport.SSL, context=context_of(chain))

    connection = await dialer.connect(endpoint_of(listener, Transport.SSL))
    connection.abort()

    assert len(chain.chain) == 3
    assert connection.facts.tls.chain == chain.chain


async def test_a_long_chain_is_cut_and_says_so(listen, make_dialer, chain):
    listener = await listen(Transport.SSL, context=context_of(chain))

    connection = await make_dialer(limits=ConnectionLimits(max_certificates=2)).connect(
        endpoint_of(listener, Transport.SSL)
    )
    connection.abort()

    assert connection.facts.tls.chain == chain.chain[:2]
    assert connection.facts.tls.chain_truncated is True


async def test_names_are_sent_as_sni_and_address_literals_are_not(listen, dialer, server_context):
    asked = []
    server_context.sni_callback = lambda _socket, name, _context: asked.append(name)
    listener = await listen(Transport.SSL, context=server_context)

    for host in ("electrum.example.org", "127.0.0.1"):
        connection = await dialer.connect(endpoint_of(listener, Transport.SSL, host=host))
        connection.abort()

    assert asked == ["electrum.example.org", None]
    assert server_name("2001:db8::1") is None


async def test_an_old_server_is_reached_with_old_versions_and_that_is_a_fact(listen, dialer, old_context):
    listener = await listen(Transport.SSL, context=old_context)

    connection = await dialer.connect(endpoint_of(listener, Transport.SSL), legacy_tls=True)
    connection.send(b"hello\n")
    line = await connection.receive()
    connection.abort()

    assert line.data == b"hello\n"
    assert (connection.facts.tls.version, connection.facts.tls.legacy) == ("TLSv1", True)


async def test_old_versions_have_no_meaning_without_tls(listen, dialer):
    connection = await dialer.connect(endpoint_of(await listen()), legacy_tls=True)
    connection.abort()

    assert connection.facts.tls is None


async def test_each_call_is_one_connection_and_a_refusal_of_tls_says_that_old_versions_may_help(dialer):
    visits = []

    async def behave(reader, writer):
        visits.append(1)
        await answering(b"\x15\x03\x01\x00\x02\x02\x46")(reader, writer)  # alert: protocol version

    async with bare_server(behave) as port:
        first = await failure_of(dialer.connect(ssl_endpoint(port)))
        second = await failure_of(dialer.connect(ssl_endpoint(port), legacy_tls=True))

    assert len(visits) == 2
    assert {one.kind for one in (first, second)} == {FailureKind.TLS_HANDSHAKE}
    assert "alert" in first.detail
    assert old_versions_may_help(first)


async def test_a_server_that_offers_only_ciphers_without_a_certificate_shares_no_cipher_with_us(
    listen, dialer, server_context
):
    server_context.maximum_version = ssl.TLSVersion.TLSv1_2
    server_context.set_ciphers("AECDH:@SECLEVEL=0")
    endpoint = endpoint_of(await listen(Transport.SSL), Transport.SSL)

    failure = await failure_of(dialer.connect(endpoint, legacy_tls=True))

    assert (failure.stage, failure.kind) == (Stage.TLS, FailureKind.TLS_HANDSHAKE)


@pytest.mark.parametrize(
    ("reply", "kind", "detail"),
    [
        (b'{"jsonrpc": "2.0", "error": {"code": -32700}, "id": null}\n', FailureKind.PLAIN_TEXT_ON_TLS, ""),
        (b"HTTP/1.1 400 Bad Request\r\nX: y\r\n\r\n", FailureKind.HTTP_REPLY, "HTTP/1.1 400 Bad Request"),
        (b"\x00\x01\x02\xff" * 8, FailureKind.TLS_HANDSHAKE, "what came is no TLS record"),
        (b"\x16\x03\x03\x00\x04garb", FailureKind.TLS_HANDSHAKE, None),
    ],
)
@pytest.mark.parametrize("then_wait", [True, False])
async def test_whatever_does_not_speak_tls_is_told_apart(dialer, reply, kind, detail, then_wait):
    async with bare_server(answering(reply, then_wait=then_wait)) as port:
        failure = await failure_of(dialer.connect(ssl_endpoint(port)))

    assert (failure.stage, failure.kind) == (Stage.TLS, kind)
    assert detail is None or failure.detail == detail


@pytest.mark.parametrize(
    "reply", [b"SSH-2.0-OpenSSH\r\n", b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\x00\x01\x02\xff" * 8]
)
async def test_old_versions_do_not_help_with_whoever_does_not_speak_tls(dialer, reply):
    async with bare_server(answering(reply, after_input=False)) as port:
        failure = await failure_of(dialer.connect(ssl_endpoint(port)))

    assert not old_versions_may_help(failure)


async def test_a_few_bytes_of_text_and_a_close_are_plain_text_too(dialer):
    async with bare_server(answering(b"no\n", then_wait=False)) as port:
        failure = await failure_of(dialer.connect(ssl_endpoint(port)))

    assert failure.kind is FailureKind.PLAIN_TEXT_ON_TLS


@pytest.mark.parametrize(
    ("behave", "kind"), [(resetting, FailureKind.CONNECTION_RESET), (answering(b"", then_wait=False), FailureKind.EOF)]
)
async def test_ends_during_the_handshake(dialer, behave, kind):
    async with bare_server(behave) as port:
        failure = await failure_of(dialer.connect(ssl_endpoint(port)))

    assert (failure.stage, failure.kind) == (Stage.TLS, kind)


async def test_a_server_that_never_answers_the_hello_times_out(make_dialer):
    listener = await serve_silence("127.0.0.1", 0)
    dialer = make_dialer(deadlines=Deadlines(tls=0.05))

    failure = await failure_of(dialer.connect(endpoint_of(listener, Transport.SSL)))
    listener.close()

    assert (failure.stage, failure.kind) == (Stage.TLS, FailureKind.TLS_TIMEOUT)


async def test_the_closing_alert_of_a_server_is_the_end(listen, dialer):
    connection = await dialer.connect(endpoint_of(await listen(Transport.SSL), Transport.SSL))
    connection.send(b"close\n")

    assert (await connection.receive()).data == b"goodbye\n"
    assert (await failure_of(connection.receive())).kind is FailureKind.EOF


async def test_garbage_after_the_handshake_is_a_failure_of_tls(dialer, server_context):
    class Garbler(asyncio.Protocol):
        """Does the handshake properly and then talks nonsense below TLS."""

        def connection_made(self, transport):
            self.transport = transport
            self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
            self.tls = server_context.wrap_bio(self.incoming, self.outgoing, server_side=True)

        def data_received(self, data):
            self.incoming.write(data)
            try:
                self.tls.do_handshake()
            except ssl.SSLWantReadError:
                self.transport.write(self.outgoing.read())
            else:
                self.transport.write(self.outgoing.read() + b"\x17\x03\x03\x00\x20" + b"\0" * 32)

    server = await asyncio.get_running_loop().create_server(Garbler, "127.0.0.1", 0)
    connection = await dialer.connect(ssl_endpoint(server.sockets[0].getsockname()[1]))

    failure = await failure_of(connection.receive())
    server.close()

    assert (failure.stage, failure.kind) == (Stage.NEGOTIATE, FailureKind.TLS_HANDSHAKE)


async def test_a_server_that_never_answers_the_close_is_dropped_at_once(dialer, server_context):
    dropped = asyncio.Event()

    async def behave(reader, writer):
        writer.transport.pause_reading()  # our closing alert, were there one, would never be read
        writer.write(b"hello\n")
        await dropped.wait()

    async with bare_server(behave, context=server_context) as port:
        connection = await dialer.connect(ssl_endpoint(port))
        await connection.receive()

        connection.abort()
        for _ in range(3):
            await asyncio.sleep(0)

        assert connection.wire.transport.get_extra_info("socket") is None or connection.wire.transport.is_closing()
        assert (await failure_of(connection.receive())).kind is FailureKind.EOF
        dropped.set()


@pytest.mark.parametrize(
    ("first", "verdict"),
    [(b"\x16\x03\x01", True), (b"\x15", True), (b"", False), (b"\x16\x02", False), (b"{", False), (b"HTTP", False)],
)
def test_tls_records_are_known_by_their_first_bytes(first, verdict):
    assert is_tls_record(first) is verdict
