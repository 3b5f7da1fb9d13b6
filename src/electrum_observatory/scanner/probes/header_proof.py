"""One header with the proof that it belongs to the chain."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from electrum_observatory.scanner.behaviour import BehaviourProbe, Group, Step, Subject, ask
from electrum_observatory.scanner.costs import ProbeCost


@dataclass(frozen=True, slots=True, kw_only=True)
class HeaderProofProbe(BehaviourProbe):
    """Asks ``blockchain.block.header`` with a ``cp_height``. romanz electrs takes no such argument."""

    id: ClassVar[str] = "header_proof"
    group: ClassVar[Group] = Group.CHAIN
    cost: ClassVar[ProbeCost] = ProbeCost(requests=1, errors=1, bytes=8192)
    first_id: ClassVar[int] = 1250

    def steps(self, subject: Subject) -> Sequence[Step]:
        """Return the one message."""
        if subject.reference is None:
            return ()
        highest = max(subject.reference.header_roots, default=subject.reference.checkpoint_height)
        return (ask(self.first_id, "blockchain.block.header", 1, highest),)
