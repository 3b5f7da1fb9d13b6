"""An estimate further ahead than bitcoind makes any (P12)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from electrum_observatory.scanner.behaviour import BehaviourProbe, Group, Step, Subject, ask
from electrum_observatory.scanner.costs import ProbeCost


@dataclass(frozen=True, slots=True, kw_only=True)
class EstimateBeyondLimitProbe(BehaviourProbe):
    """Asks ``blockchain.estimatefee`` for 2000 blocks."""

    id: ClassVar[str] = "estimate_beyond_limit"
    group: ClassVar[Group] = Group.CORE
    cost: ClassVar[ProbeCost] = ProbeCost(requests=1, errors=1)
    first_id: ClassVar[int] = 1110

    def steps(self, subject: Subject) -> Sequence[Step]:  # noqa: ARG002
        """Return the one message."""
        return (ask(self.first_id, "blockchain.estimatefee", 2000),)
