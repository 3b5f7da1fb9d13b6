"""Headers with a proof that they belong to the chain."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from electrum_observatory.scanner.behaviour import BehaviourProbe, Group, Step, Subject, ask
from electrum_observatory.scanner.costs import ProbeCost


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadersWithCheckpointProbe(BehaviourProbe):
    """Asks ``blockchain.block.headers`` with a ``cp_height``. romanz electrs takes no such argument."""

    id: ClassVar[str] = "headers_with_checkpoint"
    group: ClassVar[Group] = Group.CHAIN
    cost: ClassVar[ProbeCost] = ProbeCost(requests=1, errors=1, bytes=8192)
    first_id: ClassVar[int] = 1240

    def steps(self, subject: Subject) -> Sequence[Step]:
        """Return the one message."""
        if subject.reference is None:
            return ()
        highest = max(subject.reference.header_roots, default=subject.reference.checkpoint_height)
        return (ask(self.first_id, "blockchain.block.headers", 1, min(4, highest), highest),)
