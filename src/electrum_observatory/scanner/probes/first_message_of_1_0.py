"""A first message that says it is JSON-RPC 1.0."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from electrum_observatory.protocol.versions import PROTOCOL_MIN
from electrum_observatory.scanner.behaviour import BehaviourProbe, Group, Opening, Step, Subject, ask
from electrum_observatory.scanner.costs import ProbeCost


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstMessageOf10Probe(BehaviourProbe):
    """Begins a connection with ``server.version`` and ``"jsonrpc":"1.0"``."""

    id: ClassVar[str] = "first_message_of_1_0"
    group: ClassVar[Group] = Group.CORE
    opening: ClassVar[Opening] = Opening.BARE
    cost: ClassVar[ProbeCost] = ProbeCost(requests=1)
    first_id: ClassVar[int] = 1220

    def steps(self, subject: Subject) -> Sequence[Step]:
        """Return the one message."""
        step = ask(self.first_id, "server.version", subject.client_name, PROTOCOL_MIN)
        return (replace(step, line=step.line.replace(b'"jsonrpc":"2.0"', b'"jsonrpc":"1.0"', 1)),)
