"""What is known of a chain beforehand, so that a server's answers can be held against something.

Of public networks it holds only facts that anybody can look up and compute again
(``data/reference-<network>.json``, each with its source). A lab writes the reference of its own chain beside its
overlay. Whatever is not known is left out: a missing fact makes a test say *insufficient*, a wrong one would make it
unfair.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.resources import files

from pydantic import TypeAdapter

from electrum_observatory.bitcoin.address import AddressKind
from electrum_observatory.bitcoin.proof_of_work import target_of
from electrum_observatory.model.observation import Json


@dataclass(frozen=True, slots=True, kw_only=True)
class FrozenTransaction:
    """A transaction that lies deep in the chain.

    Attributes:
        txid: Its id, display order.
        height: Height of its block.
        position: Its place in the block; 0 is the coinbase.
    """

    txid: str
    height: int
    position: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FrozenScript:
    """An output script whose early history everybody can know.

    Attributes:
        name: For a person, "coinbase of block 9".
        scripthash: As Electrum servers are asked for it.
        kind: The kind of address it has; None for a bare public key, which has none.
        final: Whether ``history`` is all there is and ever will be. Only a lab can promise that: on a public network
            anybody may pay to any script.
        history: Confirmed entries known to belong to it, (txid, height), in the order of the chain.
    """

    name: str
    scripthash: str
    kind: AddressKind | None
    final: bool = False
    history: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignBlock:
    """A block that a chain with the same genesis has, and this network has not.

    Attributes:
        chain: Name of the other chain.
        height: Height of the block.
        block_hash: Its id, display order.
    """

    chain: str
    height: int
    block_hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainReference:
    """Facts about one chain that no honest server of it can contradict.

    Attributes:
        network_id: See :mod:`electrum_observatory.bitcoin.networks`.
        checkpoint_height: The highest block that is known beforehand.
        checkpoint_hash: Its id, display order.
        checkpoints: Height to block id, the checkpoint among them. On bitcoin also the blocks before and after the
            splits of BCH and BSV, which share everything below.
        easiest_bits: The compact target that no block may exceed (``powLimit``).
        known_bits: Height to the compact target of the block there, where it is known.
        retarget_blocks: Blocks from one change of the target to the next; None where blocks at the easiest target are
            allowed at any time, so that nothing follows from a neighbour.
        header_roots: ``cp_height`` to the merkle root over the block ids 0…cp_height, display order.
        foreign_blocks: See :class:`ForeignBlock`.
        frozen_transactions: See :class:`FrozenTransaction`.
        frozen_scripts: See :class:`FrozenScript`.
        sources: What a fact is (``checkpoints/478558``, ``frozen_scripts/<name>``, …) to where it was looked up and how
            it was computed again; empty for a lab.
    """

    network_id: str
    checkpoint_height: int
    checkpoint_hash: str
    checkpoints: Mapping[int, str]
    easiest_bits: int
    known_bits: Mapping[int, int] = field(default_factory=dict)
    retarget_blocks: int | None = None
    header_roots: Mapping[int, str] = field(default_factory=dict)
    foreign_blocks: tuple[ForeignBlock, ...] = ()
    frozen_transactions: tuple[FrozenTransaction, ...] = ()
    frozen_scripts: tuple[FrozenScript, ...] = ()
    sources: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Raise ValueError where the checkpoint is not among the checkpoints, or a target is none."""
        if self.checkpoints.get(self.checkpoint_height) != self.checkpoint_hash:
            raise ValueError("the checkpoint is not one of the checkpoints")
        if self.retarget_blocks is not None and self.retarget_blocks < 1:
            raise ValueError(f"a target cannot change every {self.retarget_blocks} blocks")
        for bits in (self.easiest_bits, *self.known_bits.values()):
            target_of(bits)

    def to_json(self) -> dict[str, Json]:
        """Return it as JSON; heights that are keys become text."""
        value: dict[str, Json] = _REFERENCE.dump_python(self, mode="json")
        return value


_REFERENCE = TypeAdapter(ChainReference)


def reference_from_json(value: Mapping[str, Json]) -> ChainReference:
    """Read what :meth:`ChainReference.to_json` wrote, also after a trip through JSON text.

    Raises:
        ValueError: It is something else.
    """
    return _REFERENCE.validate_python(value)


def bundled_reference(network_id: str) -> ChainReference | None:
    """Return what this package knows of a public network; None where it knows nothing."""
    path = files("electrum_observatory.bitcoin").joinpath("data", f"reference-{network_id}.json")
    return reference_from_json(json.loads(path.read_text(encoding="utf-8"))) if path.is_file() else None
