"""Scripts and transactions over every program: the reference's shapes (§3.5), limits (§6.2) and orders (T19)."""

import hashlib
import json
from dataclasses import replace
from typing import Any

import pytest

from electrum_observatory.bitcoin.address import AddressKind
from electrum_observatory.bitcoin.header import parse_header
from electrum_observatory.bitcoin.merkle import root_of_branch
from electrum_observatory.lab.cast import Role
from electrum_observatory.model.endpoint import Transport
from tests.lab.ledger_worlds import HEIGHT, blocks, ledger_node, ledger_state, script
from tests.lab.personality_worlds import call, exchange, start

ELECTRUMX = ("electrumx_1_15", "electrumx_1_16", "electrumx_1_18", "electrumx_1_20", "electrumx_2_0")
ELECTRS = ("electrs_romanz", "electrs_esplora", "electrs_esplora_coded", "mempool_electrs")
ALL = (*ELECTRUMX, "fulcrum_1", "fulcrum_2", *ELECTRS)
ZERO = "00" * 32


def reply(personality: str, method: str, *params: Any, **world: Any) -> Any:
    """Shake hands at 1.4 and ask one thing; return the decoded reply."""
    conversation = start(personality, ledger_state(**world)).connect(Transport.TCP)
    call(conversation, "server.version", "test", "1.4", at=10.0)
    return call(conversation, method, *params, at=13.0)


def result(personality: str, method: str, *params: Any, **world: Any) -> Any:
    return reply(personality, method, *params, **world)["result"]


def raw_line(personality: str, method: str, *params: Any, protocol: str = "1.4") -> str:
    conversation = start(personality, ledger_state()).connect(Transport.TCP)
    call(conversation, "server.version", "test", protocol, at=10.0)
    line = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params})
    return exchange(conversation, line, at=13.0)[0].decode().strip()


@pytest.mark.parametrize("personality", ALL)
@pytest.mark.parametrize("role", [Role.FROZEN, Role.SPENT, Role.UNUSED])
@pytest.mark.parametrize("kind", AddressKind)
def test_everybody_tells_the_same_of_a_settled_script(personality: str, role: Role, kind: AddressKind) -> None:
    wanted = script(role, kind)
    ledger = ledger_node().ledger

    balance = result(personality, "blockchain.scripthash.get_balance", wanted)
    history = result(personality, "blockchain.scripthash.get_history", wanted)
    unspent = result(personality, "blockchain.scripthash.listunspent", wanted)
    told = result(personality, "blockchain.scripthash.subscribe", wanted)

    assert [(one["tx_hash"], one["height"]) for one in history] == [
        (one.txid, one.height) for one in ledger.confirmed(wanted)
    ]
    assert balance == {"confirmed": sum(one["value"] for one in unspent), "unconfirmed": 0}
    text = "".join(f"{one['tx_hash']}:{one['height']}:" for one in history)
    assert told == (hashlib.sha256(text.encode()).hexdigest() if text else None)


@pytest.mark.parametrize("personality", ALL)
def test_the_status_of_a_script_is_that_of_the_history_told(personality: str) -> None:
    conversation = start(personality, ledger_state()).connect(Transport.TCP)
    call(conversation, "server.version", "test", "1.4", at=10.0)

    history = call(conversation, "blockchain.scripthash.get_history", script(Role.BUSY), at=13.0)["result"]
    told = call(conversation, "blockchain.scripthash.subscribe", script(Role.BUSY), at=16.0)["result"]

    text = "".join(f"{one['tx_hash']}:{one['height']}:" for one in history)
    assert told == hashlib.sha256(text.encode()).hexdigest()
    assert [one["height"] for one in history[-3:]].count(-1) == 1


@pytest.mark.parametrize(
    ("personality", "same"),
    [
        ("electrumx_1_18", False),  # T19: the order of a set, until 1.19
        ("electrumx_1_20", True),
        ("fulcrum_2", True),
        ("electrs_romanz", True),
        ("electrs_esplora", False),
    ],
)
def test_what_waits_has_an_order_in_some_programs_only(personality: str, same: bool) -> None:
    told = {
        result(personality, "blockchain.scripthash.subscribe", script(Role.BUSY), shelf=f"server {number}")
        for number in range(12)
    }

    assert (len(told) == 1) == same


def test_the_order_of_protocol_1_6_is_by_class_and_then_by_the_text_of_the_id() -> None:
    history = result("electrumx_1_20", "blockchain.scripthash.get_history", script(Role.BUSY))
    by_bytes = result("electrs_romanz", "blockchain.scripthash.get_history", script(Role.BUSY))
    waiting = [(one["height"] < 0, one["tx_hash"]) for one in history if one["height"] <= 0]

    assert waiting == sorted(waiting)
    assert len(waiting) == 3
    flipped = [(one["height"] < 0, bytes.fromhex(one["tx_hash"])[::-1]) for one in by_bytes if one["height"] <= 0]
    assert flipped == sorted(flipped)


@pytest.mark.parametrize(
    ("personality", "expected"),
    [
        ("electrumx_1_18", 501),
        ("fulcrum_2", 501),
        ("electrs_romanz", 501),
        ("electrs_esplora", "Too many history transactions (>500). Contact support to raise limits."),
        ("mempool_electrs", "Too many history transactions (>500). Contact support to raise limits."),
        (
            "electrs_esplora_coded",
            {"code": -32603, "message": "Too many history transactions (>500). Contact support to raise limits."},
        ),
    ],
)
def test_a_very_active_script_is_too_much_for_esplora(personality: str, expected: Any) -> None:
    told = reply(personality, "blockchain.scripthash.get_history", script(Role.EXCHANGE))

    assert told.get("error", len(told.get("result", ()))) == expected


@pytest.mark.parametrize(("personality", "code"), [("electrumx_1_15", 1), ("electrumx_1_16", 1)])
def test_a_history_that_no_reply_could_hold_is_refused_by_electrumx(personality: str, code: int) -> None:
    told = [
        reply(personality, f"blockchain.scripthash.{method}", script(Role.EXCHANGE), exchange=10_101)
        for method in ("get_history", "subscribe")
    ]

    assert [one["error"] for one in told] == [{"code": code, "message": "history too large"}] * 2
    balance = result(personality, "blockchain.scripthash.get_balance", script(Role.EXCHANGE), exchange=10_101)
    assert balance["confirmed"] > 0


def test_electrumx_2_has_a_code_of_its_own_for_it() -> None:
    process = start("electrumx_2_0", ledger_state())
    process.release = replace(process.release, max_send=501 * 99)  # type: ignore[attr-defined] # for 81,818 entries
    conversation = process.connect(Transport.TCP)
    call(conversation, "server.version", "test", "1.6", at=10.0)

    told = call(conversation, "blockchain.scripthash.get_history", script(Role.EXCHANGE), at=13.0)

    assert told["error"] == {"code": 10_001, "message": "history too large"}


def test_fulcrum_tells_nothing_at_all_of_what_is_beyond_its_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    # Its limit of 125,000 is an operator's option; a lower one stands for it here.
    monkeypatch.setattr("electrum_observatory.lab.personalities.fulcrum_scripthash.MAX_HISTORY", 400)

    assert result("fulcrum_2", "blockchain.scripthash.get_history", script(Role.EXCHANGE)) == []
    assert result("fulcrum_2", "blockchain.scripthash.subscribe", script(Role.EXCHANGE)) is None
    assert result("fulcrum_2", "blockchain.scripthash.get_balance", script(Role.EXCHANGE))["confirmed"] > 0


@pytest.mark.parametrize("personality", ALL)
def test_merkle_proofs_lead_to_the_header(personality: str) -> None:
    height = 130
    block = ledger_node().ledger.block(height)
    wanted = block[57]

    told = result(personality, "blockchain.transaction.get_merkle", wanted, height)

    root = parse_header(blocks().header(height)).merkle_root
    assert (told["block_height"], told["pos"], len(told["merkle"])) == (height, 57, 7)
    assert root_of_branch(wanted, told["merkle"], 57) == root
    if personality == "fulcrum_2":  # since protocol 1.4.5 it finds the height itself
        assert result(personality, "blockchain.transaction.get_merkle", wanted) == told


@pytest.mark.parametrize(
    ("personality", "version", "bare", "keys"),
    [
        ("electrumx_1_20", None, True, ["tx_hash", "merkle"]),
        ("fulcrum_2", None, True, ["merkle", "tx_hash"]),
        ("electrs_romanz", None, False, ["merkle", "tx_id"]),
        ("electrs_romanz_0_11_1", "0.11.1", False, ["merkle", "tx_hash"]),
        ("electrs_esplora", None, True, ["merkle", "tx_hash"]),
    ],
)
def test_ids_by_position_have_each_programs_shape(
    personality: str,
    version: str | None,
    bare: bool,
    keys: list[str],
) -> None:
    wanted = ledger_node().ledger.block(1)[0]
    parts = start(personality, ledger_state(), version=version).connect(Transport.TCP)
    call(parts, "server.version", "test", "1.4", at=10.0)

    plain = call(parts, "blockchain.transaction.id_from_pos", 1, 0, False, at=13.0)["result"]
    proven = call(parts, "blockchain.transaction.id_from_pos", 1, 0, True, at=16.0)["result"]

    assert plain == (wanted if bare else {keys[1]: wanted})
    assert list(proven) == keys
    assert proven["merkle"] == []


ABSENT = "No such mempool or blockchain transaction. Use gettransaction for wallet transactions."
UNDECODABLE = "TX decode failed. Make sure the tx has at least one input."
PYTHON = f"daemon error: DaemonError({{'code': -5, 'message': '{ABSENT}'}})"


@pytest.mark.parametrize(
    ("personality", "method", "params", "error"),
    [
        ("electrumx_1_20", "transaction.get", [ZERO], {"code": 2, "message": PYTHON}),
        ("fulcrum_2", "transaction.get", [ZERO], {"code": 2, "message": PYTHON}),
        ("electrs_romanz", "transaction.get", [ZERO], {"code": 2, "message": ABSENT}),
        ("electrs_esplora", "transaction.get", [ZERO], "missing transaction"),
        ("electrs_esplora_coded", "transaction.get", [ZERO], {"code": -32603, "message": "missing transaction"}),
        ("electrumx_1_20", "transaction.get", ["zz"], {"code": 1, "message": "zz should be a transaction hash"}),
        ("fulcrum_2", "transaction.get", ["zz"], {"code": 1, "message": "Invalid tx hash"}),
        ("electrs_romanz", "transaction.get", ["zz"], {"code": -32602, "message": "invalid params"}),
        ("electrs_esplora", "transaction.get", ["zz"], "bad tx_hash"),
        ("electrumx_1_20", "transaction.get", [ZERO, "x"], {"code": 1, "message": '"verbose" must be a boolean'}),
        (
            "fulcrum_2",
            "transaction.get",
            [ZERO, "x"],
            {"code": 1, "message": "Invalid verbose argument; expected boolean"},
        ),
        ("electrs_romanz", "transaction.get", [ZERO, "x"], {"code": -32602, "message": "invalid params"}),
        ("electrs_esplora", "transaction.get", [ZERO, "x"], "not a bool verbose"),
        ("electrs_esplora", "transaction.get", [ZERO, True], "verbose transactions are currently unsupported"),
        (
            "electrumx_1_20",
            "transaction.id_from_pos",
            [100, 5000],
            {"code": 1, "message": "no tx at position 5,000 in block at height 100"},
        ),
        (
            "fulcrum_2",
            "transaction.id_from_pos",
            [100, 5000],
            {"code": 1, "message": "No transaction at position 5000 for height 100"},
        ),
        (
            "electrs_romanz",
            "transaction.id_from_pos",
            [100, 5000, False],
            {"code": 1, "message": "invalid tx_pos 5000 in block at height 100"},
        ),
        ("electrs_romanz", "transaction.id_from_pos", [100, 0], {"code": -32602, "message": "invalid params"}),
        ("electrs_esplora", "transaction.id_from_pos", [100, 5000], "No tx in position #5000 in block #100"),
        (
            "electrumx_1_20",
            "transaction.get_merkle",
            [ZERO, 1],
            {"code": 1, "message": f"tx {ZERO} not in block at height 1"},
        ),
        (
            "fulcrum_2",
            "transaction.get_merkle",
            [ZERO, 1],
            {"code": 1, "message": "No transaction matching the requested hash found at height 1"},
        ),
        ("electrs_esplora", "transaction.get_merkle", [ZERO, 1], "tx not found or is unconfirmed"),
        (
            "electrumx_1_18",
            "transaction.broadcast",
            ["zz"],
            {
                "code": 1,
                "message": f"the transaction was rejected by network rules.\n\n{UNDECODABLE}\n[zz]",
            },
        ),
        ("electrumx_1_20", "transaction.broadcast", ["zz"], {"code": 1, "message": "zz should be a hex string"}),
        ("electrs_romanz", "transaction.broadcast", ["zz"], {"code": 1, "message": "non-hex transaction"}),
        (
            "electrs_esplora",
            "transaction.broadcast",
            ["zz"],
            f'sendrawtransaction RPC error: {{"code":-22,"message":"{UNDECODABLE}"}}',
        ),
    ],
)
def test_refusals_are_the_rows_of_the_reference(personality: str, method: str, params: list[Any], error: Any) -> None:
    assert reply(personality, f"blockchain.{method}", *params)["error"] == error


def test_a_missing_transaction_of_a_block_is_named_by_romanz_with_the_block() -> None:
    told = reply("electrs_romanz", "blockchain.transaction.get_merkle", ZERO, 1)

    assert told["error"]["message"] == f"missing txid {ZERO} in block {parse_header(blocks().header(1)).block_hash}"


@pytest.mark.parametrize("personality", ALL)
def test_no_transaction_is_ever_accepted(personality: str) -> None:
    valid_looking = blocks().blocks.block(111)[1].serialise().hex()

    told = reply(personality, "blockchain.transaction.broadcast", valid_looking)

    assert "mandatory-script-verify-flag-failed" in json.dumps(told["error"])


@pytest.mark.parametrize("personality", [one for one in ALL if "electrs_esplora" not in one and "mempool" not in one])
def test_electrumx_keeps_bitcoinds_order_of_keys_and_others_sort_them(personality: str) -> None:
    txid = ledger_node().ledger.block(111)[1]

    line = raw_line(personality, "blockchain.transaction.get", txid, True).replace('": ', '":')

    order = [key for key in ("blockhash", "confirmations", "hash", "txid", "vin", "vout") if f'"{key}":' in line]
    by_place = sorted(order, key=lambda key: line.index(f'"{key}":'))
    assert (by_place == sorted(order)) == (not personality.startswith("electrumx"))


@pytest.mark.parametrize(
    ("personality", "version", "known"),
    [
        ("electrumx_1_16", "1.4", False),
        ("electrumx_1_18", "1.4", True),
        ("electrumx_1_20", "1.4", False),
        ("electrumx_1_20", "1.6", True),
        ("fulcrum_1", "1.4", False),
        ("fulcrum_2", "1.4", True),
    ],
)
def test_packages_are_offered_when_they_were(personality: str, version: str, known: bool) -> None:
    told = raw_line(personality, "blockchain.transaction.broadcast_package", ["00"], protocol=version)

    assert ("TX decode failed: 00 Make sure the tx has at least one input." in told) == known


def test_an_unspent_output_is_told_by_fulcrum_and_a_spent_one_is_not() -> None:
    ledger = ledger_node().ledger
    frozen = script(Role.FROZEN)
    (left,) = ledger.unspent(frozen)
    spent = ledger.confirmed(frozen)[0].txid

    assert result("fulcrum_2", "blockchain.utxo.get_info", left.txid, left.position) == {
        "confirmed_height": left.height,
        "scripthash": frozen,
        "value": left.value,
    }
    assert result("fulcrum_2", "blockchain.utxo.get_info", spent, 0) is None
    assert result("fulcrum_2", "blockchain.transaction.get_height", spent) == 103
    assert result("fulcrum_2", "blockchain.scripthash.get_first_use", frozen)["tx_hash"] == spent
    assert left.height < HEIGHT
