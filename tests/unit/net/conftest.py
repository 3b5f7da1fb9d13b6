"""Real sockets on loopback, on both event loops; keys and certificates are made once per run."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable

import pytest
import uvloop

from electrum_observatory.model.endpoint import Endpoint, Transport
from electrum_observatory.model.errors import VisitError
from electrum_observatory.model.failure import Failure
from electrum_observatory.net.clock import SystemClock
from electrum_observatory.net.dial import Dialer
from electrum_observatory.net.limits import ConnectionLimits, Deadlines
from electrum_observatory.net.listener import Listener, serve
from electrum_observatory.net.policy import OWN_NETWORKS, AddressPolicy
from tests.unit.net.certificates import CertificateFiles, make_chain, make_self_signed
from tests.unit.net.servers import Scripted


def pytest_asyncio_loop_factories(config, item):
    """Every test of this folder that is asynchronous runs on both loops."""
    return {"asyncio": asyncio.new_event_loop, "uvloop": uvloop.new_event_loop}


@pytest.fixture(scope="session")
def certificate(tmp_path_factory) -> CertificateFiles:
    """A self-signed certificate, as most servers have."""
    return make_self_signed(tmp_path_factory.mktemp("certificate"))


@pytest.fixture(scope="session")
def chain(tmp_path_factory) -> CertificateFiles:
    """A certificate with two authorities above it."""
    return make_chain(tmp_path_factory.mktemp("chain"), length=3)


@pytest.fixture
def server_context(certificate) -> ssl.SSLContext:
    """An ordinary server's context."""
    return context_of(certificate)


def context_of(files: CertificateFiles) -> ssl.SSLContext:
    """A server's context for a certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(files.chain_file, files.key_file)
    return context


@pytest.fixture
async def listen(server_context) -> AsyncIterator[Callable]:
    """Start listeners, each for a transport and a factory of handlers; everything is closed when the test ends."""
    listeners: list[Listener] = []

    async def start(
        transport: Transport = Transport.TCP, factory=Scripted, *, context=None, address: str = "127.0.0.1"
    ) -> Listener:
        tls = (context or server_context) if transport.encrypted else None
        listener = await serve(address, 0, transport, tls, lambda peer: factory())
        listeners.append(listener)
        return listener

    yield start
    for listener in listeners:
        listener.close()
    await asyncio.sleep(0)


@pytest.fixture
def make_dialer() -> Callable[..., Dialer]:
    """A dialer that may reach loopback, with deadlines far above what loopback needs."""

    def make(**overrides) -> Dialer:
        values = {
            "clock": SystemClock(),
            "policy": AddressPolicy(allow=OWN_NETWORKS),
            "limits": ConnectionLimits(),
            "deadlines": Deadlines(connect=20, proxy=20, tls=20, websocket=20),
        }
        return Dialer(**(values | overrides))

    return make


@pytest.fixture
def dialer(make_dialer) -> Dialer:
    """See ``make_dialer``."""
    return make_dialer()


def endpoint_of(listener: Listener, transport: Transport = Transport.TCP, **overrides) -> Endpoint:
    """The endpoint of a listener."""
    values = {"host": listener.address, "address": listener.address, "port": listener.port, "transport": transport}
    return Endpoint(**(values | overrides))


async def failure_of(awaitable) -> Failure:
    """How an awaitable fails; it must."""
    with pytest.raises(VisitError) as caught:
        await awaitable
    return caught.value.failure
