"""SOCKS5, against the real microsocks and against scripted proxies that write down what they are asked."""

import asyncio
import socket

import pytest

from electrum_observatory.model.endpoint import Endpoint, Transport
from electrum_observatory.model.errors import UsageError
from electrum_observatory.model.failure import FailureKind, Stage
from electrum_observatory.net.limits import Deadlines
from electrum_observatory.net.proxy import SocksProxy
from tests.unit.net.conftest import failure_of
from tests.unit.net.servers import answering, bare_server, free_port

ONION = "b" * 56 + ".onion"


class ScriptedProxy:
    """A SOCKS5 proxy that asks for a password, writes everything down and answers with one code."""

    def __init__(self, code: int) -> None:
        self.code = code
        self.hosts: list[bytes] = []
        self.credentials: list[tuple[bytes, bytes]] = []

    async def behave(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        _, count = await reader.readexactly(2)
        assert 2 in await reader.readexactly(count)
        writer.write(b"\x05\x02")
        await reader.readexactly(1)
        user = await reader.readexactly((await reader.readexactly(1))[0])
        password = await reader.readexactly((await reader.readexactly(1))[0])
        self.credentials.append((user, password))
        writer.write(b"\x01\x00")
        _, _, _, kind = await reader.readexactly(4)
        assert kind == 3, "an address was asked for, not a name"
        self.hosts.append(await reader.readexactly((await reader.readexactly(1))[0]))
        await reader.readexactly(2)
        writer.write(bytes([5, self.code, 0, 1]) + bytes(6))
        if self.code == 0:
            writer.write(b"from the other side\n")
        await reader.read(1)


@pytest.mark.parametrize("transport", list(Transport))
async def test_a_name_is_resolved_by_the_proxy_and_every_transport_travels(listen, make_dialer, socks_port, transport):
    # The proxy tries one address only, the system's first for the name: that may be ::1.
    [first, *_] = socket.getaddrinfo("localhost", 0, type=socket.SOCK_STREAM)
    listener = await listen(transport, address=first[4][0])
    dialer = make_dialer(proxy=SocksProxy(host="127.0.0.1", port=socks_port))

    connection = await dialer.connect(Endpoint(host="localhost", port=listener.port, transport=transport))
    connection.send(b"hello\n")
    line = await connection.receive()
    connection.abort()

    assert line.data.strip() == b"hello"
    assert connection.facts.via_proxy is True
    assert (connection.facts.tls is not None) == transport.encrypted


async def test_a_checked_address_is_what_the_proxy_is_given(listen, make_dialer, socks_port):
    listener = await listen()
    dialer = make_dialer(proxy=SocksProxy(host="127.0.0.1", port=socks_port))

    connection = await dialer.connect(
        Endpoint(host="no-such-name.invalid", address="127.0.0.1", port=listener.port, transport=Transport.TCP)
    )
    connection.abort()

    assert connection.facts.via_proxy is True


async def test_a_host_that_the_proxy_cannot_reach(make_dialer, socks_port):
    dialer = make_dialer(proxy=SocksProxy(host="127.0.0.1", port=socks_port))

    failure = await failure_of(dialer.connect(Endpoint(host="localhost", port=free_port(), transport=Transport.TCP)))

    assert (failure.stage, failure.kind) == (Stage.PROXY, FailureKind.PROXY_REFUSED)
    assert "refused" in failure.detail.lower()


async def test_onion_names_are_handed_over_untouched_and_each_host_has_its_own_circuit(make_dialer):
    scripted = ScriptedProxy(code=0)
    async with bare_server(scripted.behave) as port:
        dialer = make_dialer(proxy=SocksProxy(host="127.0.0.1", port=port))
        for host in (ONION, "other.example.org", ONION):
            connection = await dialer.connect(Endpoint(host=host, port=50001, transport=Transport.TCP))
            assert (await connection.receive()).data == b"from the other side\n"
            connection.abort()

    assert scripted.hosts == [ONION.encode(), b"other.example.org", ONION.encode()]
    first, second, third = scripted.credentials
    assert first == third
    assert first != second
    assert all(first)


@pytest.mark.parametrize("code", range(1, 9))
async def test_every_refusal_of_the_proxy_is_one_kind_with_its_words(make_dialer, code):
    async with bare_server(ScriptedProxy(code=code).behave) as port:
        dialer = make_dialer(proxy=SocksProxy(host="127.0.0.1", port=port))

        failure = await failure_of(dialer.connect(Endpoint(host=ONION, port=50001, transport=Transport.TCP)))

    assert (failure.stage, failure.kind) == (Stage.PROXY, FailureKind.PROXY_REFUSED)
    assert failure.detail


async def test_nobody_where_the_proxy_should_be(make_dialer):
    dialer = make_dialer(proxy=SocksProxy(host="127.0.0.1", port=free_port()))

    failure = await failure_of(dialer.connect(Endpoint(host=ONION, port=50001, transport=Transport.TCP)))

    assert (failure.stage, failure.kind) == (Stage.PROXY, FailureKind.PROXY_UNREACHABLE)
    assert "127.0.0.1" not in failure.detail


@pytest.mark.parametrize("reply", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b""])
async def test_something_else_where_the_proxy_should_be(make_dialer, reply):
    async with bare_server(answering(reply, then_wait=False)) as port:
        dialer = make_dialer(proxy=SocksProxy(host="127.0.0.1", port=port))

        failure = await failure_of(dialer.connect(Endpoint(host=ONION, port=50001, transport=Transport.TCP)))

    assert (failure.stage, failure.kind) == (Stage.PROXY, FailureKind.PROXY_UNREACHABLE)


async def test_a_proxy_that_never_answers(make_dialer):
    async with bare_server(answering(b"")) as port:
        dialer = make_dialer(proxy=SocksProxy(host="127.0.0.1", port=port), deadlines=Deadlines(proxy=0.05))

        failure = await failure_of(dialer.connect(Endpoint(host=ONION, port=50001, transport=Transport.TCP)))

    assert (failure.stage, failure.kind) == (Stage.PROXY, FailureKind.CONNECT_TIMEOUT)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("127.0.0.1:9050", "127.0.0.1:9050"),
        ("tor.lan", "tor.lan:9050"),
        ("[::1]:9150", "[::1]:9150"),
        ("[::1]", "[::1]:9050"),
    ],
)
def test_where_a_proxy_listens_is_read(text, written):
    assert str(SocksProxy.parse(text)) == written


@pytest.mark.parametrize("text", ["", ":9050", "host:", "host:0", "host:65536", "host:x", "host:²"])
def test_what_is_no_proxy_is_refused(text):
    with pytest.raises(UsageError, match="HOST:PORT"):
        SocksProxy.parse(text)


def test_credentials_are_not_shown():
    assert "secret" not in repr(SocksProxy())
