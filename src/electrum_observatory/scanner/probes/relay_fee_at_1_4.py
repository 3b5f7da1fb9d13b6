"""The relay fee where no later protocol than 1.4 was agreed on (P11)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from electrum_observatory.scanner.behaviour import BehaviourProbe, Group, Opening, Step, Subject, ask
from electrum_observatory.scanner.costs import ProbeCost


@dataclass(frozen=True, slots=True, kw_only=True)
class RelayFeeAt14Probe(BehaviourProbe):
    """Asks ``blockchain.relayfee`` after a handshake with ``1.4``: every program knows it then."""

    id: ClassVar[str] = "relay_fee_at_1_4"
    group: ClassVar[Group] = Group.CORE
    opening: ClassVar[Opening] = Opening.PLAIN
    cost: ClassVar[ProbeCost] = ProbeCost(requests=1)
    first_id: ClassVar[int] = 1090

    def steps(self, subject: Subject) -> Sequence[Step]:  # noqa: ARG002
        """Return the one message."""
        return (ask(self.first_id, "blockchain.relayfee"),)
