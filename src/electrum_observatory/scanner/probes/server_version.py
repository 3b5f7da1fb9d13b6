"""The handshake: the first message of every connection, and what the server says it is."""

from dataclasses import dataclass
from typing import ClassVar

from electrum_observatory.protocol.messages import Reply, RpcError
from electrum_observatory.protocol.versions import PROTOCOL_MAX, PROTOCOL_MIN
from electrum_observatory.scanner.probes.base import AppliesEverywhere, Phase, ProbeCost, Visit
from electrum_observatory.scanner.reading import unexpected


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerVersionResult:
    """What the handshake settled.

    Attributes:
        software: What the server calls itself: a claim; null for an error reply.
        protocol: The protocol version that was negotiated; null for an error reply.
        offered: What we offered: both ends of a range, or one version.
        retried_plain: Whether the range was refused (or the connection closed on it) and one plain version was offered.
        error: The error reply, or null.
    """

    software: str | None
    protocol: str | None
    offered: tuple[str, ...]
    retried_plain: bool
    error: RpcError | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerVersionProbe(AppliesEverywhere):
    """Asks ``server.version``; where a range is refused, asks again with the lowest version alone.

    Attributes:
        plain: True to offer no range at all: for a new connection after a server closed on the range (EPS, and
            every program that closes after a refused version).
    """

    plain: bool = False
    id: ClassVar[str] = "server_version"
    version: ClassVar[int] = 1
    phase: ClassVar[Phase] = Phase.HANDSHAKE
    cost: ClassVar[ProbeCost] = ProbeCost(requests=2, errors=2)
    first_id: ClassVar[int] = 0
    result_type: ClassVar[type[ServerVersionResult]] = ServerVersionResult

    async def run(self, visit: Visit) -> ServerVersionResult:
        """Ask with the range, then plain. romanz 0.9.0–0.9.13 refuses ranges and stays open."""
        if not self.plain:
            reply = await self._ask(visit, self.first_id, [PROTOCOL_MIN, PROTOCOL_MAX])
            if reply.error is None:
                return read_server_version(reply, offered=(PROTOCOL_MIN, PROTOCOL_MAX), retried_plain=False)
        reply = await self._ask(visit, self.first_id + 1, PROTOCOL_MIN)
        return read_server_version(reply, offered=(PROTOCOL_MIN,), retried_plain=True)

    async def _ask(self, visit: Visit, request_id: int, version: str | list[str]) -> Reply:
        return (await visit.request(request_id, "server.version", [visit.client_name, version])).reply


def read_server_version(reply: Reply, *, offered: tuple[str, ...], retried_plain: bool) -> ServerVersionResult:
    """Read the pair [software, protocol]; servers of protocol 0.x sent the software alone."""
    software = protocol = None
    if reply.error is None:
        parts = reply.result if isinstance(reply.result, list) else [reply.result]
        if not 1 <= len(parts) <= 2 or not all(isinstance(part, str) for part in parts):
            unexpected(reply, "[software, protocol]")
        software, protocol = (*parts, None)[:2]
    return ServerVersionResult(
        software=software, protocol=protocol, offered=offered, retried_plain=retried_plain, error=reply.error
    )
