"""Mutators that bend what a server tells of scripts, over the ledger of a world."""

import json
from typing import Any

import pytest

from electrum_observatory.bitcoin.address import AddressKind
from electrum_observatory.bitcoin.networks import NETWORKS
from electrum_observatory.lab.cast import Role, cast_of
from electrum_observatory.lab.ledger import Confirmed, status
from electrum_observatory.lab.mutators.ledgers import address_type
from electrum_observatory.lab.personalities.base import Program
from electrum_observatory.lab.world import World
from electrum_observatory.lab.world_options import Modification
from tests.lab.mutated_worlds import asked, started, world_of

CAST = cast_of(1, NETWORKS["bitcoin"])
FROZEN = {kind: CAST[Role.FROZEN, kind].scripthash for kind in AddressKind}
PROGRAMS = ("electrumx_1_16", "electrumx_1_20", "fulcrum_2")


def worlds(
    personality: str, mutator: str, dose: float = 1.0, text: str | None = None
) -> tuple[World, Program, Program]:
    world = world_of(personality, Modification(mutator=mutator, dose=dose, text=text))
    return world, started(world_of(personality)), started(world)


def told(program: Program, method: str, scripthash: str) -> Any:
    return asked(program, f"blockchain.scripthash.{method}", [scripthash])["result"]


@pytest.mark.parametrize("personality", PROGRAMS)
def test_dropped_items_are_missing_from_history_and_status_only(personality: str) -> None:
    _, honest, modified = worlds(personality, "drop_history_item", 0.5)
    scripts = list(FROZEN.values())
    before, after = ([told(one, "get_history", script) for script in scripts] for one in (honest, modified))

    assert 0 < sum(map(len, after)) < sum(map(len, before))
    assert all(item in full for left, full in zip(after, before, strict=True) for item in left)
    for script, left in zip(scripts, after, strict=True):
        items = [Confirmed(txid=item["tx_hash"], height=item["height"]) for item in left]
        assert told(modified, "subscribe", script) == status(items, ())
        assert told(modified, "get_balance", script) == told(honest, "get_balance", script)
        assert told(modified, "listunspent", script) == told(honest, "listunspent", script)


@pytest.mark.parametrize("personality", PROGRAMS)
def test_hidden_transactions_are_missing_everywhere_and_the_sums_agree(personality: str) -> None:
    _, honest, modified = worlds(personality, "hide_transaction", 0.5)
    hidden = 0
    for script in FROZEN.values():
        history, unspent = told(modified, "get_history", script), told(modified, "listunspent", script)
        balance = told(modified, "get_balance", script)
        full = told(honest, "get_history", script)
        missing = [item for item in full if item not in history]
        hidden += len(missing)

        assert balance["confirmed"] + balance["unconfirmed"] == sum(item["value"] for item in unspent)
        assert {item["tx_hash"] for item in unspent} <= {item["tx_hash"] for item in history}
        for item in missing:
            assert "error" in asked(modified, "blockchain.transaction.get", [item["tx_hash"]])

    assert 0 < hidden < sum(len(told(honest, "get_history", script)) for script in FROZEN.values())


def test_a_hidden_spending_leaves_its_coins_unspent() -> None:
    spending_hidden = 0
    for dose in (0.3, 0.5, 0.7):
        _, honest, modified = worlds("fulcrum_2", "hide_transaction", dose)
        for kind in AddressKind:
            script = CAST[Role.SPENT, kind].scripthash
            paid, spent = told(honest, "get_history", script)
            if told(modified, "get_history", script) == [paid]:
                spending_hidden += 1
                assert spent["height"] > paid["height"]
                assert told(honest, "get_balance", script) == {"confirmed": 0, "unconfirmed": 0}
                assert told(modified, "get_balance", script)["confirmed"] > 0
                assert [one["tx_hash"] for one in told(modified, "listunspent", script)] == [paid["tx_hash"]]

    assert spending_hidden


def test_a_stale_server_knows_no_transaction_above_its_tip() -> None:
    _, honest, stale = worlds("fulcrum_2", "stale_tip", 0.5)
    tip = asked(stale, "blockchain.headers.subscribe")["result"]["height"]
    frozen = {kind: told(stale, "get_history", script) for kind, script in FROZEN.items()}
    full = [item for script in FROZEN.values() for item in told(honest, "get_history", script)]

    assert [item for history in frozen.values() for item in history] == [one for one in full if one["height"] <= tip]
    assert any(item["height"] > tip for item in full)


def test_balances_grow_and_unspent_outputs_do_not() -> None:
    _, honest, modified = worlds("electrumx_1_20", "alter_balance")
    script, empty = FROZEN[AddressKind.P2TR], CAST[Role.UNUSED, AddressKind.P2TR].scripthash

    true = told(honest, "get_balance", script)["confirmed"]
    assert told(modified, "get_balance", script)["confirmed"] == true + true // 10 + 1
    assert told(modified, "listunspent", script) == told(honest, "listunspent", script)
    assert told(modified, "get_balance", empty) == told(honest, "get_balance", empty)


@pytest.mark.parametrize(("text", "censored"), [(None, AddressKind.P2TR), ("p2wpkh", AddressKind.P2WPKH)])
def test_one_type_of_address_was_never_used(text: str | None, censored: AddressKind) -> None:
    _, honest, modified = worlds("fulcrum_2", "censor_address_type", text=text)

    for kind, script in FROZEN.items():
        expected = [] if kind is censored else told(honest, "get_history", script)
        assert told(modified, "get_history", script) == expected
        assert bool(told(modified, "listunspent", script)) is (kind is not censored)


@pytest.mark.parametrize("personality", PROGRAMS)
def test_only_taproot_scripts_are_refused(personality: str) -> None:
    _, honest, modified = worlds(personality, "rate_limit_taproot")
    question = "blockchain.scripthash.get_history"

    for kind, script in FROZEN.items():
        reply = asked(modified, question, [script])
        if kind is AddressKind.P2TR:
            assert reply["error"] == {"code": -101, "message": "excessive resource usage"}
            assert list(reply) == list(asked(honest, "blockchain.block.header", [99_999_999]))
        else:
            assert reply == asked(honest, question, [script])


def test_the_type_of_a_script_is_read_from_the_chain() -> None:
    world, *_ = worlds("fulcrum_2", "rate_limit_taproot")
    ledger = world.state("subject", 100.0).node.ledger

    kinds = {kind: address_type(ledger, script) for kind, script in FROZEN.items()}

    assert kinds == {kind: "p2sh" if kind is AddressKind.P2SH_P2WPKH else kind.value for kind in AddressKind}
    assert address_type(ledger, CAST[Role.UNUSED, AddressKind.P2TR].scripthash) == ""
    assert json.dumps(kinds)
