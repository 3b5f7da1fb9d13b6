"""A handshake with one argument too many."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from electrum_observatory.scanner.behaviour import BehaviourProbe, Group, Opening, Step, Subject, ask
from electrum_observatory.scanner.costs import ProbeCost


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionWithThirdArgumentProbe(BehaviourProbe):
    """Begins a connection with ``server.version`` and three arguments."""

    id: ClassVar[str] = "version_with_third_argument"
    group: ClassVar[Group] = Group.MALFORMED
    opening: ClassVar[Opening] = Opening.BARE
    cost: ClassVar[ProbeCost] = ProbeCost(requests=1, errors=1)
    first_id: ClassVar[int] = 1650

    def steps(self, subject: Subject) -> Sequence[Step]:
        """Return the one message."""
        return (ask(self.first_id, "server.version", subject.client_name, "1.4", "x"),)
