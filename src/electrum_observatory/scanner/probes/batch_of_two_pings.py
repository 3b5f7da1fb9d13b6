"""Two requests in one array (P23)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from electrum_observatory.scanner.behaviour import BehaviourProbe, Group, Step, Subject, spell
from electrum_observatory.scanner.costs import ProbeCost


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchOfTwoPingsProbe(BehaviourProbe):
    """Sends a batch of two pings."""

    id: ClassVar[str] = "batch_of_two_pings"
    group: ClassVar[Group] = Group.CORE
    cost: ClassVar[ProbeCost] = ProbeCost(requests=2, errors=1, pings=1, may_close=True)
    first_id: ClassVar[int] = 1190

    def steps(self, subject: Subject) -> Sequence[Step]:  # noqa: ARG002
        """Return the messages, in order."""
        one, two = (
            f'{{"jsonrpc":"2.0","id":{self.first_id + place},"method":"server.ping","params":[]}}' for place in (0, 1)
        )
        return (spell(f"[{one},{two}]"),)
