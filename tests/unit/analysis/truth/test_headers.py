"""Headers of one server: what cannot be, and what near the tip may well be."""

import dataclasses

import pytest

from electrum_observatory.analysis.truth.finding import Severity
from electrum_observatory.analysis.truth.judge import judge
from electrum_observatory.bitcoin.header import parse_header, serialise_header
from electrum_observatory.bitcoin.reference import ForeignBlock
from tests.unit.analysis.truth.chain import (
    BITS,
    TIP,
    Server,
    chain,
    heard,
    honest,
    mine,
    reference,
    result,
)


def ids(*asked: object, server: str = "subject") -> list[str]:
    found = judge([heard(server, *asked)], reference()).findings  # type: ignore[arg-type]
    return [one.id for one in found if one.severity is not Severity.INSUFFICIENT]


def test_an_honest_server_gives_no_cause() -> None:
    (server,) = honest(1)

    assert ids(*server.everything()) == []


def test_a_header_without_work_is_disproven_by_its_own_bytes() -> None:
    real = chain()[50].header
    forged = next(
        raw
        for nonce in range(100)
        if int(parse_header(raw := real[:76] + nonce.to_bytes(4, "little")).block_hash, 16) >> 255
    )
    asked = result("blockchain.block.header", [50], forged.hex())

    (found,) = judge([heard("subject", asked)], reference()).findings

    assert (found.id, found.severity, found.subject) == ("header_without_work", Severity.DISPROVEN, "subject")
    assert forged.hex().encode() in found.witnesses[0].line
    assert found.witnesses[0].exchange == "blockchain.block.header#0"


def test_a_target_that_no_block_may_have_proves_no_work() -> None:
    header = parse_header(chain()[50].header)
    easy = serialise_header(
        version=4,
        previous_hash=header.previous_hash,
        merkle_root=header.merkle_root,
        timestamp=0,
        bits=0x2100FFFF,
        nonce=0,
    )

    assert "header_without_work" in ids(result("blockchain.block.header", [50], easy.hex()))


def test_another_block_at_a_checkpoint_is_disproven() -> None:
    fork = Server(name="subject", blocks=chain(fork_at=25))

    assert ids(fork.header(30)) == ["header_of_other_block"]
    assert ids(fork.header(20)) == []


def test_a_block_of_a_known_other_chain_is_called_by_its_name() -> None:
    fork = Server(name="subject", blocks=chain(fork_at=25))
    other = ForeignBlock(chain="Bitcoin Cash", height=30, block_hash=parse_header(fork.blocks[30].header).block_hash)
    known = dataclasses.replace(reference(), foreign_blocks=(other,))

    judgement = judge([fork.heard(fork.header(30), *fork.everything()[8:])], known)

    assert [one.id for one in judgement.findings] == ["foreign_chain"]
    assert "Bitcoin Cash" in judgement.findings[0].words
    assert judgement.foreign == {"subject"}


def test_a_server_with_another_block_0_is_compared_with_nobody() -> None:
    other = Server(name="subject", blocks=chain(fork_at=0))
    visits = [(f"v{at_s}", at_s) for at_s in (0.0, 700.0, 1400.0)]
    elsewhere = [other.heard(other.header(0), *other.everything(), visit=name, at_s=at_s) for name, at_s in visits]
    around = [one.heard(*one.everything(), visit=name, at_s=at_s) for one in honest(4) for name, at_s in visits]

    judgement = judge([*around, *elsewhere], reference())

    named = {(one.subject, one.id) for one in judgement.findings if one.severity is not Severity.INSUFFICIENT}
    assert named == {("subject", "header_of_other_block")}
    assert judgement.foreign == {"subject"}


def test_headers_of_one_reply_must_link() -> None:
    blocks = chain()
    text = blocks[20].header.hex() + blocks[22].header.hex()

    assert ids(result("blockchain.block.headers", [20, 2], {"hex": text, "count": 2, "max": 2016})) == [
        "headers_not_linked"
    ]
    both = [blocks[20].header.hex(), blocks[21].header.hex()]
    assert ids(result("blockchain.block.headers", [20, 2], {"headers": both, "count": 2, "max": 2016})) == []


def test_headers_of_two_replies_must_link_only_deep_below_the_tip() -> None:
    server = Server(name="subject")
    fork = Server(name="subject", blocks=chain(fork_at=20))

    assert ids(server.tip(), server.header(20), fork.header(21)) == ["headers_not_linked"]
    assert ids(server.tip(), server.header(TIP - 1), fork.header(TIP)) == []


def test_a_reorganised_tip_is_ordinary_and_a_changed_deep_block_is_not() -> None:
    before, after = Server(name="subject", blocks=chain(fork_at=TIP)), Server(name="subject")
    visits = [before.heard(visit="v1", at_s=0.0), after.heard(after.header(TIP), visit="v2", at_s=600.0)]
    longer = dataclasses.replace(after, blocks=chain(TIP + 20))
    assert judge([*visits, longer.heard(longer.header(TIP), visit="v3")], reference()).findings[0].id == (
        "tips_not_comparable"
    )

    deep = [after.heard(after.header(20)), after.heard(Server(name="subject", blocks=chain(fork_at=20)).header(20))]
    assert "header_changed" in [one.id for one in judge(deep, reference()).findings]


def test_targets_that_no_retarget_allows_are_disproven() -> None:
    harder = mine(30, parse_header(chain()[29].header).block_hash, "00" * 32)
    known = dataclasses.replace(
        reference(), checkpoints={30: reference().checkpoint_hash}, known_bits={31: 0x1F7FFFFF}, retarget_blocks=2016
    )

    found = judge([heard("subject", result("blockchain.block.header", [29], harder.hex()))], known).findings

    assert [one.id for one in found] == ["target_impossible"]
    assert f"{BITS:#010x}" in found[0].words


@pytest.mark.parametrize("text", ["", "zz", "00" * 79, "00" * 81])
def test_what_is_no_header_is_malformed(text: str) -> None:
    assert ids(result("blockchain.block.header", [5], text)) == ["header_malformed"]


def test_questions_about_manners_are_no_headers() -> None:
    genesis = chain()[0].header.hex()

    for height in (4294967296, "5", 1.5, True, -1):
        assert ids(result("blockchain.block.header", [height], genesis)) == []
