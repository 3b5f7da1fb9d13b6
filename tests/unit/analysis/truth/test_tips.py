"""Tips over several visits: who lags, who stands still, who is on another branch."""

import dataclasses
from collections.abc import Iterable

from electrum_observatory.analysis.truth.finding import Finding, flags
from electrum_observatory.analysis.truth.judge import judge
from electrum_observatory.analysis.truth.known_height import KnownHeights
from electrum_observatory.analysis.truth.reading import Heard
from electrum_observatory.bitcoin.header import parse_header
from tests.unit.analysis.truth.chain import Server, chain, heard, honest, reference, result

BLOCK_S = 600.0


def visits(name: str, seen: Iterable[tuple[float, int]], *, fork_at: int | None = None) -> list[Heard]:
    """A server's tips: (when, height)."""
    blocks = chain(fork_at=fork_at)
    return [
        Server(name=name, blocks=blocks[: height + 1]).heard(visit=f"v{number}", at_s=at_s)
        for number, (at_s, height) in enumerate(seen)
    ]


def found(*heard: list[Heard]) -> tuple[Finding, ...]:
    everybody = [one for server in heard for one in server]
    return judge(everybody, reference()).findings


def on_time(at_s: float) -> int:
    return 30 + int(at_s // BLOCK_S)


OTHERS = [visits(f"o{n}", [(t + 7.0 * n, on_time(t + 7.0 * n)) for t in range(0, 6000, 500)]) for n in range(3)]


def test_whoever_polls_late_is_not_behind() -> None:
    """Ten seconds of polling and one of padding, at the worst moment each time."""
    slow = visits("subject", [(600.0 * n + 10.9, on_time(600.0 * n) - 1) for n in range(1, 8)])

    assert found(slow, *OTHERS) == ()


def test_a_tip_that_is_behind_in_every_visit_lags() -> None:
    slow = visits("subject", [(t, on_time(t) - 2) for t in (900.0, 2100.0, 3300.0, 4500.0)])

    (one,) = found(slow, *OTHERS)

    assert (one.id, one.subject) == ("tip_lags", "subject")
    assert len(one.witnesses) == 4


def test_two_late_visits_or_one_good_one_are_no_lag() -> None:
    twice = visits("subject", [(t, on_time(t) - 2) for t in (900.0, 2100.0)])
    mostly = visits("subject", [(t, on_time(t) - 2) for t in (900.0, 2100.0, 3300.0)] + [(4500.0, on_time(4500.0))])

    assert found(twice, *OTHERS) == ()
    assert found(mostly, *OTHERS) == ()


def test_a_tip_that_stands_still_while_others_go_on_is_stale() -> None:
    still = visits("subject", [(4800.0, 31), (5700.0, 31)])

    (one,) = found(still, *OTHERS)

    assert (one.id, one.subject) == ("tip_stale", "subject")


def test_a_visit_before_anybody_else_was_heard_neither_accuses_nor_acquits() -> None:
    first = visits("subject", [(0.0, 11), (900.0, 12), (2100.0, 14)])

    (one,) = found(first, *OTHERS)

    assert (one.id, len(one.witnesses)) == ("tip_lags", 2)


def test_a_server_that_was_seen_once_far_behind_is_not_named() -> None:
    assert found(visits("subject", [(5400.0, 31)]), *OTHERS) == ()


def test_a_branch_near_the_tip_is_ordinary_and_one_that_others_left_long_ago_is_not() -> None:
    short = visits("subject", [(1300.0, 32)], fork_at=32)
    long = visits("subject", [(1300.0, 32), (30_000.0, 34), (30_600.0, 34)], fork_at=32)
    later = [visits(f"o{n}", [(1250.0, 32), (2450.0, 34), (12_000.0, 50), (31_000.0, 60)]) for n in range(3)]

    assert found(short, *later) == ()
    names = {one.id for one in flags(found(long, *later))}
    assert names == {"tip_on_a_fork", "tip_stale"}


def test_a_block_has_one_height_and_most_say_which() -> None:
    """It names as its newest block one that others have far below, or at that very moment as theirs."""
    tip = result("blockchain.headers.subscribe", [], {"hex": chain()[44].header.hex(), "height": 4444})
    liar = heard("liar", tip)
    others = [server.heard(server.header(44)) for server in honest(3)]

    assert [(one.id, one.subject) for one in flags(judge([liar, *others], reference()).findings)] == [
        ("tip_on_a_fork", "liar")
    ]
    two_against_two = [liar, dataclasses.replace(liar, server="other"), *others[:2]]
    assert flags(judge(two_against_two, reference()).findings) == ()


def test_alternating_backends_behind_one_name_count_with_the_better_one() -> None:
    blocks = chain()
    heard = [
        Server(name="subject", blocks=blocks[: on_time(t) + 1 - late]).heard(visit=f"v{t}", at_s=t)
        for t in (900.0, 2100.0, 3300.0, 4500.0)
        for late in (3, 0)
    ]

    assert found(heard, *OTHERS) == ()


def test_too_few_backends_say_insufficient() -> None:
    (one,) = {finding.id for finding in found(visits("a", [(0.0, 30)]), visits("b", [(9000.0, 45)]))}

    assert one == "tips_not_comparable"


def by_clock(clock: str, ahead_s: float, *all_heard: list[Heard]) -> list[Heard]:
    """The same as a campaign tells it whose clock runs ahead."""
    return [
        dataclasses.replace(one, visit=f"{clock}#{one.visit}", at_s=(one.at_s or 0.0) + ahead_s, clock=clock)
        for of_server in all_heard
        for one in of_server
    ]


def test_clocks_that_are_hours_apart_make_nobody_late_and_hide_nobody() -> None:
    honest = visits("subject", [(t, on_time(t)) for t in (900.0, 1500.0, 2100.0)])
    stale = visits("subject", [(t, 30) for t in (4500.0, 5400.0)])
    for ahead in (-3600.0, 3600.0):
        elsewhere = by_clock("b", ahead, *OTHERS)
        assert found(by_clock("a", 0.0, honest, *OTHERS), elsewhere) == ()
        assert [one.id for one in found(by_clock("a", 0.0, stale, *OTHERS), elsewhere)] == ["tip_stale"]
    mixed = [*by_clock("a", 0.0, honest, *OTHERS), *by_clock("b", -3600.0, *OTHERS)]
    assert found([dataclasses.replace(one, clock="") for one in mixed]) != ()  # as one clock's, they accuse somebody


def test_a_server_whose_campaign_asked_too_few_others_is_not_called_on_time() -> None:
    alone = visits("subject", [(4500.0, 30), (5400.0, 30)])

    named = [one for one in found(by_clock("a", 0.0, alone), by_clock("b", 0.0, *OTHERS)) if one.subject == "subject"]
    assert [one.id for one in named] == ["tips_not_comparable"]


def test_tips_of_unknown_time_are_left_out() -> None:
    untimed = Server(name="subject", blocks=chain()[:32]).heard(at_s=None)

    assert [one for one in found([untimed] * 3, *OTHERS) if one.subject == "subject"] == []


def test_the_chains_of_these_tests_part_where_they_say() -> None:
    main, fork = chain(), chain(fork_at=32)

    assert [
        parse_header(a.header) == parse_header(b.header) for a, b in zip(main[30:34], fork[30:34], strict=True)
    ] == [
        True,
        True,
        False,
        False,
    ]


def test_a_few_who_claim_blocks_that_nobody_has_make_nobody_look_late() -> None:
    braggarts = [visits(f"b{n}", [(t, on_time(t) + 15) for t in (100.0, 900.0, 2100.0, 3300.0)]) for n in range(2)]
    honest = visits("subject", [(t, on_time(t)) for t in (950.0, 2150.0, 3350.0)])

    assert [one for one in flags(found(honest, *braggarts, *OTHERS)) if one.id.startswith("tip")] == []


def test_the_known_height_is_the_median_of_other_backends() -> None:
    known = KnownHeights([(0.0, "a", 10), (10.0, "b", 12), (20.0, "c", 13), (25.0, "d", 99), (1000.0, "a", 11)])

    assert known.by(60.0, without="d") == (12, True)
    assert known.by(60.0, without="a") == (13, True)
    assert known.by(60.0, without="nobody") == (12, True)
    assert known.by(20.0, without="a") == (None, False)  # rounded down to the moment 0
    assert known.by(1020.0, without="d") == (12, False)  # of the last ten minutes only one was heard
    assert known.by(-5.0, without="a") == (None, False)
