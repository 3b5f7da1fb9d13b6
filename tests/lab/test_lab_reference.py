"""A lab's reference says what its servers cannot contradict, and says it in the file beside the overlay."""

import json

from electrum_observatory.bitcoin.address import AddressKind
from electrum_observatory.bitcoin.header import parse_header
from electrum_observatory.bitcoin.merkle import merkle_root
from electrum_observatory.bitcoin.reference import reference_from_json
from electrum_observatory.lab.process import overlay_of
from electrum_observatory.lab.truth import truth_of
from electrum_observatory.lab.world import World
from electrum_observatory.lab.world_yaml import parse_world
from electrum_observatory.net.overlay import Overlay
from tests.lab.world_files import NOON, small_world


def test_the_reference_travels_in_the_overlay() -> None:
    world = small_world()
    written = json.dumps(overlay_of(world, []).to_json())

    assert Overlay.from_json(json.loads(written)).reference == world.reference
    assert reference_from_json(json.loads(written)["reference"]) == world.reference


def test_what_it_says_is_true_at_any_time() -> None:
    world = small_world()
    told = world.reference

    for at in (0.0, 30_000.0):
        node = world.state("alone", at).node
        ids = [parse_header(node.header(height)).block_hash for height in range(told.checkpoint_height + 1)]
        assert {height: ids[height] for height in told.checkpoints} == dict(told.checkpoints)
        assert dict(told.header_roots) == {told.checkpoint_height: merkle_root(ids)}
        for one in told.frozen_transactions:
            assert node.ledger.block(one.height)[one.position] == one.txid
        for script in told.frozen_scripts:
            assert script.final
            assert tuple((one.txid, one.height) for one in node.ledger.confirmed(script.scripthash)) == script.history
            assert not node.ledger.unconfirmed(script.scripthash)


def test_it_covers_every_kind_of_address_and_deep_proofs() -> None:
    told = small_world().reference

    assert {script.kind for script in told.frozen_scripts} == set(AddressKind)
    assert {len(script.history) for script in told.frozen_scripts} == {0, 2, 3}
    assert max(one.position for one in told.frozen_transactions) >= 100
    assert max(one.height for one in told.frozen_transactions) == told.checkpoint_height


FORKED = """\
schema_version: 1
name: forked
chain: {height: 200}
nodes:
  cash: {forks_at: 150}
servers:
  - {id: ours, software: {personality: electrumx_1_20}, addresses: [88.198.43.21]}
  - {id: theirs, software: {personality: bsv_electrumx}, addresses: [88.198.43.22], node: cash}
"""


def test_another_chain_of_the_same_genesis_is_told_apart_by_its_blocks() -> None:
    world = World.build(parse_world(FORKED, "forked.yaml"), now=NOON)
    told = world.reference
    ours, theirs = (world.state(machine, 0.0).node for machine in ("ours", "theirs"))

    assert ours.header(149) == theirs.header(149)
    assert [(block.chain, block.height) for block in told.foreign_blocks] == [("cash", 150), ("cash", 180)]
    for block in told.foreign_blocks:
        assert parse_header(theirs.header(block.height)).block_hash == block.block_hash
        assert parse_header(ours.header(block.height)).block_hash != block.block_hash
    assert [machine.branch for machine in truth_of(world).machines] == [None, "cash"]
