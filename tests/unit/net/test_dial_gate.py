"""What the gate refuses before a packet leaves, and how a lab's identities become loopback sockets."""

import asyncio

import pytest

from electrum_observatory.model.endpoint import Endpoint, Transport
from electrum_observatory.model.failure import FailureKind, Stage
from electrum_observatory.net.clock import SystemClock
from electrum_observatory.net.dial import Dialer
from electrum_observatory.net.limits import Deadlines
from electrum_observatory.net.overlay import Overlay
from electrum_observatory.net.policy import AddressPolicy
from electrum_observatory.net.proxy import SocksProxy
from tests.unit.net.conftest import failure_of

ONION = "a" * 56 + ".onion"
MAPPED_LOOPBACK = "::ffff:7f00:1"


def endpoint(host: str, address: str | None, port: int = 50001, transport: Transport = Transport.TCP) -> Endpoint:
    return Endpoint(host=host, address=address, port=port, transport=transport)


@pytest.fixture
def strict() -> Dialer:
    return Dialer(clock=SystemClock(), policy=AddressPolicy())


@pytest.mark.parametrize(
    ("refused", "kind", "detail"),
    [
        (endpoint("evil.example.org", "127.0.0.1"), FailureKind.ADDRESS_REFUSED, "loopback"),
        (endpoint("evil.example.org", "169.254.169.254"), FailureKind.ADDRESS_REFUSED, "link_local"),
        (endpoint("evil.example.org", MAPPED_LOOPBACK), FailureKind.ADDRESS_REFUSED, "ipv4_mapped"),
        (endpoint("10.0.0.1", None), FailureKind.ADDRESS_REFUSED, "private"),
        (endpoint("electrum.example.org", None), FailureKind.ADDRESS_REFUSED, "no address was resolved"),
        (endpoint("mail.example.org", "5.9.1.2", port=25), FailureKind.PORT_REFUSED, "SMTP: looks like spam"),
        (endpoint(ONION, None), FailureKind.NEEDS_TOR, ""),
    ],
)
async def test_refused_before_anything_is_dialled(strict, refused, kind, detail):
    failure = await failure_of(strict.connect(refused))

    assert (failure.stage, failure.kind, failure.detail) == (Stage.POLICY, kind, detail)


def test_with_a_proxy_names_and_onions_pass_and_literals_are_still_checked():
    dialer = Dialer(clock=SystemClock(), policy=AddressPolicy(), proxy=SocksProxy())

    dialer.refuse(endpoint(ONION, None))
    dialer.refuse(endpoint("electrum.example.org", None))
    with pytest.raises(Exception, match="private"):
        dialer.refuse(endpoint("10.0.0.1", None))


async def test_the_address_that_was_checked_is_dialled_whatever_the_name_leads_to_by_now(listen, make_dialer):
    """The system's resolver would lead "localhost" to 127.0.0.1."""
    checked, elsewhere = await listen(address="127.9.9.9"), await listen(address="127.0.0.1")
    dialer = make_dialer()

    connection = await dialer.connect(endpoint("localhost", "127.9.9.9", checked.port))
    peer = connection.wire.transport.get_extra_info("peername")
    connection.abort()
    failure = await failure_of(dialer.connect(endpoint("localhost", "127.9.9.9", elsewhere.port)))

    assert peer == ("127.9.9.9", checked.port)
    assert failure.kind is FailureKind.CONNECT_REFUSED


@pytest.mark.parametrize("host", ["localhost", "router.lan"])
async def test_a_proxy_is_handed_no_local_name_on_the_word_of_strangers(host):
    dialer = Dialer(clock=SystemClock(), policy=AddressPolicy(), proxy=SocksProxy())

    failure = await failure_of(dialer.connect(endpoint(host, None)))

    assert (failure.kind, failure.detail) == (FailureKind.ADDRESS_REFUSED, "local_name")


def test_a_lab_is_never_dialled_through_a_proxy():
    with pytest.raises(ValueError, match="lab"):
        Dialer(clock=SystemClock(), policy=AddressPolicy(), overlay=Overlay(name="x", sockets={}), proxy=SocksProxy())


@pytest.fixture
async def lab(listen) -> Overlay:
    """Two identities behind loopback sockets, and a host that hangs."""
    plain, encrypted = await listen(), await listen(Transport.SSL)
    return Overlay(
        name="two",
        sockets={
            ("5.9.1.2", 50001): ("127.0.0.1", plain.port),
            ("2a01:4f8::1", 50002): ("127.0.0.1", encrypted.port),
            ("5.9.1.9", 50001): ("5.9.1.9", 50001),
        },
        silent=frozenset({"5.9.1.3"}),
        time_scale=1000,
    )


@pytest.fixture
def lab_dialer(lab) -> Dialer:
    return Dialer(clock=SystemClock(time_scale=1000), policy=AddressPolicy(), overlay=lab)


async def test_an_identity_is_dialled_at_its_loopback_socket_and_facts_name_the_identity(lab_dialer):
    for asked in (
        endpoint("one.example.org", "5.9.1.2"),
        endpoint("2a01:4f8::1", "2a01:4f8::1", 50002, Transport.SSL),
    ):
        connection = await lab_dialer.connect(asked)
        connection.send(b"hello\n")
        line = await connection.receive()
        connection.abort()

        assert line.data == b"hello\n"
        assert connection.facts.endpoint == asked


@pytest.mark.parametrize(
    ("asked", "stage", "kind"),
    [
        (endpoint("one.example.org", "5.9.1.2", 50003), Stage.CONNECT, FailureKind.CONNECT_REFUSED),
        (endpoint("silent.example.org", "5.9.1.3"), Stage.CONNECT, FailureKind.CONNECT_TIMEOUT),
        (endpoint("real.example.org", "1.1.1.1"), Stage.POLICY, FailureKind.NOT_IN_OVERLAY),
        (endpoint("leak.example.org", "5.9.1.9"), Stage.POLICY, FailureKind.NOT_IN_OVERLAY),
        (endpoint("evil.example.org", "127.0.0.1"), Stage.POLICY, FailureKind.ADDRESS_REFUSED),
        (endpoint(ONION, None), Stage.POLICY, FailureKind.NEEDS_TOR),
    ],
)
async def test_what_the_overlay_does_not_hold_is_never_dialled(lab_dialer, asked, stage, kind):
    failure = await failure_of(lab_dialer.connect(asked))

    assert (failure.stage, failure.kind) == (stage, kind)


async def test_a_silent_host_takes_the_whole_deadline_of_the_lab_s_clock(lab):
    waited = []

    class Clock(SystemClock):
        async def sleep(self, seconds: float) -> None:
            waited.append(seconds)
            await asyncio.sleep(0)

    dialer = Dialer(clock=Clock(), policy=AddressPolicy(), overlay=lab, deadlines=Deadlines(connect=7))

    failure = await failure_of(dialer.connect(endpoint("silent.example.org", "5.9.1.3")))

    assert failure.kind is FailureKind.CONNECT_TIMEOUT
    assert waited == [7]
