"""An address that is none."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from electrum_observatory.scanner.behaviour import BehaviourProbe, Group, Step, Subject, ask
from electrum_observatory.scanner.costs import ProbeCost


@dataclass(frozen=True, slots=True, kw_only=True)
class MalformedAddressProbe(BehaviourProbe):
    """Asks ``blockchain.address.get_balance`` for text that is no address."""

    id: ClassVar[str] = "malformed_address"
    group: ClassVar[Group] = Group.MALFORMED
    cost: ClassVar[ProbeCost] = ProbeCost(requests=1, errors=1, pings=1, may_close=True)
    first_id: ClassVar[int] = 1390

    def steps(self, subject: Subject) -> Sequence[Step]:  # noqa: ARG002
        """Return the one message."""
        return (ask(self.first_id, "blockchain.address.get_balance", "not-an-address"),)
