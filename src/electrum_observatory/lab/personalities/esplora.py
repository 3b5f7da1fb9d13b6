"""electrs-esplora (Blockstream) and mempool-electrs, told apart by a table (``esplora_builds``).

``src/electrum/server.rs``, ``src/new_index/query.rs`` (``estimate_fee``, ``get_relayfee``), ``src/util/fees.rs``. Fees
pass through sat/vB and back, which leaves noise in the last digits. Built without discovery: no features, no peers.
"""

import random
from dataclasses import dataclass

from electrum_observatory.lab.personalities.base import Conversation, StateSource
from electrum_observatory.lab.personalities.caching import Remembered
from electrum_observatory.lab.personalities.esplora_builds import Build
from electrum_observatory.lab.personalities.esplora_session import Session
from electrum_observatory.lab.personalities.refreshed_histogram import RefreshedHistogram
from electrum_observatory.lab.state import ServerState
from electrum_observatory.model.endpoint import Transport
from electrum_observatory.model.observation import Json

ESTIMATED_TARGETS = (*range(1, 26), 144, 504, 1008)
"""The only targets it asks bitcoind for, in one batch."""

_ESTIMATES_SECONDS = 60.0
_HISTOGRAM_SECONDS = 10.0
_SAT_PER_VB = 100_000.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Esplora:
    """The personality of one build; it takes any version of the same major number."""

    id: str
    implementation: str
    default_version: str
    build: Build
    checkout: str | None = None

    def start(self, *, version: str, state: StateSource, started_at: float, rng: random.Random) -> "EsploraProcess":
        """Start one server process. Raises ValueError for a version of another program."""
        if version.partition(".")[0] != self.default_version.partition(".")[0]:
            raise ValueError(f"{self.id} is of the line of {self.default_version}, not {version}")
        return EsploraProcess(build=self.build, version=version, state=state, started_at=started_at, rng=rng)


class EsploraProcess:
    """What the connections of one process share."""

    def __init__(
        self, *, build: Build, version: str, state: StateSource, started_at: float, rng: random.Random
    ) -> None:
        self.build = build
        self.software = f"{build.name} {version}"
        self._state = state
        scale = state(started_at).time_scale
        self._estimates: Remembered[dict[int, float]] = Remembered(seconds=_ESTIMATES_SECONDS / scale)
        self._relay_fee: Remembered[float] = Remembered(seconds=None)
        self._histogram = RefreshedHistogram(
            cut=build.histogram,
            state=state,
            started_at=started_at,
            seconds=_HISTOGRAM_SECONDS / scale,
            rng=rng,
            at_blocks=False,
        )

    def connect(self, transport: Transport) -> Conversation:  # noqa: ARG002 - TCP only; a proxy in front adds TLS
        """Open one connection."""
        return Session(self)

    def state(self, at: float) -> ServerState:
        """The world's word on this server."""
        return self._state(at)

    def histogram(self, at: float) -> Json:
        """The histogram of the last refresh."""
        return self._histogram.get(at)

    def relay_fee(self, at: float) -> float:
        """Fetched once, for ever; in BTC/kvB after the way through sat/vB."""
        return self._relay_fee.get(at, lambda: _through_sat_per_vb(self._state(at).node.relay_fee))

    def estimate(self, target: int, at: float) -> float | None:
        """From the last batch; None for a target that is not in it."""
        return self._estimates.get(at, lambda: self._fetch_estimates(at)).get(target)

    def _fetch_estimates(self, at: float) -> dict[int, float]:
        node = self._state(at).node
        asked = {target: node.estimate(target) for target in ESTIMATED_TARGETS}
        return {target: _through_sat_per_vb(fee) for target, fee in asked.items() if fee is not None}


def _through_sat_per_vb(btc_per_kvb: float) -> float:
    return btc_per_kvb * _SAT_PER_VB / _SAT_PER_VB
