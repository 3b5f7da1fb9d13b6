"""Who could be named without having lied, and who could make others look like liars: one test for each way."""

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest

from electrum_observatory.analysis.truth.finding import flags
from electrum_observatory.analysis.truth.judge import judge
from electrum_observatory.analysis.truth.reading import Heard
from electrum_observatory.bitcoin.address import AddressKind
from electrum_observatory.bitcoin.header import parse_header, serialise_header
from electrum_observatory.bitcoin.reference import ChainReference, FrozenTransaction, bundled_reference
from tests.unit.analysis.truth.chain import HASHES, TIP, Server, chain, error, heard, history, honest, reference, result

KNOWN = json.loads((Path(__file__).parents[2] / "bitcoin" / "known_headers.json").read_text())


def named(*all_heard: Heard, known: ChainReference | None = None) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for one in flags(judge(all_heard, known or reference()).findings):
        found.setdefault(one.subject, set()).add(one.id)
    return found


def header_at(height: int, raw: str) -> Any:
    return result("blockchain.block.header", [height], raw)


@pytest.mark.parametrize("network", ["testnet3", "testnet4", "signet"])
def test_a_server_of_a_test_network_is_of_another_chain_and_no_forger(network: str) -> None:
    headers = [header_at(int(height), raw) for height, raw in KNOWN[network].items()]

    assert named(heard("lost", *headers), known=bundled_reference("bitcoin")) == {"lost": {"foreign_chain"}}


def test_a_server_of_a_split_off_coin_is_not_held_to_later_blocks_of_ours() -> None:
    cash = KNOWN["foreign"]["478559"]

    found = named(heard("cash", header_at(478559, cash), header_at(576576, cash)), known=bundled_reference("bitcoin"))

    assert found == {"cash": {"foreign_chain"}}


@pytest.mark.parametrize("height", [1 << 40, 1 << 70, -(1 << 70)])
def test_a_tip_at_an_absurd_height_costs_no_time(height: int) -> None:
    tip = result("blockchain.headers.subscribe", [], {"height": height, "hex": KNOWN["bitcoin"]["576576"]})

    assert named(heard("boaster", tip), known=bundled_reference("bitcoin")) == {"boaster": {"header_of_other_block"}}


def test_an_old_block_is_no_new_tip() -> None:
    tip = result("blockchain.headers.subscribe", [], {"height": 940_000, "hex": KNOWN["bitcoin"]["170"]})

    assert named(heard("thief", tip), known=bundled_reference("bitcoin")) == {
        "thief": {"header_of_other_block", "target_impossible"}
    }


def test_blocks_without_work_win_no_majority() -> None:
    """Five give a block that proves nothing; three give the real one, and nobody honest is named."""
    real = parse_header(chain()[40].header)
    forged = serialise_header(
        version=4,
        previous_hash=real.previous_hash,
        merkle_root="ab" * 32,
        timestamp=real.timestamp,
        bits=0x1D00FFFF,
        nonce=1,
    )
    liars = [Server(name=f"liar-{n}").heard(header_at(40, forged.hex())) for n in range(5)]
    others = [server.heard(server.header(40), server.merkle(40, 0)) for server in honest(3)]

    found = named(*liars, *others)

    assert set(found) == {f"liar-{n}" for n in range(5)}
    assert all("header_without_work" in ids for ids in found.values())


def test_proofs_from_before_a_reorganisation_are_not_held_against_blocks_after_it() -> None:
    before = Server(name="early", blocks=chain(fork_at=TIP - 1)[:TIP])
    after = [Server(name=f"late-{n}") for n in range(4)]
    early = before.heard(before.merkle(TIP - 1, 2), before.proven_header(5, TIP - 1))

    assert named(early, *(one.heard(one.header(TIP - 1), one.proven_header(5, TIP - 1)) for one in after)) == {}


def test_dozens_of_blocks_may_be_replaced_where_blocks_cost_nothing() -> None:
    """Thirty blocks of testnet are others a day later: nobody lied, and on other networks somebody did."""
    early, late = Server(name="early", blocks=chain(fork_at=TIP - 30)), Server(name="early")
    visits = [
        early.heard(early.header(TIP - 15), at_s=0.0),
        late.heard(late.header(TIP - 15), visit="v2", at_s=90_000.0),
    ]
    others = [server.heard(server.header(TIP - 15), at_s=90_000.0) for server in honest(4)]
    testnet = dataclasses.replace(reference(), network_id="testnet3")

    assert named(*visits, *others, known=testnet) == {}
    assert "header_changed" in named(*visits, *others)["early"]


@pytest.mark.parametrize("later", [1, 2, 4])
def test_a_block_that_was_reorganised_away_wins_no_majority_over_the_one_that_stayed(later: int) -> None:
    gone = chain(fork_at=TIP - 11)[: TIP - 10]
    before = [Server(name=f"early-{n}", blocks=gone).heard(at_s=0.0) for n in range(6)]
    after = [server.heard(server.header(TIP - 11), at_s=9000.0) for server in honest(later)]

    assert named(*before, *after) == {}


def test_who_still_syncs_refuses_no_kind_and_denies_nothing() -> None:
    """Its tip lies below the first use of one kind, and below a transaction that everybody else has."""
    behind = Server(name="behind", blocks=chain()[:35])
    late = chain()[40].txids[0]
    known = dataclasses.replace(
        reference(),
        frozen_transactions=(
            *reference().frozen_transactions,
            FrozenTransaction(txid=late, height=40, position=0),
        ),
        frozen_scripts=tuple(
            dataclasses.replace(one, history=one.history[2:] if one.kind is AddressKind.P2TR else one.history)
            for one in reference().frozen_scripts
        ),
    )
    so_far = {kind: history(kind)[:2] for kind in AddressKind}
    behind = dataclasses.replace(behind, histories=so_far | {AddressKind.P2TR: []})
    visits = [
        behind.heard(
            behind.raw(10, 2),
            error("blockchain.transaction.get", [late], "No such mempool or blockchain transaction."),
            *(behind.history(kind) for kind in AddressKind if kind is not AddressKind.P2TR for _ in range(3)),
            *(behind.history(AddressKind.P2TR) for _ in range(3)),
            visit=f"v{n}",
            at_s=None,
        )
        for n in range(4)
    ]

    assert named(*visits, known=known) == {}


def test_a_payment_in_the_midst_of_a_visit_is_no_contradiction() -> None:
    (server,) = honest(1)
    kind = AddressKind.P2PKH
    moved = result("blockchain.scripthash.subscribe", [HASHES[kind]], "ab" * 32)
    spent = [
        result("blockchain.scripthash.get_balance", [HASHES[kind]], {"confirmed": 3000, "unconfirmed": 0}),
        result("blockchain.scripthash.listunspent", [HASHES[kind]], []),
    ]

    assert named(server.heard(server.history(kind), moved, *spent)) == {}
    again = server.heard(server.history(kind), moved, *spent, visit="v2")
    assert named(server.heard(server.history(kind), moved, *spent), again) == {
        server.name: {"status_not_of_history", "balance_not_of_unspent"}
    }


def test_a_proven_transaction_that_pays_elsewhere_shows_no_omission() -> None:
    framer = Server(name="framer")
    foreign = framer.heard(framer.header(10), framer.merkle(10, 2), framer.raw(10, 2))
    others = [server.heard(*(server.history(kind) for kind in AddressKind)) for server in honest(3)]

    assert named(foreign, *others) == {}
