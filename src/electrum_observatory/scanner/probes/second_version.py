"""A second handshake on the same connection."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from electrum_observatory.scanner.behaviour import BehaviourProbe, Group, Step, Subject, ask
from electrum_observatory.scanner.costs import ProbeCost


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondVersionProbe(BehaviourProbe):
    """Asks ``server.version`` once more."""

    id: ClassVar[str] = "second_version"
    group: ClassVar[Group] = Group.CORE
    cost: ClassVar[ProbeCost] = ProbeCost(requests=1, errors=1)
    first_id: ClassVar[int] = 1200

    def steps(self, subject: Subject) -> Sequence[Step]:
        """Return the one message."""
        return (ask(self.first_id, "server.version", subject.client_name, "1.4"),)
