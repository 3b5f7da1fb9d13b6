"""Transactions of the lab's chain: real serialisations and ids, with signatures that only look like some.

No Electrum client checks a signature of a confirmed transaction, and no node of a lab accepts a new one, so keys that
sign would prove nothing. Everything else is as on a real chain: inputs spend outputs that exist, values add up, ids
are the hash of the bytes (BIP 141, BIP 144).
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from embit.hashes import hash160

from electrum_observatory.bitcoin.address import AddressKind
from electrum_observatory.lab.cast import Actor
from electrum_observatory.lab.merkle import double_sha256

_VERSION = (2).to_bytes(4, "little")
_SEQUENCE = (0xFFFFFFFD).to_bytes(4, "little")
_NO_LOCKTIME = bytes(4)
_SEGWIT = b"\x00\x01"
_OP_1, _SIGHASH_ALL = 0x50, b"\x01"


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """One output.

    Attributes:
        owner: Whose script it pays to.
        value: Satoshi.
    """

    owner: Actor
    value: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Coin:
    """One output of a known transaction, as an input names it."""

    txid: bytes
    position: int
    output: Output


@dataclass(frozen=True, slots=True, kw_only=True)
class Transaction:
    """One transaction.

    Attributes:
        stripped: Its bytes without witnesses: what the id is the hash of.
        txid: The hash in internal order.
        spent: The coins it spends; none for a coinbase.
        outputs: What it pays.
    """

    stripped: bytes
    txid: bytes = field(init=False)
    spent: tuple[Coin, ...]
    outputs: tuple[Output, ...]

    def __post_init__(self) -> None:
        """Hash it."""
        object.__setattr__(self, "txid", double_sha256(self.stripped))

    @property
    def display(self) -> str:
        """The id as people and protocols write it."""
        return self.txid[::-1].hex()

    @property
    def fee(self) -> int:
        """Satoshi; nothing sensible for a coinbase."""
        return sum(coin.output.value for coin in self.spent) - sum(output.value for output in self.outputs)

    def coin(self, position: int) -> Coin:
        """Return one of its outputs, to be spent."""
        return Coin(txid=self.txid, position=position, output=self.outputs[position])

    def serialise(self) -> bytes:
        """Return the whole transaction, witnesses included where it has any."""
        witnesses = [_witness(coin) for coin in self.spent]
        if not any(witnesses):
            return self.stripped
        items = b"".join(_witness_bytes(witness) for witness in witnesses)
        return self.stripped[:4] + _SEGWIT + self.stripped[4:-4] + items + self.stripped[-4:]


def payment(spent: Sequence[Coin], outputs: Sequence[Output]) -> Transaction:
    """Make a transaction that spends coins and pays outputs."""
    parts = [_VERSION, bytes([len(spent)])]
    for coin in spent:
        script = _script_sig(coin)
        parts += [coin.txid, coin.position.to_bytes(4, "little"), bytes([len(script)]), script, _SEQUENCE]
    return Transaction(stripped=b"".join([*parts, *_outputs(outputs)]), spent=tuple(spent), outputs=tuple(outputs))


def coinbase(height: int, mark: bytes, reward: Output) -> Transaction:
    """Make the first transaction of a block (BIP 34: it begins with the height)."""
    script = _height_push(height) + bytes([len(mark)]) + mark
    head = b"\x01\x00\x00\x00\x01" + bytes(32) + b"\xff\xff\xff\xff" + bytes([len(script)]) + script + b"\xff" * 4
    return Transaction(stripped=b"".join([head, *_outputs([reward])]), spent=(), outputs=(reward,))


def _outputs(outputs: Sequence[Output]) -> Iterable[bytes]:
    yield bytes([len(outputs)])
    for output in outputs:
        yield output.value.to_bytes(8, "little") + bytes([len(output.owner.script)]) + output.owner.script
    yield _NO_LOCKTIME


def _height_push(height: int) -> bytes:
    if height <= 16:
        return bytes([_OP_1 + height])
    number = height.to_bytes(height.bit_length() // 8 + 1, "little")
    return bytes([len(number)]) + number


def _script_sig(coin: Coin) -> bytes:
    owner = coin.output.owner
    if owner.kind is AddressKind.P2PKH:
        return _push(_der(coin)) + _push(owner.public_key)
    if owner.kind is AddressKind.P2SH_P2WPKH:
        return _push(b"\x00\x14" + hash160(owner.public_key))
    return b""


def _witness(coin: Coin) -> list[bytes]:
    owner = coin.output.owner
    match owner.kind:
        case AddressKind.P2PKH:
            return []
        case AddressKind.P2WSH:
            return [b"", _der(coin), b"\x51\x21" + owner.public_key + b"\x51\xae"]
        case AddressKind.P2TR:
            return [_noise(coin, 0) + _noise(coin, 1)]
    return [_der(coin), owner.public_key]


def _witness_bytes(items: list[bytes]) -> bytes:
    return bytes([len(items)]) + b"".join(_push(item) for item in items)


def _push(data: bytes) -> bytes:
    return bytes([len(data)]) + data


def _der(coin: Coin) -> bytes:
    """The form of a signature of 71 bytes, over nothing."""
    return b"\x30\x44\x02\x20" + _noise(coin, 0) + b"\x02\x20" + _noise(coin, 1) + _SIGHASH_ALL


def _noise(coin: Coin, half: int) -> bytes:
    """32 bytes that are always the same for a coin; the first neither negative nor nought, nor a large S."""
    digest = hashlib.sha256(coin.txid + bytes([coin.position & 0xFF, half])).digest()
    return bytes([0x10 | digest[0] & 0x3F]) + digest[1:]
