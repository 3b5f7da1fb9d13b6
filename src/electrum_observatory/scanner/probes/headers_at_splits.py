"""Headers at heights where chains with the same first block differ (P22)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from electrum_observatory.scanner.behaviour import BehaviourProbe, Group, Step, Subject, ask
from electrum_observatory.scanner.costs import ProbeCost


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadersAtSplitsProbe(BehaviourProbe):
    """Asks ``blockchain.block.header`` where the chain's reference knows foreign blocks, and at its checkpoint."""

    id: ClassVar[str] = "headers_at_splits"
    group: ClassVar[Group] = Group.CHAIN
    cost: ClassVar[ProbeCost] = ProbeCost(requests=6)
    first_id: ClassVar[int] = 1080

    def steps(self, subject: Subject) -> Sequence[Step]:
        """Return the messages, in order."""
        reference = subject.reference
        if reference is None:
            return ()
        foreign = {one.height for one in reference.foreign_blocks}
        heights = sorted({*sorted(foreign)[-5:], reference.checkpoint_height})
        method = "blockchain.block.header"
        return [ask(self.first_id + place, method, one, name=f"at_{one}") for place, one in enumerate(heights)]
