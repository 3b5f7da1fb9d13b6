"""Whether a first message without ``jsonrpc`` is taken as a first message (P2)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from electrum_observatory.protocol.versions import PROTOCOL_MAX, PROTOCOL_MIN
from electrum_observatory.scanner.behaviour import BehaviourProbe, Group, Opening, Step, Subject, ask
from electrum_observatory.scanner.costs import ProbeCost


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionWithoutJsonrpcProbe(BehaviourProbe):
    """Begins a connection with ``server.version`` without the member ``jsonrpc``."""

    id: ClassVar[str] = "version_without_jsonrpc"
    group: ClassVar[Group] = Group.CORE
    opening: ClassVar[Opening] = Opening.BARE
    cost: ClassVar[ProbeCost] = ProbeCost(requests=1, errors=1)
    first_id: ClassVar[int] = 1000

    def steps(self, subject: Subject) -> Sequence[Step]:
        """Return the one message."""
        step = ask(self.first_id, "server.version", subject.client_name, [PROTOCOL_MIN, PROTOCOL_MAX])
        return (replace(step, line=step.line.replace(b'"jsonrpc":"2.0",', b"", 1)),)
