"""A world's block chain: the network's real genesis, then synthetic headers, linked and without proof of work.

Only real servers in the tests show proof of work; here every header after the genesis carries regtest's easy target
and a zero nonce, so that nobody can mistake it for a mined one.
"""

import bisect
import hashlib
from collections.abc import Mapping
from types import MappingProxyType

from electrum_observatory.bitcoin.header import parse_header, serialise_header
from electrum_observatory.lab.chance import stream

REGTEST_BITS = 0x207FFFFF
_VERSION = 0x20000000
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
    """The chain of one network in one world. Pure: the same arguments always give the same blocks."""

    def __init__(self, network: str, *, seed: int, height: int, interval_s: float, start_s: int) -> None:
        self._seed = seed
        self._network = network
        self._initial = height
        self._interval = interval_s
        self._start = start_s
        self._headers = [GENESIS[network]]
        self._tip_hash = parse_header(GENESIS[network]).block_hash
        self._arrivals: list[float] = []
        self._gaps = stream(seed, "blocks", network)

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
        root = hashlib.sha256(f"{self._seed}/{self._network}/{height}".encode()).hexdigest()
        raw = serialise_header(
            version=_VERSION,
            previous_hash=self._tip_hash,
            merkle_root=root,
            timestamp=self._timestamp(height),
            bits=REGTEST_BITS,
            nonce=0,
        )
        self._headers.append(raw)
        self._tip_hash = hashlib.sha256(hashlib.sha256(raw).digest()).digest()[::-1].hex()

    def _timestamp(self, height: int) -> int:
        if height <= self._initial:
            return int(self._start - (self._initial - height) * self._interval)
        return int(self._start + self.arrival(height - self._initial))
