"""An estimate for no block at all."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from electrum_observatory.scanner.behaviour import BehaviourProbe, Group, Step, Subject, ask
from electrum_observatory.scanner.costs import ProbeCost


@dataclass(frozen=True, slots=True, kw_only=True)
class EstimateTargetZeroProbe(BehaviourProbe):
    """Asks ``blockchain.estimatefee`` for 0 blocks."""

    id: ClassVar[str] = "estimate_target_zero"
    group: ClassVar[Group] = Group.FEES
    cost: ClassVar[ProbeCost] = ProbeCost(requests=1, errors=1)
    first_id: ClassVar[int] = 1420

    def steps(self, subject: Subject) -> Sequence[Step]:  # noqa: ARG002
        """Return the one message."""
        return (ask(self.first_id, "blockchain.estimatefee", 0),)
