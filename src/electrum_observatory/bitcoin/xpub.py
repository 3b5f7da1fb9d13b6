"""Addresses in a row from an account's extended public key, for questions about addresses nobody owns.

Two sources only: an extended *public* key that everyone may know (published test vectors, your own), or a lab seed,
which is any text and is always hashed first. So recovery words typed here by mistake never lead to their wallet.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

from embit import base58, bip32

from electrum_observatory.bitcoin.address import AddressKind, encode_address, output_script
from electrum_observatory.bitcoin.networks import Network
from electrum_observatory.bitcoin.scripthash import scripthash

_HARDENED = 1 << 31
_MAX_INDEX = _HARDENED - 1
_LAB_SEED_TAG = b"electrum-observatory lab seed\x00"

_VERSIONS: dict[bytes, tuple[bool, AddressKind | None]] = {
    bytes.fromhex("0488b21e"): (True, None),  # xpub
    bytes.fromhex("049d7cb2"): (True, AddressKind.P2SH_P2WPKH),  # ypub
    bytes.fromhex("04b24746"): (True, AddressKind.P2WPKH),  # zpub
    bytes.fromhex("02aa7ed3"): (True, AddressKind.P2WSH),  # Zpub
    bytes.fromhex("043587cf"): (False, None),  # tpub
    bytes.fromhex("044a5262"): (False, AddressKind.P2SH_P2WPKH),  # upub
    bytes.fromhex("045f1cf6"): (False, AddressKind.P2WPKH),  # vpub
    bytes.fromhex("02575483"): (False, AddressKind.P2WSH),  # Vpub
}
"""Version bytes to (for a network with value, kind it commits to): BIP32 and SLIP-132."""

_PURPOSE_PATHS: dict[AddressKind, tuple[int, tuple[int, ...]]] = {
    AddressKind.P2PKH: (44, ()),
    AddressKind.P2SH_P2WPKH: (49, ()),
    AddressKind.P2WPKH: (84, ()),
    AddressKind.P2WSH: (48, (2,)),
    AddressKind.P2TR: (86, ()),
}
"""Kind to (purpose, what follows the account): BIP44, 49, 84, 48 (script type 2) and 86; every step is hardened."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DerivedAddress:
    """One address of an account.

    Attributes:
        path: Below the account, "0/7": branch (0 receiving, 1 change) and index.
        kind: See :class:`AddressKind`.
        address: As a person writes it on that network.
        script_hex: The output script.
        scripthash: As Electrum servers are asked for it.
    """

    path: str
    kind: AddressKind
    address: str
    script_hex: str
    scripthash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountKey:
    """An account's extended public key.

    Attributes:
        node: The chain node; holds no private key.
        has_value: Whether its version bytes are those of a network whose coins have a price.
        kind: The kind of address its version bytes commit to (ypub, zpub, …); None where any will do.
    """

    node: bip32.HDKey
    has_value: bool
    kind: AddressKind | None = None

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read xpub, ypub, zpub, Zpub, tpub, upub, vpub or Vpub.

        Raises:
            ValueError: With words for a person; never with the key in them.
        """
        try:
            raw = base58.decode_check(text.strip())
        except Exception as error:  # embit raises bare exceptions of several kinds here
            raise ValueError("not an extended public key: the Base58 text or its checksum is wrong") from error
        if len(raw) == 78 and raw[45] == 0:
            raise ValueError("this is an extended PRIVATE key: keep it secret, only public keys are taken here")
        if len(raw) != 78 or raw[:4] not in _VERSIONS:
            raise ValueError("not an extended public key of a kind known here (xpub, ypub, zpub, tpub, …)")
        try:
            node = bip32.HDKey.parse(raw)
        except Exception as error:  # as above
            raise ValueError(f"not an extended public key: {error}") from error
        has_value, kind = _VERSIONS[raw[:4]]
        return cls(node=node, has_value=has_value, kind=kind)

    @classmethod
    def from_lab_seed(cls, seed: str, kind: AddressKind, network: Network) -> Self:
        """Make the first account of a wallet that belongs to nobody, from any text.

        Same text, kind and sort of network: same account.
        """
        purpose, tail = _PURPOSE_PATHS[kind]
        master = bip32.HDKey.from_seed(hashlib.sha512(_LAB_SEED_TAG + seed.encode()).digest())
        coin = 0 if network.has_value else 1
        account = master.derive([step + _HARDENED for step in (purpose, coin, 0, *tail)])
        return cls(node=account.to_public(), has_value=network.has_value)

    def addresses(
        self, kind: AddressKind, network: Network, *, count: int, first: int = 0, change: bool = False
    ) -> Iterator[DerivedAddress]:
        """Yield ``count`` addresses of one branch, in order (about 0.2 ms each, BIP32 public derivation).

        Raises:
            ValueError: Where key, kind and network do not belong together, or an index is out of range.
        """
        self._check(kind, network)
        if first < 0 or count < 0 or first + count - 1 > _MAX_INDEX:
            raise ValueError(f"indices run from 0 to {_MAX_INDEX}")
        branch = self.node.child(int(change))
        return (
            _derived(kind, network, branch.child(index).sec(), f"{int(change)}/{index}")
            for index in range(first, first + count)
        )

    def _check(self, kind: AddressKind, network: Network) -> None:
        if self.has_value != network.has_value:
            sort = "bitcoin" if self.has_value else "a test network"
            raise ValueError(f"this extended key is for {sort}, not for {network.network_id}")
        if self.kind not in (None, kind):
            raise ValueError(f"this extended key commits to {self.kind} addresses, not to {kind}")


def _derived(kind: AddressKind, network: Network, public_key: bytes, path: str) -> DerivedAddress:
    script = output_script(kind, public_key)
    return DerivedAddress(
        path=path,
        kind=kind,
        address=encode_address(script, network),
        script_hex=script.hex(),
        scripthash=scripthash(script),
    )
