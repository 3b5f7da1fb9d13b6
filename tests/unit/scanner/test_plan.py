from electrum_observatory.model.endpoint import Transport
from electrum_observatory.model.failure import FailureKind
from electrum_observatory.scanner.config import ScanConfig
from electrum_observatory.scanner.discovery.typed_targets import typed_targets
from electrum_observatory.scanner.discovery.url_list import UrlList
from electrum_observatory.scanner.earlier import Earlier
from electrum_observatory.scanner.history import History, PastDial
from electrum_observatory.scanner.plan import ScanPlan, plan_scan
from electrum_observatory.scanner.rules import Rules
from tests.factories import make_endpoint, make_sighting
from tests.unit.scanner.capture import BITCOIN
from tests.unit.scanner.virtual_time import run_virtually

NOON = 1_795_262_400_000_000


async def no_fetch(url: str) -> str:
    raise AssertionError(f"{url} was fetched")


def plan(*targets: str, rules: Rules | None = None, config: ScanConfig | None = None) -> ScanPlan:
    sources = [
        typed_targets(targets, BITCOIN),
        UrlList(url="https://example.org/list", network=BITCOIN, fetch=no_fetch),
    ]
    return run_virtually(plan_scan(config=config or ScanConfig(), sources=sources, rules=rules or Rules(), now_us=NOON))


def test_a_plan_says_who_would_be_asked_what_and_asks_nobody() -> None:
    made = plan("a.org", "5.9.1.2:50001:t")

    assert [(one.host, one.port) for one in made.targets] == [("a.org", 50002), ("a.org", 50001), ("5.9.1.2", 50001)]
    assert made.probes[0] == "server_version"
    assert made.requests_per_visit == 20
    assert (made.connections_per_visit, made.spacing_s, made.depth) == (2, 10.0, 8)
    assert made.not_read == ("url_list",)


def test_a_plan_already_refuses_what_no_resolver_is_needed_for() -> None:
    made = plan("192.168.1.5:50001:t", "mail.example.org:25:t")

    assert made.targets == ()
    assert sorted(refusal.detail for refusal in made.refusals) == [
        "foreign_service; told by typed_targets",
        "private; told by typed_targets",
    ]
    assert made.counts == {"refused_foreign_service": 1, "refused_private": 1}


def test_a_plan_obeys_filters_limits_and_the_choice_of_probes() -> None:
    rules = Rules(accept=lambda target: target.transport is Transport.SSL, limit=1)

    made = plan("a.org", "b.org", rules=rules, config=ScanConfig(probes=("banner",)))

    assert [one.host for one in made.targets] == ["a.org"]
    assert made.counts == {"skipped_filtered": 2, "skipped_limit": 1}
    assert made.probes == ("banner",)


def test_a_plan_knows_by_address_who_was_asked_minutes_ago() -> None:
    asked = make_endpoint(host="a.org", address="5.9.1.2")
    history = History.of([PastDial(endpoint=asked, at_us=NOON - 60_000_000, failure=None)])

    made = plan("5.9.1.2:50001:t", "5.9.1.3:50001:t", rules=Rules(history=history))

    assert [one.host for one in made.targets] == ["5.9.1.3"]
    assert [(one.kind, one.detail) for one in made.refusals] == [
        (FailureKind.TOO_SOON, "may be asked from 2026-11-21T12:09:00Z")
    ]


def test_of_a_campaign_that_is_gone_on_with_only_the_rest_is_planned() -> None:
    done = make_endpoint(host="a.org", address="5.9.1.2")
    heard = [make_sighting(host="a.org"), make_sighting(host="b.org")]
    earlier = Earlier(heard=heard, endpoints={done.endpoint_id: done}, settled=frozenset({done.endpoint_id}))

    made = plan(rules=Rules(earlier=earlier))

    assert [target.host for target in made.targets] == ["b.org"]
