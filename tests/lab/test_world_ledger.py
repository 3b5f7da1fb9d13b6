"""Blocks hold what their headers promise; scripts add up; what waits enters the next block."""

import itertools

import pytest

from electrum_observatory.bitcoin.address import AddressKind
from electrum_observatory.bitcoin.header import parse_header
from electrum_observatory.bitcoin.merkle import merkle_root
from electrum_observatory.bitcoin.networks import NETWORKS
from electrum_observatory.bitcoin.proof_of_work import proof_hash, target_of
from electrum_observatory.bitcoin.xpub import AccountKey
from electrum_observatory.lab.bitcoind import txid_of, verbose_transaction
from electrum_observatory.lab.blocks import Branch
from electrum_observatory.lab.cast import Role, cast_of
from electrum_observatory.lab.chain import SyntheticChain
from electrum_observatory.lab.ledger import Ledger
from electrum_observatory.lab.mempool import TransactionFlow
from electrum_observatory.lab.nodes import SyntheticNode
from electrum_observatory.lab.state import NodeState
from electrum_observatory.lab.world_file import Mempool, Node

HEIGHT = 220


def chain(network: str = "regtest", *, seed: int = 1, height: int = HEIGHT, exchange: int = 130) -> SyntheticChain:
    return SyntheticChain(network, seed=seed, height=height, interval_s=600, start_s=1_795_132_800, exchange=exchange)


def node(blocks: SyntheticChain, policy: Node, at: float, *, shelf: str = "") -> NodeState:
    flow = TransactionFlow(blocks, Mempool(initial=10), seed=1)
    return SyntheticNode("core", policy, blocks, flow, network="regtest", seed=1).state(at, shelf=shelf)


def everywhere() -> Node:
    return Node(misses=0.0, delay_s=0.0)


@pytest.mark.parametrize(("network", "heights"), [("regtest", HEIGHT), ("bitcoin", 60), ("litecoin-regtest", 60)])
def test_every_header_proves_its_work_and_its_transactions(network: str, heights: int) -> None:
    blocks = chain(network)

    for height in range(1, heights + 1):
        raw = blocks.header(height)
        header = parse_header(raw)
        assert proof_hash(raw, NETWORKS[network].proof_of_work) <= target_of(header.bits)
        assert header.merkle_root == merkle_root([one.display for one in blocks.blocks.block(height)])


def test_ids_are_the_hash_of_the_serialised_transaction_and_nothing_is_spent_twice_or_unknown() -> None:
    blocks = chain()
    coins: dict[tuple[bytes, int], int] = {}

    for height in range(1, HEIGHT + 1):
        for transaction in blocks.blocks.block(height):
            assert txid_of(transaction.serialise().hex()) == transaction.display
            spent = sum(coins.pop((coin.txid, coin.position)) for coin in transaction.spent)
            paid = sum(output.value for output in transaction.outputs)
            assert not transaction.spent or 0 < spent - paid < 10_000
            coins |= {(transaction.txid, number): output.value for number, output in enumerate(transaction.outputs)}


def test_every_kind_of_address_has_a_frozen_a_spent_and_an_unused_script() -> None:
    blocks = chain()
    ledger = node(blocks, everywhere(), 0.0).ledger

    lengths = {
        role: {len(ledger.confirmed(blocks.blocks.cast[role, kind].scripthash)) for kind in AddressKind}
        for role in (Role.FROZEN, Role.SPENT, Role.UNUSED)
    }

    assert lengths == {Role.FROZEN: {3}, Role.SPENT: {2}, Role.UNUSED: {0}}
    assert len(ledger.confirmed(blocks.blocks.cast[Role.EXCHANGE, AddressKind.P2WPKH].scripthash)) == 130


def test_the_scripts_are_those_that_anybody_derives_from_the_lab_seed() -> None:
    for network in ("bitcoin", "litecoin-regtest"):
        cast = cast_of(7, NETWORKS[network])
        for kind in AddressKind:
            account = AccountKey.from_lab_seed("world 7", kind, NETWORKS[network])
            derived = [one.scripthash for one in account.addresses(kind, NETWORKS[network], count=len(Role))]
            for place, role in enumerate(Role):
                assert (role, kind) not in cast or cast[role, kind].scripthash == derived[place]


def test_balance_is_the_sum_of_what_is_unspent() -> None:
    blocks = chain()
    ledger = node(blocks, everywhere(), 5000.0).ledger

    for actor in blocks.blocks.cast.values():
        balance, unspent = ledger.balance(actor.scripthash), ledger.unspent(actor.scripthash)
        assert balance.confirmed + balance.unconfirmed == sum(one.value for one in unspent), actor.name
    assert ledger.balance(busy(blocks)).unconfirmed


def test_what_waits_is_in_the_next_block_and_only_there() -> None:
    blocks = chain()
    before = node(blocks, everywhere(), blocks.arrival(1) - 0.001)
    after = node(blocks, everywhere(), blocks.arrival(1))

    waiting = {one.txid for one in before.ledger.unconfirmed(busy(blocks))}
    confirmed = {one.txid: one.height for one in after.ledger.confirmed(busy(blocks))}

    assert [before.height, after.height] == [HEIGHT, HEIGHT + 1]
    assert waiting == {txid for txid, height in confirmed.items() if height == HEIGHT + 1}
    assert all(before.ledger.transaction(txid) and before.ledger.height_of(txid) is None for txid in waiting)
    assert any(one.chained for one in before.ledger.unconfirmed(busy(blocks)))


def test_a_node_that_misses_a_transaction_misses_what_spends_it() -> None:
    blocks = chain()

    for at in range(0, 40_000, 1_000):
        ledger = node(blocks, Node(misses=0.5), float(at)).ledger
        seen = {one.txid for one in ledger.unconfirmed(busy(blocks))}
        for one in ledger.unconfirmed(busy(blocks)):
            assert not one.chained or len(seen) > 1


def test_servers_hold_what_waits_in_different_orders() -> None:
    blocks = chain()

    def order(shelf: str, at: float) -> list[str]:
        return [one.txid for one in node(blocks, everywhere(), at, shelf=shelf).ledger.unconfirmed(busy(blocks))]

    late = blocks.arrival(1) - 1
    orders = {tuple(order(f"server-{number}", late)) for number in range(20)}

    assert len(orders) > 3
    assert len({frozenset(one) for one in orders}) == 1


def test_a_node_behind_the_tip_knows_nothing_of_the_blocks_above() -> None:
    blocks = chain()
    late = blocks.arrival(2)
    told: Ledger = node(blocks, Node(delay_s=3600.0, misses=0.0), late).ledger

    newest = blocks.blocks.block(HEIGHT + 2)[0]

    assert node(blocks, everywhere(), late).ledger.transaction(newest.display) is not None
    assert told.transaction(newest.display) is None


def test_the_same_seed_makes_the_same_chain_in_any_order_of_asking() -> None:
    forward, backward, other = chain(), chain(), chain(seed=2)
    backward.ledger.history("", HEIGHT + 3)

    assert [forward.header(height) for height in range(HEIGHT)] == [backward.header(height) for height in range(HEIGHT)]
    assert forward.header(1) != other.header(1)


def test_a_verbose_transaction_has_bitcoinds_keys_in_bitcoinds_order() -> None:
    blocks = chain()
    core, old = (node(blocks, Node(version=version), 0.0) for version in (280_100, 210_201))
    frozen = blocks.blocks.cast[Role.FROZEN, AddressKind.P2WPKH].scripthash
    txid = core.ledger.confirmed(frozen)[-1].txid

    told, before = verbose_transaction(core, txid), verbose_transaction(old, txid)

    assert told is not None
    assert before is not None
    assert list(told) == [
        *("txid", "hash", "version", "size", "vsize", "weight", "locktime", "vin", "vout", "hex"),
        *("blockhash", "confirmations", "time", "blocktime"),
    ]
    assert list(told["vin"][0]) == ["txid", "vout", "scriptSig", "txinwitness", "sequence"]
    assert list(told["vout"][0]["scriptPubKey"]) == ["asm", "desc", "hex", "address", "type"]
    assert list(before["vout"][0]["scriptPubKey"]) == ["asm", "hex", "reqSigs", "type", "addresses"]
    assert told["hash"] != told["txid"] == txid
    assert told["vsize"] * 4 - told["weight"] in range(4)
    assert told["confirmations"] == HEIGHT - 123 + 1


def test_all_kinds_are_spelled_out_as_bitcoind_does() -> None:
    blocks = chain()
    core = node(blocks, everywhere(), 0.0)

    spent = [verbose_transaction(core, blocks.blocks.block(height)[1].display) for height in range(121, 126)]
    funded = [verbose_transaction(core, blocks.blocks.block(height)[1].display) for height in range(111, 116)]

    assert [one["vout"][0]["scriptPubKey"]["type"] for one in funded if one] == [
        *("pubkeyhash", "scripthash", "witness_v0_keyhash", "witness_v0_scripthash", "witness_v1_taproot"),
    ]
    assert [len(one["vin"][0].get("txinwitness", ())) for one in spent if one] == [0, 2, 2, 3, 1]
    assert spent[0] is not None
    assert "[ALL] 0" in spent[0]["vin"][0]["scriptSig"]["asm"]


def test_a_very_busy_script_can_be_longer_than_any_programs_limit() -> None:
    blocks = chain(height=1500, exchange=10_500)

    scripthash = blocks.blocks.cast[Role.EXCHANGE, AddressKind.P2WPKH].scripthash

    history = blocks.ledger.history(scripthash, 1500)
    assert len(history) == 10_500
    assert all(one.height <= two.height for one, two in itertools.pairwise(history))


def busy(blocks: SyntheticChain) -> str:
    return blocks.blocks.cast[Role.BUSY, AddressKind.P2WPKH].scripthash


def test_a_branch_shares_everything_below_its_fork_and_nothing_from_there_on() -> None:
    branch = Branch(name="other", forks_at=150)
    ours = chain()
    theirs = SyntheticChain(
        "regtest", seed=1, height=HEIGHT, interval_s=600, start_s=1_795_132_800, exchange=130, branch=branch
    )

    same = [ours.header(height) == theirs.header(height) for height in range(HEIGHT)]

    assert same == [True] * 150 + [False] * (HEIGHT - 150)
    assert theirs.arrival(1) != ours.arrival(1)
    for height in range(150, HEIGHT):
        header = parse_header(theirs.header(height))
        assert header.previous_hash == parse_header(theirs.header(height - 1)).block_hash
        assert header.merkle_root == merkle_root([one.display for one in theirs.blocks.block(height)])
