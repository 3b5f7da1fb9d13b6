"""How long one small question takes, measured while padding servers still answer at once."""

import statistics
from dataclasses import dataclass
from typing import ClassVar

from electrum_observatory.scanner.probes.base import AppliesEverywhere, Phase, ProbeCost, Received, Visit

DEFAULT_PINGS = 3
MAX_PINGS = 20
"""ElectrumX ≥ 1.19 answers at once until it has sent 1024 bytes, then once a second (field reference §1.2): a
handshake reply (about 75 bytes) and twenty ping replies (38 each) stay inside."""

_NS_PER_MS = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class LatencyResult:
    """Round trips of ``server.ping``. ElectrumX 1.18 answers every one a second late: software, not distance.

    Attributes:
        pings_ms: Milliseconds from sending to the last byte of the reply, in order; an error reply counts as well.
        min_ms: The shortest, nearest to the network's round trip.
        median_ms: The median.
    """

    pings_ms: tuple[float, ...]
    min_ms: float
    median_ms: float


@dataclass(frozen=True, slots=True, kw_only=True)
class LatencyProbe(AppliesEverywhere):
    """Asks ``server.ping`` a few times, one after the other, right after the handshake.

    Attributes:
        pings: How many, 1 to ``MAX_PINGS``.
    """

    pings: int = DEFAULT_PINGS
    id: ClassVar[str] = "latency"
    version: ClassVar[int] = 1
    phase: ClassVar[Phase] = Phase.TIMING
    first_id: ClassVar[int] = 10
    result_type: ClassVar[type[LatencyResult]] = LatencyResult

    def __post_init__(self) -> None:
        """Refuse more pings than the first kilobyte of replies holds."""
        if not 1 <= self.pings <= MAX_PINGS:
            raise ValueError(f"pings is {self.pings}, not 1 to {MAX_PINGS}")

    @property
    def cost(self) -> ProbeCost:
        """One request per ping."""
        return ProbeCost(requests=self.pings)

    async def run(self, visit: Visit) -> LatencyResult:
        """Ping one after the other."""
        received = [await visit.request(self.first_id + place, "server.ping") for place in range(self.pings)]
        return read_latency(received)


def read_latency(received: list[Received]) -> LatencyResult:
    """Reduce the arrivals to times."""
    pings = tuple((one.received_monotonic_ns - one.sent_monotonic_ns) / _NS_PER_MS for one in received)
    return LatencyResult(pings_ms=pings, min_ms=min(pings), median_ms=statistics.median(pings))
