"""The scripts of a world's chain: who is paid, derived from the world's seed as from any lab seed.

``tools/address_generator.py --lab-seed "world 1" --kind p2tr --network bitcoin`` prints the addresses of the world of
seed 1: index 0 is ``frozen``, 1 ``spent``, 2 ``unused``, and so on in the order of :class:`Role`.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType

from electrum_observatory.bitcoin.address import AddressKind, output_script
from electrum_observatory.bitcoin.networks import Network
from electrum_observatory.bitcoin.scripthash import scripthash
from electrum_observatory.bitcoin.xpub import AccountKey


class Role(StrEnum):
    """What a script does in the chain.

    The first three exist for every kind of address and never change again; the others exist once each.
    """

    FROZEN = "frozen"  # three old transactions, one output still unspent
    SPENT = "spent"  # two old transactions, nothing left
    UNUSED = "unused"  # nobody ever paid it
    BUSY = "busy"  # some transactions in every new block, and some waiting
    EXCHANGE = "exchange"  # a history as long as the world's file says
    MINER = "miner"  # is paid by every block


ALONE = {
    Role.BUSY: AddressKind.P2WPKH,
    Role.EXCHANGE: AddressKind.P2WPKH,
    Role.MINER: AddressKind.P2PKH,
}
"""The kind of address of the roles that exist once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """One script, with what its spender shows.

    Attributes:
        role: What it does.
        kind: Its kind of address.
        public_key: Compressed.
        script: The output script.
        scripthash: Electrum's name of it.
    """

    role: Role
    kind: AddressKind
    public_key: bytes
    script: bytes
    scripthash: str

    @property
    def name(self) -> str:
        """For a person: ``frozen p2tr``, ``miner``."""
        return self.role.value if self.role in ALONE else f"{self.role.value} {self.kind.value}"


def lab_seed(seed: int) -> str:
    """Return the text from which a world's scripts are derived."""
    return f"world {seed}"


@lru_cache(maxsize=16)
def cast_of(seed: int, network: Network) -> Mapping[tuple[Role, AddressKind], Actor]:
    """Return every script of a world's chain by role and kind."""
    found: dict[tuple[Role, AddressKind], Actor] = {}
    for kind in AddressKind:
        branch = AccountKey.from_lab_seed(lab_seed(seed), kind, network).node.child(0)
        for index, role in enumerate(Role):
            if ALONE.get(role, kind) is kind:
                key = branch.child(index).sec()
                script = output_script(kind, key)
                found[role, kind] = Actor(
                    role=role, kind=kind, public_key=key, script=script, scripthash=scripthash(script)
                )
    return MappingProxyType(found)


def mark_of(seed: int, network: Network, branch: str = "") -> bytes:
    """Return eight bytes that tell the coinbases of this world's chain, or of a branch of it, from all others'."""
    return hashlib.sha256(f"{seed}/{network.network_id}/{branch}".encode()).digest()[:8]
