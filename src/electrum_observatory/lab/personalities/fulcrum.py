"""Fulcrum 1.x and 2.x.

``src/Servers.cpp`` (``rpc_*`` and the dispatch table), ``src/PeerMgr.cpp``, ``src/BitcoinD.cpp``. The relay fee is the
one that bitcoind gave when Fulcrum last connected to it; fee estimates are asked anew each time.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass

from electrum_observatory.lab.personalities.base import Conversation, StateSource
from electrum_observatory.lab.personalities.caching import Remembered
from electrum_observatory.lab.personalities.fulcrum_releases import Release, Version
from electrum_observatory.lab.personalities.fulcrum_rpc import Connection
from electrum_observatory.lab.personalities.fulcrum_session import Session
from electrum_observatory.lab.personalities.refreshed_histogram import RefreshedHistogram
from electrum_observatory.lab.state import NodeState, PeerState, ServerState
from electrum_observatory.model.endpoint import Transport
from electrum_observatory.model.observation import Json

_MEMPOOL_INFO_SECONDS = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Fulcrum:
    """The personality of a range of versions."""

    id: str
    default_version: str
    since: Version
    before: Version
    implementation: str = "fulcrum"
    checkout: str | None = None

    def start(self, *, version: str, state: StateSource, started_at: float, rng: random.Random) -> "FulcrumProcess":
        """Start one server process. Raises ValueError for a version out of the range."""
        release = Release.of(version)
        if not self.since <= release.version < self.before:
            raise ValueError(f"{self.id} does not cover Fulcrum {version}")
        return FulcrumProcess(release=release, state=state, started_at=started_at, rng=rng)


class FulcrumProcess:
    """What the connections of one process share."""

    def __init__(self, *, release: Release, state: StateSource, started_at: float, rng: random.Random) -> None:
        self.release = release
        self._state = state
        first = state(started_at)
        self._scale = first.time_scale
        self.relay_fee = first.node.relay_fee
        self._histogram = RefreshedHistogram(
            cut=release.histogram,
            state=state,
            started_at=started_at,
            seconds=release.histogram_seconds / self._scale,
            rng=rng,
            at_blocks=True,
        )
        self._mempool_info: Remembered[NodeState] = Remembered(seconds=_MEMPOOL_INFO_SECONDS / self._scale)
        self._rng = rng
        self._places: dict[str, float] = {}

    def connect(self, transport: Transport) -> Conversation:
        """Open one connection."""
        in_frames = transport in (Transport.WS, Transport.WSS)
        return Connection(
            session=Session(self),
            terminator=b"" if in_frames else b"\r\n",
            time_scale=self._scale,
            wants_jsonrpc=self.release.wants_jsonrpc,
        )

    @property
    def software(self) -> str:
        """As it calls itself: ``Fulcrum 2.1.1``."""
        return f"Fulcrum {self.release.name}"

    def state(self, at: float) -> ServerState:
        """The world's word on this server."""
        return self._state(at)

    def histogram(self, at: float) -> Json:
        """The histogram of the last refresh; a new block is a refresh too."""
        return self._histogram.get(at)

    def mempool_info(self, at: float) -> NodeState:
        """``getmempoolinfo``, kept 250 ms."""
        return self._mempool_info.get(at, lambda: self._state(at).node)

    def peers(self, at: float) -> Sequence[PeerState]:
        """Every good peer, one per address, in an order that stays for the life of the process."""
        by_address: dict[str, PeerState] = {}
        for peer in self._state(at).peers:
            by_address.setdefault(peer.address, peer)
        return sorted(by_address.values(), key=lambda peer: self._places.setdefault(peer.address, self._rng.random()))
