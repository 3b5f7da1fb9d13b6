"""Who else a server knows: the spring of discovery."""

from dataclasses import dataclass
from typing import ClassVar

from electrum_observatory.protocol.messages import Reply, RpcError
from electrum_observatory.protocol.peers import MOST_READ, PEER_ROWS, AdvertisedHost
from electrum_observatory.scanner.probes.base import PipelinedProbe, ProbeCost
from electrum_observatory.scanner.reading import sequence


@dataclass(frozen=True, slots=True, kw_only=True)
class PeersResult:
    """The reply to ``server.peers.subscribe``. ElectrumX lists are random samples: compare unions, never single lists.

    Attributes:
        peers: The rows that could be read, in the order sent: host, address given beside it, services, claims.
        rows: Number of rows sent; the first 5,000 are read, and of names that are not ASCII the first 50.
        malformed: How many of these could not be read.
        error: The error reply, or null.
    """

    peers: tuple[AdvertisedHost, ...]
    rows: int
    malformed: int
    error: RpcError | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PeersProbe(PipelinedProbe[PeersResult]):
    """Asks ``server.peers.subscribe`` (which, whatever its name, subscribes to nothing)."""

    id: ClassVar[str] = "peers"
    version: ClassVar[int] = 1
    cost: ClassVar[ProbeCost] = ProbeCost(requests=1)
    first_id: ClassVar[int] = 60
    result_type: ClassVar[type[PeersResult]] = PeersResult
    method: ClassVar[str] = "server.peers.subscribe"
    lacked_by: ClassVar[tuple[str, ...]] = ("Frigate",)

    def read(self, *replies: Reply) -> PeersResult:
        """Read the one reply."""
        return read_peers(*replies)


def read_peers(reply: Reply) -> PeersResult:
    """Read the rows; one bad row does not spoil the others."""
    rows = sequence(reply) or ()
    peers = PEER_ROWS.read(rows, reply.result_text or b"")
    return PeersResult(peers=peers, rows=len(rows), malformed=min(len(rows), MOST_READ) - len(peers), error=reply.error)
