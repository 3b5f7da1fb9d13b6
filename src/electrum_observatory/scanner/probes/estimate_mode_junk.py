"""An estimate in a mode that does not exist."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from electrum_observatory.scanner.behaviour import BehaviourProbe, Group, Step, Subject, ask
from electrum_observatory.scanner.costs import ProbeCost


@dataclass(frozen=True, slots=True, kw_only=True)
class EstimateModeJunkProbe(BehaviourProbe):
    """Asks ``blockchain.estimatefee`` with the mode ``JUNK``."""

    id: ClassVar[str] = "estimate_mode_junk"
    group: ClassVar[Group] = Group.FEES
    cost: ClassVar[ProbeCost] = ProbeCost(requests=1, errors=1)
    first_id: ClassVar[int] = 1410

    def steps(self, subject: Subject) -> Sequence[Step]:  # noqa: ARG002
        """Return the one message."""
        return (ask(self.first_id, "blockchain.estimatefee", 2, "JUNK"),)
