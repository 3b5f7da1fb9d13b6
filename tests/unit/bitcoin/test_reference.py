"""What is known of a chain beforehand."""

import json

import pytest

from electrum_observatory.bitcoin.address import AddressKind
from electrum_observatory.bitcoin.reference import (
    ChainReference,
    ForeignBlock,
    FrozenScript,
    FrozenTransaction,
    bundled_reference,
    reference_from_json,
)

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


def test_of_a_network_nobody_knows_there_is_no_reference() -> None:
    assert bundled_reference("regtest") is None
