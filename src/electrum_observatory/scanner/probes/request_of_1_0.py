"""A request of JSON-RPC 1.0 on a connection of 2.0."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from electrum_observatory.scanner.behaviour import BehaviourProbe, Group, Step, Subject, spell
from electrum_observatory.scanner.costs import ProbeCost


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestOf10Probe(BehaviourProbe):
    """Asks ``server.ping`` with ``"jsonrpc":"1.0"``."""

    id: ClassVar[str] = "request_of_1_0"
    group: ClassVar[Group] = Group.MALFORMED
    cost: ClassVar[ProbeCost] = ProbeCost(requests=1, errors=1)
    first_id: ClassVar[int] = 1550

    def steps(self, subject: Subject) -> Sequence[Step]:  # noqa: ARG002
        """Return the one message."""
        line = f'{{"jsonrpc":"1.0","id":{self.first_id},"method":"server.ping","params":[]}}'
        return (spell(line, request_id=self.first_id),)
