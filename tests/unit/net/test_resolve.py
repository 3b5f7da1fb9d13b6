"""Names and pointers: the system's resolver, a small real name server on loopback, and a lab's address book."""

import asyncio
import socket
import threading

import dns.flags
import dns.message
import dns.rcode
import dns.rrset
import pytest

from electrum_observatory.model.errors import VisitError
from electrum_observatory.model.failure import FailureKind, Stage
from electrum_observatory.net.overlay import Overlay
from electrum_observatory.net.resolve import CachingResolver, OverlayResolver, SystemResolver
from tests.unit.net.conftest import failure_of


class NameServer(asyncio.DatagramProtocol):
    """Answers pointer questions from a table of reversed names: names, a response code, or None for silence."""

    def __init__(self, table) -> None:
        self.table = table
        self.asked = 0
        self.at_once = self.most_at_once = 0

    def connection_made(self, transport) -> None:
        self.transport = transport

    def datagram_received(self, data, peer) -> None:
        self.asked += 1
        query = dns.message.from_wire(data)
        name = query.question[0].name
        answer = self.table.get(str(name), dns.rcode.NXDOMAIN)
        if answer is None:
            return
        response = dns.message.make_response(query)
        response.flags |= dns.flags.RA
        if isinstance(answer, dns.rcode.Rcode):
            response.set_rcode(answer)
        elif answer:
            response.answer.append(dns.rrset.from_text(name, 60, "IN", "PTR", *answer))
        self.transport.sendto(response.to_wire(), peer)


TABLE = {
    "2.1.9.5.in-addr.arpa.": ["Two.Example.ORG.", "also.example.org."],
    "3.1.9.5.in-addr.arpa.": [],
    "4.1.9.5.in-addr.arpa.": dns.rcode.SERVFAIL,
    "5.1.9.5.in-addr.arpa.": None,
    "6.1.9.5.in-addr.arpa.": [f"n{number:02}.example.org." for number in range(40)],
    "7.1.9.5.in-addr.arpa.": ["a\\000b\\027[31m.example.org."],
    "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.f.4.0.1.0.a.2.ip6.arpa.": ["six.example.org."],
}


@pytest.fixture
async def name_server():
    transport, server = await asyncio.get_running_loop().create_datagram_endpoint(
        lambda: NameServer(TABLE), local_addr=("127.0.0.1", 0)
    )
    server.address = transport.get_extra_info("sockname")
    yield server
    transport.close()


@pytest.fixture
def resolver(name_server):
    one = SystemResolver(seconds=20, nameserver=name_server.address)
    yield one
    one.close()


@pytest.mark.parametrize(
    ("address", "names"),
    [
        ("5.9.1.2", ("also.example.org", "two.example.org")),
        ("2a01:4f8::1", ("six.example.org",)),
        ("5.9.1.3", ()),
        ("5.9.1.99", ()),
    ],
)
async def test_pointers_are_asked_of_the_name_server(resolver, address, names):
    assert await resolver.pointers(address) == names


async def test_a_flood_of_pointers_is_cut(resolver):
    assert len(await resolver.pointers("5.9.1.6")) == 16


async def test_strange_pointers_come_out_as_printable_ascii(resolver):
    (name,) = await resolver.pointers("5.9.1.7")

    assert name.isascii()
    assert name.isprintable()


async def test_a_name_server_in_trouble_is_a_failure_of_dns(resolver):
    failure = await failure_of(resolver.pointers("5.9.1.4"))

    assert (failure.stage, failure.kind) == (Stage.RESOLVE, FailureKind.DNS_FAILURE)


async def test_a_name_server_that_keeps_silent_times_out(name_server):
    resolver = SystemResolver(seconds=0.05, nameserver=name_server.address)

    failure = await failure_of(resolver.pointers("5.9.1.5"))
    resolver.close()

    assert (failure.stage, failure.kind) == (Stage.RESOLVE, FailureKind.DNS_TIMEOUT)


async def test_many_pointers_at_once_are_all_answered(name_server):
    resolver = SystemResolver(seconds=20, pointers_at_once=3, nameserver=name_server.address)

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(resolver.pointers("5.9.1.2")) for _ in range(20)]
    resolver.close()

    assert {task.result() for task in tasks} == {("also.example.org", "two.example.org")}


async def test_names_go_through_the_system_so_that_hosts_files_count(resolver):
    assert "127.0.0.1" in await resolver.addresses("localhost")


async def test_a_literal_is_its_own_address(resolver):
    assert await resolver.addresses("5.9.1.2") == ("5.9.1.2",)
    assert await resolver.addresses("2a01:4f8::1") == ("2a01:4f8::1",)


def rows(*addresses):
    return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 0)) for address in addresses]


@pytest.fixture
def system_says():
    """A resolver over a system call that says what it is told."""
    made = []

    def make(answer, **overrides):
        def getaddrinfo(host, port, **_):
            if isinstance(answer, Exception):
                raise answer
            return answer(host) if callable(answer) else answer

        made.append(SystemResolver(getaddrinfo=getaddrinfo, **overrides))
        return made[-1]

    yield make
    for one in made:
        one.close()


async def test_addresses_come_once_each_and_in_canonical_form(system_says):
    answer = rows("5.9.1.2", "5.9.1.2", "2A01:04F8:0::1", "fe80::1%eth0")

    assert await system_says(answer).addresses("x.example.org") == ("5.9.1.2", "2a01:4f8::1", "fe80::1")


async def test_a_name_with_very_many_addresses_is_cut(system_says):
    answer = rows(*(f"5.9.1.{number}" for number in range(200)))

    assert len(await system_says(answer).addresses("x.example.org")) == 32


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (socket.gaierror(socket.EAI_NONAME, "Name or service not known"), FailureKind.NAME_NOT_FOUND),
        (socket.gaierror(socket.EAI_NODATA, "No address"), FailureKind.NAME_NOT_FOUND),
        (socket.gaierror(socket.EAI_AGAIN, "Temporary failure"), FailureKind.DNS_FAILURE),
        (socket.gaierror(socket.EAI_FAIL, "Non-recoverable failure"), FailureKind.DNS_FAILURE),
        (UnicodeEncodeError("idna", "x", 0, 1, "label too long"), FailureKind.NAME_NOT_FOUND),
        (OSError(24, "Too many open files"), FailureKind.OUT_OF_DESCRIPTORS),
        (OSError(111, "Connection refused"), FailureKind.DNS_FAILURE),
        (KeyError("a bug of ours"), FailureKind.BUG_IN_OBSERVATORY),
    ],
)
async def test_every_answer_of_the_system_has_its_kind(system_says, error, kind):
    failure = await failure_of(system_says(error).addresses("x.example.org"))

    assert (failure.stage, failure.kind) == (Stage.RESOLVE, kind)


async def test_a_system_that_hangs_times_out(system_says):
    release = threading.Event()
    resolver = system_says(lambda host: release.wait(20) and rows("5.9.1.2"), seconds=0.05)

    failure = await failure_of(resolver.addresses("x.example.org"))
    release.set()

    assert (failure.stage, failure.kind) == (Stage.RESOLVE, FailureKind.DNS_TIMEOUT)


async def test_lookups_that_hang_hold_up_no_others_and_cost_them_none_of_their_time(system_says):
    release = threading.Event()

    def answer(host):
        if host.startswith("mute"):
            release.wait(20)
        return rows("5.9.1.2")

    resolver = system_says(answer, seconds=0.2, at_once=2)
    hosts = [*(f"mute{number}.org" for number in range(6)), "honest.org"]
    tasks = [asyncio.ensure_future(resolver.addresses(host)) for host in hosts]
    await asyncio.wait(tasks)
    release.set()

    assert tasks.pop().result() == ("5.9.1.2",)
    assert {task.exception().failure.kind for task in tasks} == {FailureKind.DNS_TIMEOUT}


async def test_no_more_lookups_are_waited_for_at_once_than_allowed(system_says):
    lock, under_way, most = threading.Lock(), [], []

    def answer(host):
        with lock:
            under_way.append(host)
            most.append(len(under_way))
        with lock:
            under_way.remove(host)
        return rows("5.9.1.2")

    resolver = system_says(answer, seconds=20, at_once=2)
    await asyncio.gather(*(resolver.addresses(f"a{number}.org") for number in range(20)))

    assert max(most) <= 2


async def test_threads_that_hang_are_bounded_and_whoever_comes_then_is_told_that_it_is_our_trouble(system_says):
    release = threading.Event()
    resolver = system_says(lambda host: release.wait(20) and rows("5.9.1.2"), seconds=0.02, at_once=1, most_threads=2)
    for host in ("a.org", "b.org"):
        assert (await failure_of(resolver.addresses(host))).kind is FailureKind.DNS_TIMEOUT

    failure = await failure_of(resolver.addresses("c.org"))
    release.set()

    assert (failure.kind, failure.detail) == (FailureKind.OUT_OF_DESCRIPTORS, "too many lookups hang")


async def test_a_closed_resolver_begins_no_lookup(system_says):
    resolver = system_says(rows("5.9.1.2"))
    resolver.close()

    assert (await failure_of(resolver.addresses("x.example.org"))).kind is FailureKind.CANCELLED


async def test_onion_names_are_never_looked_up(system_says):
    asked = []
    resolver = system_says(lambda host: asked.append(host) or rows("5.9.1.2"))

    failure = await failure_of(resolver.addresses("a" * 56 + ".onion"))

    assert failure.kind is FailureKind.NAME_NOT_FOUND
    assert asked == []


@pytest.fixture
def lab_resolver() -> OverlayResolver:
    return OverlayResolver(
        Overlay(
            name="lab",
            sockets={},
            names={"one.example.org": ("5.9.1.2", "2a01:4f8::1")},
            pointers={"5.9.1.2": ("one.example.org",)},
        )
    )


async def test_a_lab_knows_its_own_names_and_no_others(lab_resolver):
    assert await lab_resolver.addresses("one.example.org") == ("5.9.1.2", "2a01:4f8::1")
    assert await lab_resolver.addresses("5.9.9.9") == ("5.9.9.9",)
    assert await lab_resolver.pointers("5.9.1.2") == ("one.example.org",)
    assert await lab_resolver.pointers("5.9.1.3") == ()
    assert (await failure_of(lab_resolver.addresses("localhost"))).kind is FailureKind.NAME_NOT_FOUND


async def test_a_host_is_asked_for_once_however_many_ask(system_says):
    asked = []

    def answer(host):
        asked.append(host)
        if host == "bad.example.org":
            raise socket.gaierror(socket.EAI_NONAME, "no")
        return rows("5.9.1.2")

    resolver = CachingResolver(system_says(answer))
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(resolver.addresses("x.example.org")) for _ in range(10)]
    for _ in range(2):
        with pytest.raises(VisitError, match="name_not_found"):
            await resolver.addresses("bad.example.org")

    assert {task.result() for task in tasks} == {("5.9.1.2",)}
    assert asked == ["x.example.org", "bad.example.org"]


async def test_what_is_remembered_is_bounded(system_says):
    asked = []
    resolver = CachingResolver(system_says(lambda host: asked.append(host) or rows("5.9.1.2")), max_hosts=2)

    for host in ("a.org", "b.org", "c.org", "c.org", "a.org"):
        await resolver.addresses(host)

    assert asked == ["a.org", "b.org", "c.org", "a.org"]
