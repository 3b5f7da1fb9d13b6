"""A world's block chain: the network's real genesis, then synthetic blocks with transactions and proof of work.

The work is real and easy: every header after the genesis carries regtest's target, which one hash in two meets, so a
chain of thousands is mined in a moment (scrypt, Litecoin's function, takes 0.6 ms a block).
"""

import bisect
import hashlib
from collections.abc import Mapping
from types import MappingProxyType

from electrum_observatory.bitcoin.header import serialise_header
from electrum_observatory.bitcoin.networks import NETWORKS, ProofOfWork
from electrum_observatory.lab.blocks import Blocks, Branch
from electrum_observatory.lab.chance import stream
from electrum_observatory.lab.ledger_view import LedgerIndex
from electrum_observatory.lab.merkle import branch_and_root, double_sha256

REGTEST_BITS = 0x207FFFFF
_BITS = REGTEST_BITS.to_bytes(4, "little")
_TARGET = 0x7FFFFF << 8 * 29
_VERSION = (0x20000000).to_bytes(4, "little")
_SATOSHIS = "4a5e1e4baab89f3a32518a88c31bc87f618f76673e2cc77ab2127b7afdeda33b"
_TESTNET4 = "7aa0a7ae1e223414cb807e40cd57e667b718e42aaf9306db9102fe28912b7b4e"
_LITECOINS = "97ddfbbae6be97fd6cdf3e7ca13232a3afff2353e29badfab7f73011edd4ced9"


def _genesis(merkle_root: str, timestamp: int, bits: int, nonce: int) -> bytes:
    return serialise_header(
        version=1, previous_hash="0" * 64, merkle_root=merkle_root, timestamp=timestamp, bits=bits, nonce=nonce
    )


GENESIS: Mapping[str, bytes] = MappingProxyType(
    {
        "bitcoin": _genesis(_SATOSHIS, 1231006505, 0x1D00FFFF, 2083236893),
        "testnet3": _genesis(_SATOSHIS, 1296688602, 0x1D00FFFF, 414098458),
        "testnet4": _genesis(_TESTNET4, 1714777860, 0x1D00FFFF, 393743547),
        "signet": _genesis(_SATOSHIS, 1598918400, 0x1E0377AE, 52613770),
        "regtest": _genesis(_SATOSHIS, 1296688602, REGTEST_BITS, 2),
        "litecoin-regtest": _genesis(_LITECOINS, 1296688602, REGTEST_BITS, 0),
    }
)
"""The real first header of each network (Bitcoin Core and Litecoin ``chainparams.cpp``)."""


class SyntheticChain:
    """The chain of one network in one world. Pure: the same arguments always give the same blocks.

    Attributes:
        blocks: What its blocks hold.
        ledger: The same by script and by transaction id.
    """

    def __init__(
        self,
        network: str,
        *,
        seed: int,
        height: int,
        interval_s: float,
        start_s: int,
        exchange: int = 0,
        branch: Branch | None = None,
    ) -> None:
        """Take height and time of the start, seconds between blocks, and how long the busiest script's history is.

        With ``branch`` it is the network's other chain: the same blocks below the fork, its own from there on.
        """
        self._initial = height
        self._interval = interval_s
        self._start = start_s
        self._headers = [GENESIS[network]]
        self._tip_hash = double_sha256(GENESIS[network])
        self._arrivals: list[float] = []
        self._gaps = stream(seed, "blocks", network, *(() if branch is None else (branch.name,)))
        self._proof = NETWORKS[network].proof_of_work
        self.blocks = Blocks(NETWORKS[network], seed=seed, start=height, exchange=exchange, branch=branch)
        self.ledger = LedgerIndex(self.blocks)

    def height(self, at: float) -> int:
        """Height of the tip at a world time, for somebody who hears of blocks at once."""
        return self._initial + self.mined(at)

    def mined(self, at: float) -> int:
        """How many blocks have come since the world started."""
        while not self._arrivals or self._arrivals[-1] <= at:
            self._extend()
        return bisect.bisect_right(self._arrivals, at)

    def arrival(self, number: int) -> float:
        """World time of the ``number``-th block after the start (1, 2, …); 0 for the start itself."""
        while len(self._arrivals) < number:
            self._extend()
        return self._arrivals[number - 1] if number else 0.0

    def header(self, height: int) -> bytes:
        """Return the 80 bytes of a header. Raises IndexError below 0."""
        if height < 0:
            raise IndexError(f"no block at height {height}")
        while len(self._headers) <= height:
            self._append()
        return self._headers[height]

    def _extend(self) -> None:
        last = self._arrivals[-1] if self._arrivals else 0.0
        self._arrivals.append(last + self._gaps.expovariate(1 / self._interval))

    def _append(self) -> None:
        height = len(self._headers)
        txids = [transaction.txid for transaction in self.blocks.block(height)]
        root = txids[0] if len(txids) == 1 else branch_and_root(txids, 0)[1]
        times = self._timestamp(height).to_bytes(4, "little")
        raw = _mined(_VERSION + self._tip_hash + root + times + _BITS, self._proof)
        self._headers.append(raw)
        self._tip_hash = double_sha256(raw)

    def _timestamp(self, height: int) -> int:
        if height <= self._initial:
            return int(self._start - (self._initial - height) * self._interval)
        return int(self._start + self.arrival(height - self._initial))


def _mined(beginning: bytes, proof: ProofOfWork) -> bytes:
    """Return 76 bytes with the first nonce whose hash meets regtest's target."""
    nonce = 0
    while True:
        raw = beginning + nonce.to_bytes(4, "little")
        if int.from_bytes(_work(raw, proof), "little") <= _TARGET:
            return raw
        nonce += 1


def _work(raw: bytes, proof: ProofOfWork) -> bytes:
    if proof is ProofOfWork.SCRYPT:
        return hashlib.scrypt(raw, salt=raw, n=1024, r=1, p=1, dklen=32)
    return double_sha256(raw)
