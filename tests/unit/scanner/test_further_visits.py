"""Further visits in a running scan: when they are made, to whom, what stops them, and what is left of them."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import pytest

from electrum_observatory.model.attempt import AttemptStatus
from electrum_observatory.model.campaign import CampaignState
from electrum_observatory.model.endpoint import Endpoint, Transport
from electrum_observatory.model.errors import VisitError
from electrum_observatory.model.failure import FailureKind, Stage
from electrum_observatory.model.observation import Observation
from electrum_observatory.net.connection import Connection
from electrum_observatory.scanner.config import Budgets, Caps
from electrum_observatory.scanner.earlier import Earlier, Examined
from electrum_observatory.scanner.probes.registry import APART, battery
from electrum_observatory.scanner.rules import Rules
from tests.factories import make_endpoint, make_sighting
from tests.unit.scanner.capture import Scan
from tests.unit.scanner.lab_server import LabDialer, lab_server
from tests.unit.scanner.virtual_time import VirtualClock, run_virtually

HERE = "5.9.1.2"
CORE = {probe.id for probe in battery(["core"])}
EVERYTHING = ("core", "scripts", "chain", "fees", "sweeps", "malformed")
REST_S = 60.0
"""A tenth of the default: even virtual hours take a while."""


def scan_of(*personalities: str, targets: Sequence[str] = (), dialer: Any = None, **settings: Any) -> Scan:
    """A scan of programs at one address, from port 50001 on."""
    ports = range(50001, 50001 + len(personalities))
    programs = {(HERE, port): lab_server(one) for port, one in zip(ports, personalities, strict=True)}
    named = targets or [f"{HERE}:{port}:t" for port in ports]
    settings = {"battery": ("core",), "depth": 0, "budgets": Budgets(revisit_s=REST_S)} | settings
    return Scan({}, targets=named, dialer=dialer or LabDialer(programs), **settings)


def further(scan: Scan) -> list[Observation]:
    return [one for one in scan.sink.observations if one.probe in APART]


def put(scan: Scan) -> Counter[str]:
    return Counter(one.probe for one in further(scan) if one.probe != "opening")


def visits_of(scan: Scan) -> dict[int, list[float]]:
    """Visit to the seconds at which its connections began."""
    found: dict[int, list[float]] = defaultdict(list)
    for one in further(scan):
        if one.probe == "opening" and one.attempt.result is not None:
            found[one.attempt.result["visit"]].append((one.started_monotonic_ns or 0) / 1e9)
    return dict(found)


def test_a_machine_rests_ten_minutes_by_default() -> None:
    assert Budgets().revisit_s == 600


def test_the_whole_core_is_put_once_with_a_rest_before_each_visit_over_at_most_two_spaced_connections() -> None:
    scan = scan_of("electrumx_1_20")

    outcome = run_virtually(scan.run())

    assert outcome.state is CampaignState.COMPLETE
    assert put(scan) == Counter(CORE)
    visits = visits_of(scan)
    assert list(visits) == [1, 2, 3, 4, 5][: len(visits)]
    assert outcome.counts["visits"] == len(visits) >= 3
    starts = [0.0, *(times[0] for times in visits.values())]
    assert all(later - earlier >= REST_S for earlier, later in pairwise(starts))
    assert all(len(times) <= 2 for times in visits.values())
    assert all(times[1] - times[0] >= 10 for times in visits.values() if len(times) == 2)


def test_no_visit_provokes_more_than_six_errors_or_sends_more_than_forty_messages() -> None:
    scan = scan_of("electrumx_1_16", battery=EVERYTHING)

    run_virtually(scan.run())

    sent, errors = Counter[int](), Counter[int]()
    for one in (one for one in further(scan) if one.attempt.result is not None):
        result = one.attempt.result
        assert result is not None
        sent[result["visit"]] += len(result["exchanges"])
        errors[result["visit"]] += sum(b'"error"' in witness.data for witness in one.witnesses)
    assert max(sent.values()) <= 40
    assert max(errors.values()) <= 6
    assert len(sent) >= 10


@pytest.mark.parametrize("personality", ["electrumx_1_18", "fulcrum_1_2", "electrs_romanz_0_9_0", "electrs_esplora"])
def test_every_question_is_put_to_every_family_even_to_those_that_close(personality: str) -> None:
    scan = scan_of(personality, battery=EVERYTHING)

    run_virtually(scan.run())

    statuses = Counter(one.attempt.status for one in further(scan) if one.probe != "opening")
    assert set(statuses) == {AttemptStatus.COMPLETED, AttemptStatus.NOT_APPLICABLE}, statuses
    assert set(put(scan)) == {probe.id for probe in battery(EVERYTHING)}
    assert set(put(scan).values()) == {1}


def test_endpoints_of_one_machine_share_its_rest() -> None:
    scan = scan_of("electrumx_1_20", "fulcrum_2", caps=Caps(examined_per_machine=2), visits=2)

    run_virtually(scan.run())

    openings = sorted((one for one in further(scan) if one.probe == "opening"), key=lambda one: one.started_at_us or 0)
    calls = [(one.endpoint.port, one.attempt.result["visit"], one.started_at_us / 1e6) for one in openings]  # type: ignore[index, operator]
    starts: dict[tuple[int, int], float] = {}
    for port, visit, at_s in calls:
        starts.setdefault((port, visit), at_s)
    assert len(starts) == 4
    times = sorted(starts.values())
    assert all(later - earlier >= REST_S for earlier, later in pairwise(times))
    dials = [at_s for at_s, _ in scan.dialer.dials]
    assert all(later - earlier > 9.999 for earlier, later in pairwise(dials))


def test_one_endpoint_of_a_machine_is_examined_unless_more_are_allowed() -> None:
    scan = scan_of("electrumx_1_20", "electrumx_1_20")

    run_virtually(scan.run())

    assert {one.endpoint.port for one in further(scan)} == {50001}


def test_an_endpoint_that_is_heard_of_late_waits_until_the_machine_has_rested() -> None:
    class Slow:
        """A source that names the second port in the middle of the first one's examination."""

        id, touches_network = "slow", False

        async def sightings(self) -> Any:
            await asyncio.sleep(65)
            yield make_sighting(host=HERE, port=50002, transport="tcp", seen_at_us=None)

    first = scan_of("electrumx_1_20", "electrumx_1_20", targets=[f"{HERE}:50001:t"])
    scan = scan_of("electrumx_1_20", "electrumx_1_20", sources=[*first.sources, Slow()])

    run_virtually(scan.run())

    (routine,) = [at_s for at_s, endpoint in scan.dialer.dials if endpoint.port == 50002]
    before = max(at_s for at_s, endpoint in scan.dialer.dials if at_s < routine)
    after = min(at_s for at_s, endpoint in scan.dialer.dials if at_s > routine)
    assert routine - before >= REST_S - 10, "the visit before began at most two connections ago"
    assert after - routine >= REST_S


def test_a_server_that_refuses_ranges_is_offered_one_version_throughout() -> None:
    scan = scan_of("electrs_romanz_0_9_0", visits=1)

    run_virtually(scan.run())

    openings = {one.attempt.result["opening"] for one in further(scan) if one.attempt.result is not None}
    assert "range" not in openings


def test_nobody_is_examined_who_did_not_shake_hands_or_serves_another_chain() -> None:
    mute = Scan({(HERE, 50001): lambda _message: []}, targets=[f"{HERE}:50001:t"], battery=("core",))
    other = Scan({}, targets=[f"{HERE}:50001:t"], battery=("core",), network="testnet3")
    other.dialer = mute.dialer
    foreign = scan_of("electrumx_1_20", network="signet")

    for scan in (mute, foreign):
        run_virtually(scan.run())

    assert further(mute) == further(foreign) == []
    assert "server_version" in {one.probe for one in foreign.sink.observations}


class Vanishing(LabDialer):
    """Refuses every connection after the first few."""

    def __init__(self, programs: Any, after: int) -> None:
        super().__init__(programs)
        self.after = after

    async def connect(self, endpoint: Endpoint, *, legacy_tls: bool = False) -> Connection:
        if len(self.dials) >= self.after:
            self.dials.append((asyncio.get_running_loop().time(), endpoint))
            raise VisitError(Stage.CONNECT, FailureKind.CONNECT_REFUSED)
        return await super().connect(endpoint, legacy_tls=legacy_tls)


def test_a_server_that_is_gone_is_left_in_peace_after_two_connections_and_the_rest_is_noted() -> None:
    dialer = Vanishing({(HERE, 50001): lab_server("electrumx_1_20")}, after=2)
    scan = scan_of("electrumx_1_20", dialer=dialer)

    run_virtually(scan.run())

    assert len(dialer.dials) == 4
    unput = [one for one in further(scan) if one.attempt.status is AttemptStatus.NOT_SCHEDULED]
    assert {one.attempt.reason for one in unput} == {"2 connections in a row failed"}
    assert put(scan) == Counter(CORE), "every question has an outcome"


def test_questions_beyond_the_limit_of_visits_are_noted_as_left_out() -> None:
    scan = scan_of("electrumx_1_20", visits=1)

    run_virtually(scan.run())

    assert set(visits_of(scan)) == {1}
    reasons = {one.attempt.reason for one in further(scan) if one.attempt.status is AttemptStatus.NOT_SCHEDULED}
    assert reasons == {"it would take more visits than 1"}
    assert put(scan) == Counter(CORE)


def test_aggressive_questions_have_visits_of_their_own() -> None:
    scan = scan_of("fulcrum_2", battery=("aggressive",))

    run_virtually(scan.run())

    assert [len(times) for times in visits_of(scan).values()] == [1, 1, 1, 1]
    assert put(scan) == Counter(probe.id for probe in battery(["aggressive"]))


def test_a_polite_stop_says_how_many_visits_are_left() -> None:
    scan = scan_of("electrumx_1_20")

    async def main() -> Any:
        asyncio.get_running_loop().call_later(80, scan.engine.stop)
        return await scan.run()

    outcome = run_virtually(main())

    assert outcome.state is CampaignState.CANCELLED
    assert list(visits_of(scan)) == [1]
    assert outcome.counts["visits_left"] >= 2
    assert outcome.counts["unvisited"] == 0


def test_progress_says_how_many_visits_wait_and_until_when() -> None:
    scan = scan_of("electrumx_1_20", visits=3)

    run_virtually(scan.run())

    waiting = [(one.visits_waiting, one.visits_until_s) for one in scan.observer.seen]
    assert (3, pytest.approx(3 * REST_S, abs=10)) in waiting
    assert waiting[-1] == (0, None)
    resting = next(one for one in scan.observer.seen if one.visits_waiting == 3)
    assert resting.eta_s == pytest.approx(3 * REST_S, abs=10)


def test_a_scan_that_is_gone_on_with_puts_what_has_no_outcome_after_the_rest_that_is_left() -> None:
    endpoint = make_endpoint(host=HERE, address=HERE, port=50001, transport=Transport.TCP)
    done = frozenset(sorted(CORE)[:10])
    examined = Examined(
        endpoint=endpoint,
        refuses_ranges=False,
        legacy_tls=False,
        put=done,
        last_asked_us=VirtualClock.epoch_us - 20_000_000,
    )
    earlier = Earlier(
        endpoints={endpoint.endpoint_id: endpoint},
        settled=frozenset({endpoint.endpoint_id}),
        dialled=frozenset({endpoint.endpoint_id}),
        examined=(examined,),
    )
    scan = scan_of("electrumx_1_20", rules=Rules(earlier=earlier))

    run_virtually(scan.run())

    assert put(scan) == Counter(CORE - done)
    assert scan.dialer.dials[0][0] == pytest.approx(REST_S - 20), "20 s have passed"
    assert not [one for one in scan.sink.observations if one.probe == "connection"], "no routine visit again"


def test_without_a_rest_visits_follow_each_other_at_once() -> None:
    scan = scan_of("fulcrum_2", budgets=Budgets(revisit_s=0, spacing_s=0))

    run_virtually(scan.run())

    assert put(scan) == Counter(CORE)
    assert scan.dialer.dials[-1][0] < 60
