"""Headers up to the highest block that is known beforehand."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from electrum_observatory.scanner.behaviour import BehaviourProbe, Group, Step, Subject, ask
from electrum_observatory.scanner.costs import ProbeCost


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadersInARowProbe(BehaviourProbe):
    """Asks ``blockchain.block.headers`` for up to 20 headers that end at the checkpoint."""

    id: ClassVar[str] = "headers_in_a_row"
    group: ClassVar[Group] = Group.CHAIN
    cost: ClassVar[ProbeCost] = ProbeCost(requests=1, bytes=8192)
    first_id: ClassVar[int] = 1230

    def steps(self, subject: Subject) -> Sequence[Step]:
        """Return the one message."""
        if subject.reference is None:
            return ()
        last = subject.reference.checkpoint_height
        first = max(0, last - 19)
        return (ask(self.first_id, "blockchain.block.headers", first, last - first + 1),)
