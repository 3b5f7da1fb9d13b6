"""Whether a member that nobody asked for spoils a request (P4)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from electrum_observatory.scanner.behaviour import BehaviourProbe, Group, Step, Subject, spell
from electrum_observatory.scanner.costs import ProbeCost


@dataclass(frozen=True, slots=True, kw_only=True)
class PingWithExtraKeyProbe(BehaviourProbe):
    """Asks ``server.ping`` with one more member at the top."""

    id: ClassVar[str] = "ping_with_extra_key"
    group: ClassVar[Group] = Group.CORE
    cost: ClassVar[ProbeCost] = ProbeCost(requests=1, errors=1)
    first_id: ClassVar[int] = 1020

    def steps(self, subject: Subject) -> Sequence[Step]:  # noqa: ARG002
        """Return the one message."""
        line = f'{{"jsonrpc":"2.0","id":{self.first_id},"method":"server.ping","params":[],"x":1}}'
        return (spell(line, request_id=self.first_id),)
