"""Targets of one chain: what a majority states bounds what a block nearby may state, and a branch is no lie."""

import dataclasses

from electrum_observatory.analysis.truth.finding import Finding, Quote
from electrum_observatory.analysis.truth.header_reading import HeaderSeen, settled
from electrum_observatory.analysis.truth.headers import credible
from electrum_observatory.analysis.truth.targets import judge_targets
from electrum_observatory.analysis.truth.tips import judge_tips, read_tips
from electrum_observatory.bitcoin.header import serialise_header
from electrum_observatory.bitcoin.reference import bundled_reference
from tests.unit.analysis.truth.chain import reference

CHAIN = dataclasses.replace(reference(), retarget_blocks=2016)
USUAL, FOUR_TIMES, EASY = 0x1B00FFFF, 0x1B03FFFC, 0x1D00FFFF


def seen(server: str, height: int, bits: int, *, from_tip: bool = False, visit: str = "v1") -> HeaderSeen:
    raw = serialise_header(
        version=4, previous_hash="00" * 32, merkle_root="ab" * 32, timestamp=height, bits=bits, nonce=0
    )
    name = f"{server}/{visit}/{height}"
    quote = Quote(server=server, exchange=name, line=b"{}")
    return HeaderSeen(
        server=server, height=height, raw=raw, from_tip=from_tip, one_reply=name, at_s=0.0, visit=visit, quote=quote
    )


def server(name: str, *given: tuple[int, int], tip: int) -> list[HeaderSeen]:
    return [seen(name, tip, USUAL, from_tip=True), *(seen(name, height, bits) for height, bits in given)]


def forks(headers: list[HeaderSeen]) -> list[Finding]:
    return [one for one in judge_tips(read_tips(headers), headers, {}, CHAIN) if one.id == "tip_on_a_fork"]


HONEST = [one for n in range(4) for one in server(f"o{n}", tip=6 * 2016 + 100)]


def test_an_easy_block_is_found_where_nobody_else_was_asked_for_that_height() -> None:
    """Three agree on it, and would be the majority at that height; everybody's newest block says otherwise."""
    liars = [one for n in range(3) for one in server(f"l{n}", (6 * 2016 + 5, EASY), tip=6 * 2016 + 100)]

    found = forks([*HONEST, *liars])

    assert [one.subject for one in found] == ["l0", "l1", "l2"]
    assert f"{EASY:#010x}" in found[0].words


def test_a_target_may_be_four_times_easier_one_period_away_and_no_more() -> None:
    within = server("o", (5 * 2016 + 5, FOUR_TIMES), tip=6 * 2016 + 100)
    beyond = server("l", (5 * 2016 + 5, 0x1B040010), tip=6 * 2016 + 100)

    assert forks([*HONEST, *within]) == []
    assert [one.subject for one in forks([*HONEST, *beyond])] == ["l"]
    easiest_at_any_time = dataclasses.replace(CHAIN, retarget_blocks=None)
    assert judge_tips(read_tips(HONEST + beyond), HONEST + beyond, {}, easiest_at_any_time) == ()


def test_a_newest_block_of_another_target_is_told_apart_from_a_young_branch() -> None:
    forged = [seen("l", 6 * 2016 + 104, EASY, from_tip=True)]
    young = [seen("o", 6 * 2016 + 4, FOUR_TIMES, from_tip=True)]

    assert [one.subject for one in forks([*HONEST, *forged])] == ["l"]
    assert forks([*HONEST, *young]) == []


def test_three_liars_of_one_machine_or_two_servers_bound_nothing() -> None:
    of_one = [one for n in range(3) for one in server(f"l{n}", (2016 + 5, EASY), tip=2016 + 100)]
    subject = server("o", (2016 + 9, USUAL), tip=2016 + 100)

    found = judge_tips(read_tips(of_one + subject), of_one + subject, dict.fromkeys(("l0", "l1", "l2"), "m"), CHAIN)
    assert [one for one in found if one.id == "tip_on_a_fork"] == []


def test_a_branch_that_began_a_period_with_another_target_is_nobodys_lie() -> None:
    """The last block of a period was replaced, and with its time the target of the next."""
    early = seen("o", 2 * 2016, USUAL, from_tip=True, visit="v1")
    late = [seen("o", 2 * 2016 + 30, FOUR_TIMES, from_tip=True, visit="v2"), seen("o", 4033, FOUR_TIMES, visit="v2")]
    below = seen("o", 2 * 2016 - 20, USUAL, visit="v1")

    headers = [early, below, *late]
    assert list(judge_targets(headers, settled(headers), CHAIN)) == []
    lie = [*late, seen("o", 2 * 2016 + 2, 0x1B02FFFF, visit="v2")]
    assert {one.id for one in judge_targets(lie, settled(lie), CHAIN)} == {"target_impossible"}


def test_blocks_of_the_last_years_cannot_be_forged_at_ease() -> None:
    """The known targets reach far: twenty periods above the last one, the least difficulty is still impossible."""
    bitcoin = bundled_reference("bitcoin")
    assert bitcoin is not None
    for height in (600_000, 650_000, 720_000, 820_000, 930_000, 931_392, 938_000, 955_000):
        easy = [seen("l", height, EASY)]
        assert {one.id for one in judge_targets(easy, (), bitcoin)} == {"target_impossible"}, height
        assert credible(easy, bitcoin) == ()


def test_the_known_target_of_a_height_itself_is_compared_and_given_rightly_held_against_nobody() -> None:
    bitcoin = bundled_reference("bitcoin")
    assert bitcoin is not None
    given = {height: bits for height, bits in bitcoin.known_bits.items() if height >= 606_816}
    assert given
    honest = [seen("o", height, bits) for height, bits in given.items()]
    assert list(judge_targets(honest, honest, bitcoin)) == []
    for height in given:
        (found,) = {one.id: one for one in judge_targets([seen("l", height, EASY)], (), bitcoin)}.values()
        assert found.id == "target_impossible"
        assert [quote.server for quote in found.witnesses] == ["l"]
