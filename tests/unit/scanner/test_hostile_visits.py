"""Further visits to whoever means us ill, and to whoever changed his mind: what is asked and kept stays bounded."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from electrum_observatory.cli.planned_visits import further_visits
from electrum_observatory.model.attempt import AttemptStatus
from electrum_observatory.model.endpoint import Endpoint, Transport
from electrum_observatory.scanner.behaviour import Opening
from electrum_observatory.scanner.config import Caps, ScanConfig
from electrum_observatory.scanner.earlier import Earlier, Examined
from electrum_observatory.scanner.history import History, PastDial
from electrum_observatory.scanner.optout import OptOutList
from electrum_observatory.scanner.packing import pack
from electrum_observatory.scanner.plan import ScanPlan, plan_scan
from electrum_observatory.scanner.probes.ping_with_plain_ids import PingWithPlainIdsProbe
from electrum_observatory.scanner.probes.registry import battery
from electrum_observatory.scanner.probes.scripthash_balance import ScripthashBalanceProbe
from electrum_observatory.scanner.rules import Rules
from tests.factories import make_endpoint
from tests.unit.scanner.battery_harness import VERSION, Called, RawConnection, Script
from tests.unit.scanner.capture import Scan
from tests.unit.scanner.lab_server import LabDialer, lab_server
from tests.unit.scanner.scripted import CLOSE
from tests.unit.scanner.test_further_visits import HERE, REST_S, further, put, scan_of, visits_of
from tests.unit.scanner.virtual_time import VirtualClock, run_virtually

CORE = {probe.id for probe in battery(["core"])}
MANY = ("core", "scripts", "fees", "malformed")


def is_ours(line: bytes) -> bool:
    return b"server.ping" in line and b'"id":90' in line


class TurningBad(LabDialer):
    """Is an honest server in the routine visit, and follows a script from then on."""

    def __init__(self, script: Script) -> None:
        super().__init__({(HERE, 50001): lab_server("electrumx_1_20")})
        self.bad: list[RawConnection] = []
        self._script = script

    async def connect(self, endpoint: Endpoint, *, legacy_tls: bool = False) -> Any:
        honest = await super().connect(endpoint, legacy_tls=legacy_tls)
        if len(self.dials) == 1:
            return honest
        self.bad.append(RawConnection(endpoint, self._script))
        return self.bad[-1]


def visited(script: Script, **settings: Any) -> tuple[Scan, TurningBad]:
    dialer = TurningBad(script)
    scan = scan_of("electrumx_1_20", dialer=dialer, **settings)
    run_virtually(scan.run())
    return scan, dialer


def reasons(scan: Scan) -> Counter[str | None]:
    return Counter(one.attempt.reason for one in further(scan) if one.attempt.status is AttemptStatus.NOT_SCHEDULED)


def closes_at_once(_line: bytes) -> Sequence[Any]:
    return [CLOSE]


def says_nothing(_line: bytes) -> Sequence[Any]:
    return []


def refuses_us(line: bytes) -> Sequence[Any]:
    return [b'{"jsonrpc":"2.0","error":{"code":1,"message":"go away"},"id":0}\n'] if b'"id":0,' in line else [CLOSE]


def test_whoever_closes_says_nothing_or_refuses_from_the_second_visit_on_is_soon_left_in_peace() -> None:
    for script in (closes_at_once, says_nothing, refuses_us):
        scan, dialer = visited(script, battery=MANY)

        assert len(dialer.bad) <= 4, script
        assert set(put(scan)) == {probe.id for probe in battery(MANY)}, "every question has an outcome"
        assert set(put(scan).values()) == {1}
        assert set(reasons(scan)) == {"2 connections in a row failed"}


def refuses_everything(line: bytes) -> Sequence[Any]:
    said = b'{"jsonrpc":"2.0","error":{"code":1,"message":"no"},"id":' + line.partition(b'"id":')[2].partition(b",")[0]
    return [VERSION] if b'"id":0,' in line else [said + b"}\n"]


def test_no_connection_is_made_where_the_one_before_has_used_up_the_errors_of_the_visit() -> None:
    scan, dialer = visited(refuses_everything, battery=MANY)

    mere_handshakes = [one.sent for one in dialer.bad if [b'"id":0,' in line for line in one.sent] == [True]]
    assert mere_handshakes == [], "each connection is made to ask something"
    assert set(put(scan)) == {probe.id for probe in battery(MANY)}, "every question has an outcome"
    assert set(put(scan).values()) == {1}
    for times in visits_of(scan).values():
        assert len(times) <= 2


def only_pings(line: bytes) -> Sequence[Any]:
    if b"server.version" in line:
        return [VERSION]
    return [b'{"jsonrpc":"2.0","result":null,"id":' + line.partition(b'"id":')[2][:3] + b"}\n"] if is_ours(line) else []


def test_whoever_answers_nothing_but_pings_gets_no_more_messages_than_a_visit_has() -> None:
    probe = ScripthashBalanceProbe()

    called = Called(probe, script=only_pings, requests=7)

    assert len(called.sent) == 7, "the handshake, three questions and a ping after each"
    assert called.result(probe).stopped == "7 messages on this connection"


def test_where_the_first_connection_took_all_messages_of_a_visit_the_second_sends_none() -> None:
    called = Called(PingWithPlainIdsProbe(), script=only_pings, requests=0)

    assert called.sent == []
    assert called.by_probe["ping_with_plain_ids"].attempt.status is AttemptStatus.NOT_SCHEDULED


def late_refusals(at_once: int) -> Script:
    """Answer pings at once, and everything else by errors, once so many requests wait for them."""
    held: list[bytes] = []

    def script(line: bytes) -> Sequence[Any]:
        if b"server.version" in line or not is_ours(line):
            held.append(line.partition(b'"id":')[2].partition(b",")[0])
            return [VERSION] if held[-1] == b"0" else []
        refusals = [b'{"jsonrpc":"2.0","error":{"code":1,"message":"late"},"id":%s}\n' % one for one in held[1:]]
        if len(held) > at_once:
            del held[1:]
        return [*only_pings(line), *(refusals if len(held) == 1 else [])]

    return script


def test_whoever_answers_by_errors_when_nobody_waits_any_more_brings_no_more_of_them_than_anybody() -> None:
    visits = pack(battery(("core", "chain", "scripts", "fees", "sweeps")), requests=40, errors=6)
    connections = [one for visit in visits for one in visit.connections if one.opening is not Opening.BARE]

    found = [
        Called(*one.probes, script=late_refusals(at_once), opening=one.opening).notebook.errors
        for one in connections
        for at_once in (1, 3, 6)
    ]

    assert 0 < max(found) <= 6


def test_whether_a_server_was_silent_or_dead_is_not_known_where_no_ping_may_follow() -> None:
    probe = PingWithPlainIdsProbe()

    called = Called(probe, script=only_pings, requests=4)

    assert len(called.sent) == 4
    assert [one.alive_after for one in called.result(probe).exchanges] == [True, None, None]


def chatters(line: bytes) -> Sequence[Any]:
    """Answer whatever is asked with half a megabyte."""
    if b"server.version" in line:
        return [VERSION]
    _, _, rest = line.partition(b'"id":')
    return [b'{"jsonrpc":"2.0","result":"' + b"x" * 500_000 + b'","id":' + rest.partition(b",")[0] + b"}\n"]


def test_whoever_sends_megabytes_at_every_visit_is_heard_up_to_a_limit() -> None:
    scan, _ = visited(chatters, battery=MANY, caps=Caps(bytes_per_examination=3_000_000))

    kept = sum(len(witness.data) for one in further(scan) for witness in one.witnesses)
    assert 3_000_000 < kept < 3_000_000 + 40 * 500_000
    assert "more than 3000000 bytes in answer to further questions" in reasons(scan)
    assert set(put(scan).values()) == {1}


def test_a_version_that_is_a_novel_is_kept_once_with_the_bytes_and_in_no_result() -> None:
    def script(line: bytes) -> Sequence[Any]:
        if b"server.version" not in line:
            return only_pings(line)
        return [b'{"jsonrpc":"2.0","result":["x","' + b"1.4 " * 100_000 + b'"],"id":0}\n']

    called = Called(PingWithPlainIdsProbe(), script=script)

    assert called.result("opening").negotiated is None
    assert len(called.by_probe["opening"].witnesses[0].data) > 400_000


def test_many_names_ports_and_neighbouring_addresses_of_one_machine_are_examined_once() -> None:
    near = [f"2a01:4f8:1:2::{number:x}" for number in range(1, 4)]
    names = {f"{letter}.example.org": [HERE] for letter in "abc"} | {"six.example.org": near}
    places = [(address, 50001) for address in (HERE, *near)]
    dialer = LabDialer({place: lab_server("electrumx_1_20") for place in places})
    targets = [f"{name}:50001:t" for name in names]
    scan = scan_of("electrumx_1_20", dialer=dialer, targets=targets, names=names, visits=2)

    run_virtually(scan.run())

    assert len({one.endpoint for one in scan.sink.observations if one.probe == "server_version"}) == 6
    assert len({one.endpoint for one in further(scan)}) == 2, "one of the IPv4 address, one of the IPv6 /64"


def gone_on_with(**rules: Any) -> Scan:
    scan = scan_of("electrumx_1_20", rules=Rules(earlier=in_the_middle(), **rules))
    run_virtually(scan.run())
    return scan


def in_the_middle() -> Earlier:
    endpoint = make_endpoint(host=HERE, address=HERE, port=50001, transport=Transport.TCP)
    examined = Examined(
        endpoint=endpoint,
        refuses_ranges=False,
        legacy_tls=False,
        put=frozenset(sorted(CORE)[:10]),
        last_asked_us=VirtualClock.epoch_us - 10_000 * 1_000_000,
    )
    return Earlier(
        endpoints={endpoint.endpoint_id: endpoint},
        settled=frozenset({endpoint.endpoint_id}),
        dialled=frozenset({endpoint.endpoint_id}),
        examined=(examined,),
    )


def test_what_another_campaign_asked_meanwhile_lengthens_the_rest_of_one_that_is_gone_on_with() -> None:
    other_port = make_endpoint(host=HERE, address=HERE, port=50002, transport=Transport.SSL)
    asked = PastDial(endpoint=other_port, at_us=VirtualClock.epoch_us - 20_000_000, failure=None)

    scan = gone_on_with(history=History.of([asked]))

    assert scan.dialer.dials[0][0] >= REST_S - 20
    assert put(scan)


def test_an_opt_out_between_two_sittings_ends_the_examination() -> None:
    for covered in (HERE, "5.9.0.0/16"):
        scan = gone_on_with(opt_outs=OptOutList.parse([covered]))

        assert scan.dialer.dials == []
        assert not further(scan)


def test_an_exclusion_between_two_sittings_ends_the_examination_too() -> None:
    scan = gone_on_with(excluded=OptOutList.parse([HERE]))

    assert scan.dialer.dials == []


def test_a_dry_run_of_what_is_gone_on_with_names_whom_it_asks_on() -> None:
    def planned(**rules: Any) -> ScanPlan:
        plan: ScanPlan = run_virtually(
            plan_scan(
                config=ScanConfig(battery=("core",)),
                sources=[],
                rules=Rules(earlier=in_the_middle(), **rules),
                now_us=VirtualClock.epoch_us,
            )
        )
        return plan

    done = gone_on_with()
    left, opted_out = planned(), planned(opt_outs=OptOutList.parse([HERE]))

    assert [one.endpoint for one in left.visits_left] == [f"tcp://{HERE}:50001@{HERE}"]
    assert len(left.visits_left[0].visits) == len(visits_of(done))
    assert any("is asked on" in line for line in further_visits(left))
    assert opted_out.visits_left == ()
