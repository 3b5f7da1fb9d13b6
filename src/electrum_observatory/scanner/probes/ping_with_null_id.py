"""A request whose id is null."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from electrum_observatory.scanner.behaviour import BehaviourProbe, Group, Step, Subject, spell
from electrum_observatory.scanner.costs import ProbeCost


@dataclass(frozen=True, slots=True, kw_only=True)
class PingWithNullIdProbe(BehaviourProbe):
    """Asks ``server.ping`` with ``"id":null``. ElectrumX takes it for a notification and says nothing."""

    id: ClassVar[str] = "ping_with_null_id"
    group: ClassVar[Group] = Group.MALFORMED
    cost: ClassVar[ProbeCost] = ProbeCost(requests=1, pings=1)
    first_id: ClassVar[int] = 1560

    def steps(self, subject: Subject) -> Sequence[Step]:  # noqa: ARG002
        """Return the one message."""
        return (spell('{"jsonrpc":"2.0","id":null,"method":"server.ping","params":[]}', may_be_silent=True),)
