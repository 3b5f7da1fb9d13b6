"""A scan that asks in several ways: spaced like all further visits, recorded with its draw, and gone on with."""

from collections import Counter, defaultdict
from itertools import pairwise

import pytest

from electrum_observatory.model.campaign import CampaignState
from electrum_observatory.model.endpoint import Transport
from electrum_observatory.model.observation import Observation
from electrum_observatory.scanner.config import Budgets, ScanConfig
from electrum_observatory.scanner.earlier import Earlier, Examined
from electrum_observatory.scanner.probes.treatment import arms_put
from electrum_observatory.scanner.rules import Rules
from tests.factories import CAMPAIGN_ID, make_endpoint
from tests.unit.scanner.capture import Scan
from tests.unit.scanner.lab_server import LabDialer, lab_server
from tests.unit.scanner.virtual_time import VirtualClock, run_virtually

HERE = "5.9.1.2"
REST_S = 60.0
"""A tenth of the default: even virtual hours take a while."""
_ROUNDING_S = 1e-6
ENDPOINT = make_endpoint(host=HERE, address=HERE, port=50001, transport=Transport.TCP)


def scan_of(personality: str, *, rounds: int, rules: Rules | None = None) -> Scan:
    return Scan(
        {},
        targets=[f"{HERE}:50001:t"],
        dialer=LabDialer({(HERE, 50001): lab_server(personality)}),
        depth=0,
        treatment=2,
        treatment_rounds=rounds,
        budgets=Budgets(revisit_s=REST_S),
        rules=rules or Rules(),
    )


def arms(scan: Scan) -> list[Observation]:
    return [one for one in scan.sink.observations if one.probe == "treatment"]


@pytest.mark.parametrize("personality", ["electrumx_1_20", "fulcrum_2", "electrs_romanz"])
def test_every_arm_is_put_once_a_round_within_the_budgets_of_visits(personality: str) -> None:
    scan = scan_of(personality, rounds=2)

    outcome = run_virtually(scan.run())

    assert outcome.state is CampaignState.COMPLETE
    results = [one.attempt.result or {} for one in arms(scan)]
    assert sorted((one["round"], one["arm"]) for one in results) == [
        (number, arm) for number in range(4) for arm in ("after_burst", "bare_client", "wallet")
    ]
    assert [one["batch"] for one in results] == [0] * 6 + [1] * 6
    assert {one["seed"] for one in results} == {f"{CAMPAIGN_ID} {ENDPOINT.canonical}"}
    assert all(one["stopped"] is None for one in results)
    times: dict[int, list[float]] = defaultdict(list)
    for opened in (one for one in scan.sink.observations if one.probe == "opening"):
        times[(opened.attempt.result or {})["visit"]].append((opened.started_monotonic_ns or 0) / 1e9)
    assert list(times) == list(range(1, 9))
    assert sorted(map(len, times.values())) == [1] * 4 + [2] * 4
    assert all(later - earlier >= 10 - _ROUNDING_S for one in times.values() for earlier, later in pairwise(one))
    assert all(later[0] - earlier[-1] >= REST_S for earlier, later in pairwise(times.values()))
    messages: Counter[int] = Counter()
    for one in results:
        messages[one["visit"]] += len(one["exchanges"])
    assert max(messages.values()) <= Budgets().requests


def test_a_campaign_that_is_gone_on_with_puts_the_arms_that_are_left_in_the_order_drawn_before() -> None:
    whole = scan_of("fulcrum_2", rounds=1)
    run_virtually(whole.run())
    done = arms(whole)[:2]
    examined = Examined(
        endpoint=ENDPOINT,
        refuses_ranges=False,
        legacy_tls=False,
        put=arms_put(done)[ENDPOINT.endpoint_id] | {"treatment"},
        last_asked_us=VirtualClock.epoch_us,
    )
    earlier = Earlier(
        endpoints={ENDPOINT.endpoint_id: ENDPOINT},
        settled=frozenset({ENDPOINT.endpoint_id}),
        dialled=frozenset({ENDPOINT.endpoint_id}),
        examined=(examined,),
    )

    rest = scan_of("fulcrum_2", rounds=1, rules=Rules(earlier=earlier))
    run_virtually(rest.run())

    def drawn(observations: list[Observation]) -> list[tuple[object, ...]]:
        results = [one.attempt.result or {} for one in observations]
        return [(one["round"], one["arm"], one["order"], one["visit"]) for one in results]

    assert drawn(done) + drawn(arms(rest)) == drawn(arms(whole))


def test_nobody_is_asked_so_unless_it_is_wanted_and_no_number_is_beyond_reason() -> None:
    assert ScanConfig().treatment == 0
    with pytest.raises(ValueError, match="treatment is 21"):
        ScanConfig(treatment=21)
    with pytest.raises(ValueError, match="treatment_rounds is 0"):
        ScanConfig(treatment_rounds=0)
