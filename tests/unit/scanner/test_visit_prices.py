"""What further visits cost a server by its own rules: ElectrumX's prices and Fulcrum's count of errors, for each build.

Sources: ``electrumx/server/session.py`` and ``env.py`` (COST_SOFT_LIMIT), ``aiorpcx/session.py`` (``error_base_cost``),
Fulcrum's ``Servers.cpp``. What real servers charge is read from their own books in tests/servers.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

import pytest

from electrum_observatory.lab.personalities.registry import PERSONALITIES
from electrum_observatory.scanner.behaviour import Group
from electrum_observatory.scanner.packing import PlannedVisit, pack
from electrum_observatory.scanner.probes.registry import BATTERY
from electrum_observatory.scanner.treatment import treatment_visits
from tests.unit.scanner.battery_harness import MAINNET
from tests.unit.scanner.lab_server import LabConnection, LabDialer, lab_server
from tests.unit.scanner.test_further_visits import HERE, further, scan_of
from tests.unit.scanner.virtual_time import run_virtually

SOFT_LIMIT = 1_000.0
"""Above it answers are slowed down."""
REFUNDED_AT_LEAST = 600.0
"""In ten minutes, if the refund of every five minutes comes but once; mostly it comes twice."""
RETAINED_AT_MOST = 600.0
CONNECTION, ERROR, UNREADABLE, UNIT_BYTES = 5.0, 100.0, 1_000.0, 5_000
DEAREST_OTHER = 2.0
PRICES: Mapping[str, float] = {
    "server.version": 0.5,
    "server.ping": 0.1,
    "server.banner": 0.5,
    "blockchain.relayfee": 1.0,
    "blockchain.block.header": 1.25,
    "blockchain.block.headers": 1.5,
    "blockchain.estimatefee": 2.1,
    "blockchain.scripthash.get_balance": 1.0,
    "blockchain.scripthash.get_history": 1.0,
    "blockchain.transaction.get": 1.0,
}
"""With a proof and a miss of every cache; beside these comes a fiftieth for each entry of a history."""
ENTRY_BYTES = 100
DROPPED_AT = 10
"""Fulcrum drops a client whose errors exceed its good requests by so many."""
WITH_ERRORS = ("core", "fees", "malformed")
"""The others cost what they declare: these programs answer them with hardly an error."""
VISITS = pack(BATTERY, requests=40, errors=6)


def price_of(sent: Sequence[bytes], heard_bytes: float, errors: int) -> float:
    """Return the most that a connection can cost: every byte that is heard may be of a history as well."""
    asked = sum(PRICES.get(method, DEAREST_OTHER) for line in sent for method in methods_in(line))
    carried = (sum(map(len, sent)) + heard_bytes) / UNIT_BYTES
    return CONNECTION + asked + carried + heard_bytes / ENTRY_BYTES / 50 + ERROR * errors


def methods_in(line: bytes) -> list[str]:
    """Return the methods that a line calls; of what is no call none."""
    try:
        said = json.loads(line)
    except ValueError:
        return []
    calls = said if isinstance(said, list) else [said]
    return [str(call["method"]) for call in calls if isinstance(call, dict) and "method" in call]


def declared_price(visit: PlannedVisit) -> float:
    """Return what a visit costs where all give every error that somebody gives, and replies are as long as declared."""
    price = 0.0
    for one in visit.connections:
        lines = [step.line for probe in one.probes for step in probe.steps(MAINNET)]
        pings = [b'{"method":"server.ping"}'] * sum(probe.cost.pings for probe in one.probes)
        price += price_of([b'{"method":"server.version"}', *pings, *lines], sum(p.cost.bytes for p in one.probes), 0)
    return price + ERROR * visit.errors


def test_every_planned_visit_stays_below_the_limit_above_which_answers_are_slowed_down() -> None:
    owed = 0.0
    for visit in (visit for visit in VISITS if not visit.alone):
        price = declared_price(visit)
        assert price < SOFT_LIMIT, (visit.number, price)
        owed = max(0.0, owed + price - REFUNDED_AT_LEAST)
        assert owed <= RETAINED_AT_MOST, (visit.number, owed)


def test_a_visit_that_asks_in_several_ways_costs_no_more_than_any_other() -> None:
    visits = treatment_visits("tcp://a.example.org:1", MAINNET, batches=2, rounds=12, first_number=1)

    assert len(visits) == 48
    for visit in visits:
        assert visit.requests <= 40, visit.number
        assert visit.errors <= 6, visit.number
        assert declared_price(visit) < SOFT_LIMIT, visit.number


def test_only_a_line_that_no_program_can_read_costs_more_and_only_consenting_operators_pay_it() -> None:
    unreadable = [probe for probe in BATTERY for step in probe.steps(MAINNET) if not is_json(step.line)]
    dear = [visit for visit in VISITS if visit.alone and declared_price(visit) >= SOFT_LIMIT - UNREADABLE / 2]

    assert [(probe.id, probe.group) for probe in unreadable] == [("not_json", Group.AGGRESSIVE)]
    assert dear == [], "sweeps, bursts and the search for a limit stay far below it"


def is_json(line: bytes) -> bool:
    try:
        json.loads(line)
    except ValueError:
        return False
    return True


def examined(personality: str) -> dict[int, list[tuple[LabConnection, int]]]:
    """Let a program be examined; return the connections of each visit, with the bytes that each brought."""
    dialer = LabDialer({(HERE, 50001): lab_server(personality)})
    scan = scan_of(personality, dialer=dialer, battery=WITH_ERRORS, reference=MAINNET.reference)
    run_virtually(scan.run())
    heard, visits = Counter[tuple[int, int]](), defaultdict[int, list[tuple[LabConnection, int]]](list)
    for one in further(scan):
        said = one.attempt.result or {}
        heard[said.get("visit", 0), said.get("connection", 0)] += sum(len(witness.data) for witness in one.witnesses)
    places = sorted(place for place in heard if place[0])
    connections = dialer.connections[-len(places) :]
    for place, connection in zip(places, connections, strict=True):
        visits[place[0]].append((connection, heard[place]))
    return visits


@pytest.mark.parametrize("personality", [one for one in PERSONALITIES if "electrumx" in one])
def test_no_visit_costs_an_electrumx_more_than_it_forgives(personality: str) -> None:
    prices = [
        sum(price_of(one.sent, heard, len(one.errors)) for one, heard in connections)
        for connections in examined(personality).values()
    ]

    assert len(prices) >= 10
    assert max(prices) < SOFT_LIMIT
    owed = 0.0
    for price in prices:
        owed = max(0.0, owed + price - REFUNDED_AT_LEAST)
        assert owed <= RETAINED_AT_MOST


@pytest.mark.parametrize("personality", [one for one in PERSONALITIES if "fulcrum" in one])
def test_no_fulcrum_is_ever_close_to_dropping_us(personality: str) -> None:
    """Whatever the order: as if all errors counted, and came before any good request."""
    found = [len(one.errors) for connections in examined(personality).values() for one, _ in connections]

    assert max(found) < DROPPED_AT
    assert sum(found) > 2 * DROPPED_AT, "errors were asked for, over many connections"
