"""Whether a server that was spoken to in JSON-RPC 2.0 insists on it (P3)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from electrum_observatory.scanner.behaviour import BehaviourProbe, Group, Step, Subject, spell
from electrum_observatory.scanner.costs import ProbeCost


@dataclass(frozen=True, slots=True, kw_only=True)
class PingWithoutJsonrpcProbe(BehaviourProbe):
    """Asks ``server.ping`` without ``jsonrpc`` after a handshake that had it."""

    id: ClassVar[str] = "ping_without_jsonrpc"
    group: ClassVar[Group] = Group.CORE
    cost: ClassVar[ProbeCost] = ProbeCost(requests=1, errors=1)
    first_id: ClassVar[int] = 1010

    def steps(self, subject: Subject) -> Sequence[Step]:  # noqa: ARG002
        """Return the one message."""
        return (spell(f'{{"id":{self.first_id},"method":"server.ping","params":[]}}', request_id=self.first_id),)
