"""romanz electrs 0.9 to 0.11: one thread, strict order, terse fixed error texts, always protocol 1.4.

``src/electrum.rs`` (``Rpc``, ``Params::parse``, ``Calls``), ``src/server.rs``, ``src/mempool.rs``. It has no peers, no
donation address and no variables in its banner.
"""

import random
from dataclasses import dataclass

from electrum_observatory.lab.histograms import romanz as romanz_bins
from electrum_observatory.lab.personalities.base import Conversation, StateSource
from electrum_observatory.lab.personalities.refreshed_histogram import RefreshedHistogram
from electrum_observatory.lab.personalities.romanz_session import Session
from electrum_observatory.lab.state import ServerState
from electrum_observatory.model.endpoint import Transport
from electrum_observatory.model.observation import Json

Version = tuple[int, ...]

_REFRESH_SECONDS = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Romanz:
    """The personality of a range of versions."""

    id: str
    default_version: str
    since: Version
    before: Version
    implementation: str = "romanz_electrs"
    checkout: str | None = None

    def start(self, *, version: str, state: StateSource, started_at: float, rng: random.Random) -> "RomanzProcess":
        """Start one server process. Raises ValueError for a version out of the range."""
        numbers = tuple(int(part) for part in version.split("."))
        if not self.since <= numbers < self.before:
            raise ValueError(f"{self.id} does not cover electrs {version}")
        return RomanzProcess(version=version, numbers=numbers, state=state, started_at=started_at, rng=rng)


class RomanzProcess:
    """What the connections of one process share."""

    def __init__(
        self, *, version: str, numbers: Version, state: StateSource, started_at: float, rng: random.Random
    ) -> None:
        self.version = version
        self.numbers = numbers
        self.name_of_id = "tx_hash" if numbers >= (0, 11, 1) else "tx_id"
        self.takes_ranges = numbers >= (0, 9, 14)
        self.unsubscribes = numbers >= (0, 9, 12)
        self.tolerates_no_estimator = numbers >= (0, 10, 6)
        self.signed_exponent = numbers >= (0, 11, 1)
        self._state = state
        self._histogram = RefreshedHistogram(
            cut=romanz_bins,
            state=state,
            started_at=started_at,
            seconds=_REFRESH_SECONDS / state(started_at).time_scale,
            rng=rng,
            at_blocks=True,
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
