"""How a server echoes an id that is written as a float (P9)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from electrum_observatory.scanner.behaviour import BehaviourProbe, Group, Step, Subject, spell
from electrum_observatory.scanner.costs import ProbeCost


@dataclass(frozen=True, slots=True, kw_only=True)
class PingWithFloatIdProbe(BehaviourProbe):
    """Asks ``server.ping`` with the id ``1.0``."""

    id: ClassVar[str] = "ping_with_float_id"
    group: ClassVar[Group] = Group.CORE
    cost: ClassVar[ProbeCost] = ProbeCost(requests=1)
    first_id: ClassVar[int] = 1050

    def steps(self, subject: Subject) -> Sequence[Step]:  # noqa: ARG002
        """Return the one message."""
        return (spell('{"jsonrpc":"2.0","id":1.0,"method":"server.ping","params":[]}'),)
