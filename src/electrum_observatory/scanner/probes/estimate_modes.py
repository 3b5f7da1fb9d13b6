"""Estimates in each mode."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from electrum_observatory.scanner.behaviour import BehaviourProbe, Group, Step, Subject, ask
from electrum_observatory.scanner.costs import ProbeCost


@dataclass(frozen=True, slots=True, kw_only=True)
class EstimateModesProbe(BehaviourProbe):
    """Asks ``blockchain.estimatefee`` for 2 blocks: by default, economical and conservative."""

    id: ClassVar[str] = "estimate_modes"
    group: ClassVar[Group] = Group.FEES
    cost: ClassVar[ProbeCost] = ProbeCost(requests=3, errors=2)
    first_id: ClassVar[int] = 1400

    def steps(self, subject: Subject) -> Sequence[Step]:  # noqa: ARG002
        """Return the messages, in order."""
        method = "blockchain.estimatefee"
        return (
            ask(self.first_id, method, 2, name="default"),
            ask(self.first_id + 1, method, 2, "ECONOMICAL", name="economical"),
            ask(self.first_id + 2, method, 2, "CONSERVATIVE", name="conservative"),
        )
