"""How a server writes text beyond ASCII (P10)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from electrum_observatory.scanner.behaviour import BehaviourProbe, Group, Step, Subject, spell
from electrum_observatory.scanner.costs import ProbeCost


@dataclass(frozen=True, slots=True, kw_only=True)
class PingWithUnicodeIdProbe(BehaviourProbe):
    """Asks ``server.ping`` with the id ``é``."""

    id: ClassVar[str] = "ping_with_unicode_id"
    group: ClassVar[Group] = Group.CORE
    cost: ClassVar[ProbeCost] = ProbeCost(requests=1)
    first_id: ClassVar[int] = 1060

    def steps(self, subject: Subject) -> Sequence[Step]:  # noqa: ARG002
        """Return the one message."""
        return (spell('{"jsonrpc":"2.0","id":"é","method":"server.ping","params":[]}'),)
