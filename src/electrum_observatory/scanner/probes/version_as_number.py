"""A handshake with a number for a version."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from electrum_observatory.scanner.behaviour import BehaviourProbe, Group, Opening, Step, Subject, ask
from electrum_observatory.scanner.costs import ProbeCost


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionAsNumberProbe(BehaviourProbe):
    """Begins a connection with it; many programs close."""

    id: ClassVar[str] = "version_as_number"
    group: ClassVar[Group] = Group.MALFORMED
    opening: ClassVar[Opening] = Opening.BARE
    cost: ClassVar[ProbeCost] = ProbeCost(requests=1, errors=1, pings=1, may_close=True)
    first_id: ClassVar[int] = 1640

    def steps(self, subject: Subject) -> Sequence[Step]:
        """Return the one message."""
        return (ask(self.first_id, "server.version", subject.client_name, 1.4),)
