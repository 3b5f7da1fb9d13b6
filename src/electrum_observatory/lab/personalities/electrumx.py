"""ElectrumX: one program, its releases told apart by a table (``electrumx_releases``).

``server/session.py`` for the methods, ``server/daemon.py`` and ``server/mempool.py`` for what is cached,
``lib/coins.py`` for the periods and for the bucketing of fee targets.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass

from electrum_observatory.bitcoin.networks import Network
from electrum_observatory.lab.personalities.aiorpcx import LOOK_UP_SECONDS, Connection
from electrum_observatory.lab.personalities.base import Conversation, StateSource
from electrum_observatory.lab.personalities.caching import Remembered
from electrum_observatory.lab.personalities.electrumx_peers import PeerSampler
from electrum_observatory.lab.personalities.electrumx_releases import Release
from electrum_observatory.lab.personalities.electrumx_session import Session
from electrum_observatory.lab.personalities.padding import FLUSH_DELAY_SECONDS, WARM_UP_BYTES, PaddedWire, PlainWire
from electrum_observatory.lab.personalities.refreshed_histogram import RefreshedHistogram
from electrum_observatory.lab.state import NodeState, ServerState
from electrum_observatory.model.endpoint import Transport
from electrum_observatory.model.observation import Json

_HISTOGRAM_SECONDS = 120.0
_HISTOGRAM_SECONDS_LITECOIN = 500.0
_DAEMON_CACHE_SECONDS = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ElectrumX:
    """The personality of one release."""

    id: str
    implementation: str
    default_version: str
    release: Release
    checkout: str | None = None

    def start(self, *, version: str, state: StateSource, started_at: float, rng: random.Random) -> "ElectrumXProcess":
        """Start one server process. Raises ValueError for a version that is not of this release."""
        if version != self.default_version:
            raise ValueError(f"{self.id} calls itself {self.default_version}, not {version!r}")
        return ElectrumXProcess(release=self.release, version=version, state=state, started_at=started_at, rng=rng)


class ElectrumXProcess:
    """What the sessions of one process share: caches, the histogram of the last refresh, the known peers."""

    def __init__(
        self, *, release: Release, version: str, state: StateSource, started_at: float, rng: random.Random
    ) -> None:
        self.release = release
        self.version = version
        self._state = state
        first = state(started_at)
        self._scale = first.time_scale
        period = _HISTOGRAM_SECONDS_LITECOIN if _is_litecoin(first.node.network) else _HISTOGRAM_SECONDS
        self._histogram = RefreshedHistogram(
            cut=release.histogram,
            state=state,
            started_at=started_at,
            seconds=period / self._scale,
            rng=rng,
            at_blocks=False,
        )
        self._network_info: Remembered[NodeState] = Remembered(seconds=_DAEMON_CACHE_SECONDS / self._scale)
        self._mempool_info: Remembered[NodeState] = Remembered(seconds=_DAEMON_CACHE_SECONDS / self._scale)
        self._estimates: dict[tuple[int, str | None], tuple[bytes, float | None]] = {}
        self._peers = PeerSampler(rng)
        self.look_ups = 0

    def connect(self, transport: Transport) -> Conversation:
        """Open one connection."""
        return _LateConnection(lambda at: self._open(transport, at))

    def _open(self, transport: Transport, at: float) -> Connection:
        if transport in (Transport.WS, Transport.WSS):
            wire: PlainWire | PaddedWire = PlainWire(terminator=b"")
        elif not self.release.padded:
            wire = PlainWire(terminator=b"\n")
        else:
            wire = PaddedWire(
                connected_at=at,
                delay=FLUSH_DELAY_SECONDS / self._scale,
                warm_up_bytes=WARM_UP_BYTES if self.release.warm_up else 0,
                flush_on_close=self.release.flush_on_close,
            )
        return Connection(
            wire=wire,
            handlers=Session(self),
            compact=self.release.compact,
            hangs_on_depth=self.release.hangs_on_depth,
            look_up_s=LOOK_UP_SECONDS / self._scale,
        )

    @property
    def software(self) -> str:
        """As it calls itself: ``ElectrumX 1.20.0``."""
        return f"ElectrumX {self.version}"

    def state(self, at: float) -> ServerState:
        """The world's word on this server."""
        return self._state(at)

    def look_up(self, at: float) -> NodeState:
        """The node, where the disk or bitcoind must be asked: the answer comes a little later than others do."""
        self.look_ups += 1
        return self._state(at).node

    def histogram(self, at: float) -> Json:
        """The histogram of the last refresh."""
        return self._histogram.get(at)

    def network_info(self, at: float) -> NodeState:
        """``getnetworkinfo``, kept 60 s (from 1.16 on)."""
        if not self.release.caches_estimates:
            return self.look_up(at)
        return self._network_info.get(at, lambda: self.look_up(at))

    def mempool_info(self, at: float) -> NodeState:
        """``getmempoolinfo``, kept 60 s."""
        return self._mempool_info.get(at, lambda: self.look_up(at))

    def estimate(self, target: int, mode: str | None, at: float) -> float | None:
        """``estimatesmartfee``, kept until the tip changes (from 1.16 on)."""
        node = self._state(at).node
        if not self.release.caches_estimates:
            return self.look_up(at).estimate(target)
        tip = node.header(node.height)
        kept = self._estimates.get((target, mode))
        if kept is None or kept[0] != tip:
            kept = self._estimates[target, mode] = (tip, self.look_up(at).estimate(target))
        return kept[1]

    def bucketed(self, target: int, network: Network) -> int:
        """Coarsen a fee target as the coin class does (``bucket_estimatefee_block_target``)."""
        if not self.release.caches_estimates or _is_litecoin(network):
            return target
        if network.network_id != "bitcoin" and not self.release.buckets_test_networks:
            return target
        return _bucketed_target(target)

    def peers(self, at: float) -> Json:
        """A fresh sample of the known peers."""
        state = self._state(at)
        return self._peers.sample(state.peers, state.node.network)


class _LateConnection:
    """The border has no time for the moment of connecting, so a connection counts from its first line."""

    def __init__(self, open_at: Callable[[float], Connection]) -> None:
        self._open_at = open_at
        self._connection: Connection | None = None

    def receive(self, line: bytes, at: float) -> Json:
        """See ``Conversation``."""
        if self._connection is None:
            self._connection = self._open_at(at)
        return self._connection.receive(line, at)

    def wake(self, at: float) -> Json:
        """See ``Conversation``."""
        return [] if self._connection is None else self._connection.wake(at)

    @property
    def next_wake(self) -> float | None:
        """See ``Conversation``."""
        return None if self._connection is None else self._connection.next_wake


def _is_litecoin(network: Network) -> bool:
    return network.network_id.startswith("litecoin")


def _bucketed_target(target: int) -> int:
    if target <= 1:
        return 1
    if target <= 12 or target == 25:
        return target
    if target <= 48:
        return target // 2 * 2
    if target <= 1008:
        return target // 24 * 24
    return 1008
