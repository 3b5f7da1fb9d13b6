"""Twenty requests in one breath."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from electrum_observatory.scanner.behaviour import BehaviourProbe, Group, Step, Subject, ask
from electrum_observatory.scanner.costs import ProbeCost


@dataclass(frozen=True, slots=True, kw_only=True)
class BurstOfTwentyProbe(BehaviourProbe):
    """Sends twenty pings without waiting for a reply."""

    id: ClassVar[str] = "burst_of_twenty"
    group: ClassVar[Group] = Group.AGGRESSIVE
    cost: ClassVar[ProbeCost] = ProbeCost(requests=20, errors=1, bytes=4096)
    first_id: ClassVar[int] = 2220
    in_flight: ClassVar[int] = 20

    def steps(self, subject: Subject) -> Sequence[Step]:  # noqa: ARG002
        """Return the messages, in order."""
        return [ask(self.first_id + place, "server.ping", name=f"ping_{place + 1}") for place in range(20)]
