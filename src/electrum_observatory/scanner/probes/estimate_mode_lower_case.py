"""Whether the mode of an estimate may be written in lower case (P13)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from electrum_observatory.scanner.behaviour import BehaviourProbe, Group, Step, Subject, ask
from electrum_observatory.scanner.costs import ProbeCost


@dataclass(frozen=True, slots=True, kw_only=True)
class EstimateModeLowerCaseProbe(BehaviourProbe):
    """Asks ``blockchain.estimatefee`` with the mode ``economical``."""

    id: ClassVar[str] = "estimate_mode_lower_case"
    group: ClassVar[Group] = Group.CORE
    cost: ClassVar[ProbeCost] = ProbeCost(requests=1, errors=1)
    first_id: ClassVar[int] = 1120

    def steps(self, subject: Subject) -> Sequence[Step]:  # noqa: ARG002
        """Return the one message."""
        return (ask(self.first_id, "blockchain.estimatefee", 2, "economical"),)
