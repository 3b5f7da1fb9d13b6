"""What a server says to a transaction that cannot exist (P21)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from electrum_observatory.scanner.behaviour import BehaviourProbe, Group, Step, Subject, ask
from electrum_observatory.scanner.costs import ProbeCost
from electrum_observatory.scanner.subjects import NO_TRANSACTION


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingTransactionProbe(BehaviourProbe):
    """Asks ``blockchain.transaction.get`` for the id of all zeros."""

    id: ClassVar[str] = "missing_transaction"
    group: ClassVar[Group] = Group.CORE
    cost: ClassVar[ProbeCost] = ProbeCost(requests=1, errors=1)
    first_id: ClassVar[int] = 1140

    def steps(self, subject: Subject) -> Sequence[Step]:  # noqa: ARG002
        """Return the one message."""
        return (ask(self.first_id, "blockchain.transaction.get", NO_TRANSACTION),)
