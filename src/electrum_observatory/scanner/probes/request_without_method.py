"""A request that asks for nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from electrum_observatory.scanner.behaviour import BehaviourProbe, Group, Step, Subject, spell
from electrum_observatory.scanner.costs import ProbeCost


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestWithoutMethodProbe(BehaviourProbe):
    """Sends a request without ``method``. ElectrumX says nothing to it."""

    id: ClassVar[str] = "request_without_method"
    group: ClassVar[Group] = Group.MALFORMED
    cost: ClassVar[ProbeCost] = ProbeCost(requests=1, errors=1, pings=1, may_close=True)
    first_id: ClassVar[int] = 1520

    def steps(self, subject: Subject) -> Sequence[Step]:  # noqa: ARG002
        """Return the one message."""
        line = f'{{"jsonrpc":"2.0","id":{self.first_id},"params":[]}}'
        return (spell(line, request_id=self.first_id, may_be_silent=True),)
