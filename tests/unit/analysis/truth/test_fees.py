"""Fee estimates among equals: who is far, and when nothing can be said."""

import dataclasses
import math
import random
from statistics import NormalDist

import pytest

from electrum_observatory.analysis.truth.fees import (
    SMALLEST_GROUP,
    FeeSeen,
    Policy,
    judge_fees,
    middle_and_spread,
)
from electrum_observatory.analysis.truth.finding import Finding, Quote, Severity, flags
from electrum_observatory.analysis.truth.judge import judge
from tests.unit.analysis.truth.chain import Server, chain, heard, reference, result

TARGETS = (2, 6, 12, 25, 144)
CORE = Policy(mode="economical", relay_fee=1e-5)
USUAL = {2: 4.2e-4, 6: 3.1e-4, 12: 2.4e-4, 25: 1.7e-4, 144: 0.9e-4}


def quote(server: str) -> Quote:
    return Quote(server=server, exchange="fee_estimates#0", line=b"{}")


def estimates(
    server: str, windows: int = 3, *, factor: float = 1.0, policy: Policy = CORE, spread: float = 0.0
) -> list:
    draw = random.Random(server)
    return [
        FeeSeen(
            server=server,
            window=700_000 + 2 * window,
            policy=policy,
            target=target,
            btc_per_kvb=USUAL[target] * factor * math.exp(draw.gauss(0, spread)),
            floor=1e-5,
            quote=quote(server),
        )
        for window in range(windows)
        for target in TARGETS
    ]


def crowd(count: int = 12, **overrides: object) -> list[FeeSeen]:
    return [one for n in range(count) for one in estimates(f"s{n}", spread=0.1, **overrides)]  # type: ignore[arg-type]


def far(*seen: list[FeeSeen], backends: dict[str, str] | None = None) -> list[Finding]:
    found = judge_fees([one for of_server in seen for one in of_server], backends or {})
    return [one for one in found if one.severity is not Severity.INSUFFICIENT]


def test_median_and_spread_are_not_moved_by_one_far_value() -> None:
    assert middle_and_spread([1.0, 2.0, 3.0, 4.0, 5.0]) == (
        3.0,
        pytest.approx(1 / NormalDist().inv_cdf(0.75), rel=1e-4),
    )
    assert middle_and_spread([1.0, 2.0, 3.0, 4.0, 1e9]) == middle_and_spread([1.0, 2.0, 3.0, 4.0, 5.0])
    assert middle_and_spread([3.0] * 5) == (3.0, 0.0)


def test_among_many_one_more_vote_changes_nothing() -> None:
    for count in (98, 102):
        (one,) = far(crowd(count), estimates("subject", factor=3.0))
        assert one.subject == "subject"


@pytest.mark.parametrize("factor", [0.2, 0.35, 3.0, 10.0])
def test_who_multiplies_the_estimates_is_far_from_equals(factor: float) -> None:
    (one,) = far(crowd(), estimates("subject", factor=factor))

    assert (one.id, one.subject, one.severity) == ("fees_far_from_equals", "subject", Severity.UNUSUAL)
    ratio = float(one.words.split("are ")[1].split(" times")[0])
    assert ratio == pytest.approx(factor, rel=0.1)


def test_nodes_that_differ_as_nodes_do_are_not_named() -> None:
    assert far(crowd(40)) == []
    assert far(crowd(), estimates("subject", factor=1.25)) == []


def test_one_block_is_not_enough() -> None:
    found = judge_fees([*crowd(windows=1), *estimates("subject", 1, factor=5.0)], {})

    assert {(one.id, one.words) for one in found} == {
        ("fees_not_comparable", "its estimates could be compared at 1 height only, of 2 that are needed")
    }


def test_a_tenfold_fee_is_far_from_four_equals_and_a_double_one_from_nobody() -> None:
    few = crowd(SMALLEST_GROUP - 1)

    assert [one.subject for one in far(few, estimates("subject", factor=10.0))] == ["subject"]
    assert far(few, estimates("subject", factor=2.0)) == []
    assert far(crowd(), estimates("subject", factor=2.0)) == []


def test_neighbours_by_one_block_are_equals_and_by_two_are_not() -> None:
    def at(height: int, seen: list[FeeSeen]) -> list[FeeSeen]:
        return [dataclasses.replace(one, window=height) for one in seen]

    half = (SMALLEST_GROUP + 1) // 2
    before, after = crowd(half, windows=1), [one for n in range(half) for one in estimates(f"later-{n}", 1)]

    assert {one.words for one in judge_fees([*at(7, before), *at(8, after)], {})} == {
        "its estimates could be compared at 1 height only, of 2 that are needed"
    }
    apart = {one.words for one in judge_fees([*at(7, before), *at(9, after)], {})}
    assert apart == {"fewer than 5 backends of its policy gave estimates at about the same height"}


def test_another_policy_has_other_equals_and_too_few_of_them_say_insufficient() -> None:
    other = Policy(mode="conservative", relay_fee=1e-5)
    found = judge_fees([*crowd(), *estimates("subject", factor=5.0, policy=other)], {})

    assert [(one.id, one.subject, one.severity) for one in found] == [
        ("fees_not_comparable", "subject", Severity.INSUFFICIENT)
    ]
    few = judge_fees(crowd(SMALLEST_GROUP - 1), {})
    assert {one.id for one in few} == {"fees_not_comparable"}


@pytest.mark.parametrize("policy", [Policy(mode=None, relay_fee=1e-5), Policy(mode="economical", relay_fee=None)])
def test_an_unknown_policy_has_no_equals(policy: Policy) -> None:
    found = judge_fees([*crowd(policy=policy), *estimates("subject", factor=5.0, policy=policy)], {})

    assert {one.id for one in found} == {"fees_not_comparable"}


def test_floors_constants_and_missing_estimates_weigh_nothing() -> None:
    def all_of(value: float | None, name: str) -> list[FeeSeen]:
        return [
            FeeSeen(
                server=name,
                window=one.window,
                policy=CORE,
                target=one.target,
                btc_per_kvb=value,
                floor=1e-5,
                quote=quote(name),
            )
            for one in estimates(name)
        ]

    quiet = [one for n in range(12) for one in all_of(1e-5, f"quiet-{n}")]

    mute = judge_fees([*crowd(), *all_of(None, "none"), *all_of(1e-4, "constant"), *all_of(1e-5, "floor")], {})
    assert flags([*mute, *judge_fees([*quiet, *all_of(1.04e-5, "subject")], {})]) == ()
    assert [(one.subject, one.id) for one in mute] == [
        (name, "fees_not_comparable") for name in ("constant", "floor", "none")
    ]
    assert all("say nothing" in one.words for one in mute)


def test_ten_endpoints_of_one_node_do_not_make_a_normal() -> None:
    farm = [one for n in range(20) for one in estimates(f"farm-{n}", factor=4.0)]
    machine = {f"farm-{n}": "m-1" for n in range(20)}

    assert {one.subject for one in far(crowd(), farm, backends=machine)} == set(machine)


@pytest.mark.parametrize(("honest", "lying", "named"), [(3, 3, 0), (4, 4, 0), (4, 2, 2), (5, 3, 3)])
def test_half_of_a_group_names_nobody_of_the_other_half(honest: int, lying: int, named: int) -> None:
    liars = [estimates(f"l{n}", factor=10.0) for n in range(lying)]

    found = far(*(estimates(f"s{n}") for n in range(honest)), *liars)
    assert {one.subject for one in found} == {f"l{n}" for n in range(named)}


def test_of_three_thousand_honest_server_visits_none_is_named() -> None:
    """Log-normal nodes with heavy tails: one in twenty is just restarted and answers twice as much in one block."""
    draw = random.Random(5)
    named = 0
    for _ in range(25):
        seen = []
        for n in range(40):
            bias = draw.gauss(0, 0.12)
            for window in range(3):
                restarted = 0.7 if draw.random() < 0.05 else 0.0
                seen += [
                    FeeSeen(
                        server=f"s{n}",
                        window=700_000 + 2 * window,
                        policy=CORE,
                        target=target,
                        btc_per_kvb=USUAL[target] * math.exp(bias + restarted + draw.gauss(0, 0.08)),
                        floor=1e-5,
                        quote=quote(f"s{n}"),
                    )
                    for target in TARGETS
                ]
        named += len(far(seen))

    assert named == 0


def test_estimates_are_read_with_policy_and_block_from_what_servers_said() -> None:
    def server(name: str, factor: float) -> list:
        return [
            heard(
                name,
                Server(name=name, blocks=chain()[: 41 + n]).tip(),
                result("blockchain.relayfee", [], 1e-5),
                result("blockchain.estimatefee", [6, "ECONOMICAL"], USUAL[6] * factor),
                result("blockchain.estimatefee", [6, "CONSERVATIVE"], USUAL[6] * factor * 1.5),
                *(result("blockchain.estimatefee", [t], USUAL[t] * factor) for t in TARGETS),
                visit=f"v{n}",
                at_s=600.0 * n,
            )
            for n in range(3)
        ]

    everybody = [one for n in range(9) for one in server(f"s{n}", 1 + 0.02 * n)]
    findings = judge([*everybody, *server("subject", 3.0)], reference()).findings

    assert {one.id for one in findings if one.subject == "subject"} == {"fees_far_from_equals"}
    assert all(one.subject == "subject" for one in findings if one.id == "fees_far_from_equals")


@pytest.mark.parametrize("odd", [10**390, math.inf, math.nan, True, [1], "1"])
def test_a_fee_that_is_no_number_of_ours_is_left_out(odd: object) -> None:
    asked = [
        result("blockchain.relayfee", [], odd),
        result("mempool.get_fee_histogram", [], [[odd, odd]]),
        *(result("blockchain.estimatefee", [target], odd) for target in TARGETS),
    ]

    assert flags(judge([Server(name="odd").heard(*asked)], reference()).findings) == ()
