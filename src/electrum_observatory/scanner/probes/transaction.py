"""Transactions that lie deep in the chain."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from electrum_observatory.scanner.behaviour import BehaviourProbe, Group, Step, Subject, ask
from electrum_observatory.scanner.costs import ProbeCost


@dataclass(frozen=True, slots=True, kw_only=True)
class TransactionProbe(BehaviourProbe):
    """Asks ``blockchain.transaction.get`` for up to three frozen transactions."""

    id: ClassVar[str] = "transaction"
    group: ClassVar[Group] = Group.CHAIN
    cost: ClassVar[ProbeCost] = ProbeCost(requests=3, errors=1, bytes=8192)
    first_id: ClassVar[int] = 1260

    def steps(self, subject: Subject) -> Sequence[Step]:
        """Return the messages, in order."""
        if subject.reference is None:
            return ()
        method, frozen = "blockchain.transaction.get", subject.reference.frozen_transactions[:3]
        return [ask(self.first_id + place, method, one.txid, name=one.txid[:8]) for place, one in enumerate(frozen)]
