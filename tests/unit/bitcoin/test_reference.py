"""What is known of a chain beforehand."""

import json
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from embit.hashes import hash160
from embit.script import address_to_scriptpubkey

from electrum_observatory.bitcoin.address import AddressKind
from electrum_observatory.bitcoin.header import parse_header
from electrum_observatory.bitcoin.merkle import merkle_root
from electrum_observatory.bitcoin.networks import NETWORKS
from electrum_observatory.bitcoin.proof_of_work import may_follow, target_of
from electrum_observatory.bitcoin.reference import (
    ChainReference,
    ForeignBlock,
    FrozenScript,
    FrozenTransaction,
    bundled_reference,
    reference_from_json,
)
from electrum_observatory.bitcoin.scripthash import scripthash
from electrum_observatory.model.observation import Json

LAB = ChainReference(
    network_id="regtest",
    checkpoint_height=100,
    checkpoint_hash="ab" * 32,
    checkpoints={0: "cd" * 32, 100: "ab" * 32},
    easiest_bits=0x207FFFFF,
    header_roots={8: "12" * 32},
    foreign_blocks=(ForeignBlock(chain="another", height=50, block_hash="34" * 32),),
    frozen_transactions=(FrozenTransaction(txid="56" * 32, height=7, position=1),),
    frozen_scripts=(
        FrozenScript(name="one", scripthash="78" * 32, kind=AddressKind.P2TR, final=True, history=(("56" * 32, 7),)),
    ),
)


def test_a_reference_comes_back_from_its_json_text() -> None:
    text = json.dumps(LAB.to_json())

    assert reference_from_json(json.loads(text)) == LAB


def test_what_is_no_reference_is_refused() -> None:
    with pytest.raises(ValueError, match="checkpoint_height"):
        reference_from_json({"network_id": "regtest"})


def test_the_checkpoint_must_be_among_the_checkpoints() -> None:
    with pytest.raises(ValueError, match="not one of the checkpoints"):
        ChainReference(
            network_id="regtest", checkpoint_height=1, checkpoint_hash="ab" * 32, checkpoints={}, easiest_bits=1
        )


@pytest.mark.parametrize(
    "wrong",
    [
        {"easiest_bits": 0},
        {"easiest_bits": -1},
        {"easiest_bits": (1 << 60) + 1},
        {"known_bits": {"7": 0x80}},
        {"retarget_blocks": 0},
        {"retarget_blocks": -2016},
    ],
    ids=str,
)
def test_a_reference_from_a_file_has_targets_that_can_be(wrong: dict[str, Json]) -> None:
    public = bundled_reference("bitcoin")
    assert public is not None

    with pytest.raises(ValueError, match=r"target|has not 32 bits"):
        reference_from_json(public.to_json() | wrong)


def test_of_a_network_nobody_knows_there_is_no_reference() -> None:
    assert bundled_reference("regtest") is None


HEADERS = json.loads((Path(__file__).parent / "known_headers.json").read_text())
PUBLIC = ("bitcoin", "testnet3", "testnet4", "signet")


def _facts(reference: ChainReference) -> Iterator[str]:
    """Yield the name of every fact that a reference states."""
    yield "easiest_bits"
    if reference.retarget_blocks is not None:
        yield "retarget_blocks"
    yield from (f"checkpoints/{height}" for height in reference.checkpoints)
    yield from (f"known_bits/{height}" for height in reference.known_bits)
    yield from (f"header_roots/{height}" for height in reference.header_roots)
    yield from (f"foreign_blocks/{block.chain}/{block.height}" for block in reference.foreign_blocks)
    yield from (f"frozen_transactions/{transaction.txid}" for transaction in reference.frozen_transactions)
    yield from (f"frozen_scripts/{script.name}" for script in reference.frozen_scripts)


@pytest.fixture(params=PUBLIC)
def public(request: pytest.FixtureRequest) -> ChainReference:
    reference = bundled_reference(request.param)
    assert reference is not None
    return reference


def test_every_fact_of_a_public_network_names_its_source(public: ChainReference) -> None:
    assert sorted(public.sources) == sorted(_facts(public))
    assert public.checkpoints[0] == NETWORKS[public.network_id].genesis_hash
    assert public.checkpoint_height == max(public.checkpoints)


def test_block_ids_are_as_small_as_the_easiest_target_demands(public: ChainReference) -> None:
    easiest = target_of(public.easiest_bits)

    assert all(int(block_id, 16) <= easiest for block_id in public.checkpoints.values())


def test_headers_hash_to_the_checkpoints_that_say_so(public: ChainReference) -> None:
    headers = {int(height): parse_header(bytes.fromhex(raw)) for height, raw in HEADERS[public.network_id].items()}

    hashed = {height for height in public.checkpoints if "were hashed" in public.sources[f"checkpoints/{height}"]}
    assert hashed == set(headers)
    assert {height: headers[height].block_hash for height in hashed} == {
        height: public.checkpoints[height] for height in hashed
    }
    stated = {height for height in public.known_bits if "in the header" in public.sources[f"known_bits/{height}"]}
    assert all(headers[height].bits == public.known_bits[height] for height in stated)


def test_known_targets_fit_together_and_with_the_blocks_that_are_known(public: ChainReference) -> None:
    """Each may follow the one before; no known block's hash lies far below, or above, the target nearest to it."""
    for earlier, later in pairwise(sorted(public.known_bits.items())):
        assert may_follow(earlier, later, easiest_bits=public.easiest_bits, retarget_blocks=public.retarget_blocks)
    for height, block_id in public.checkpoints.items():
        near = min(public.known_bits, key=lambda known, at=height: abs(known - at), default=None)  # type: ignore[misc]
        if near is not None and abs(near - height) < 10_000:
            assert 1e-4 < int(block_id, 16) / target_of(public.known_bits[near]) < 2


def test_the_branches_of_the_split_share_their_parent() -> None:
    bitcoin = bundled_reference("bitcoin")
    assert bitcoin is not None
    ours = parse_header(bytes.fromhex(HEADERS["bitcoin"]["478559"]))
    theirs = parse_header(bytes.fromhex(HEADERS["foreign"]["478559"]))

    assert ours.previous_hash == theirs.previous_hash == bitcoin.checkpoints[478558]
    assert theirs.block_hash == bitcoin.foreign_blocks[0].block_hash
    assert all(bitcoin.checkpoints.get(block.height) != block.block_hash for block in bitcoin.foreign_blocks)


def test_frozen_transactions_make_up_the_merkle_roots_of_their_blocks() -> None:
    bitcoin = bundled_reference("bitcoin")
    assert bitcoin is not None
    for height in {transaction.height for transaction in bitcoin.frozen_transactions}:
        block = [item for item in bitcoin.frozen_transactions if item.height == height]
        header = parse_header(bytes.fromhex(HEADERS["bitcoin"][str(height)]))

        assert [item.position for item in block] == list(range(len(block)))
        assert merkle_root([item.txid for item in block]) == header.merkle_root


def test_bitcoin_knows_a_script_of_every_kind_of_address() -> None:
    bitcoin = bundled_reference("bitcoin")
    assert bitcoin is not None

    assert {script.kind for script in bitcoin.frozen_scripts} == {None, *AddressKind}
    assert not any(script.final for script in bitcoin.frozen_scripts)


_FIRST_SEGWIT = bytes.fromhex("00148d7a0a3461e3891723e5fdf8129caa0075060cff")
"""Output of the first segwit transaction, and the redeem script of what it spends."""
_BLOCK_9_KEY = (
    "0411db93e1dcdb8a016b49840f8c53bc1eb68a382e97b1482ecad7b148a6909a5c"
    "b2e0eaddfb84ccf9744464f82e160bfa9b8b64f9d4c03f999b8643f656b412a3"
)


@pytest.mark.parametrize(
    ("name", "script"),
    [
        ("bare key of the coinbase of block 9", b"\x41" + bytes.fromhex(_BLOCK_9_KEY) + b"\xac"),
        ("spent by the first segwit transaction", b"\xa9\x14" + hash160(_FIRST_SEGWIT) + b"\x87"),
        ("output of the first segwit transaction", _FIRST_SEGWIT),
        (
            "second output of the first payment of block 100000",
            address_to_scriptpubkey("1EYTGtG4LnFfiMvjJdsU7GMGCQvsRSjYhx").data,
        ),
        (
            "first P2WSH output",
            address_to_scriptpubkey("bc1qeklep85ntjz4605drds6aww9u0qr46qzrv5xswd35uhjuj8ahfcqgf6hak").data,
        ),
        (
            "spent by the first taproot transaction",
            bytes.fromhex("5120339ce7e165e67d93adb3fef88a6d4beed33f01fa876f05a225242b82a631abc0"),
        ),
    ],
)
def test_frozen_scripts_hash_to_what_servers_are_asked_for(name: str, script: bytes) -> None:
    bitcoin = bundled_reference("bitcoin")
    assert bitcoin is not None

    assert {one.name: one.scripthash for one in bitcoin.frozen_scripts}[name] == scripthash(script)
