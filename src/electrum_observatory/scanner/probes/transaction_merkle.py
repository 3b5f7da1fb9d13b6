"""Proofs that transactions are in their blocks."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from electrum_observatory.scanner.behaviour import BehaviourProbe, Group, Step, Subject, ask
from electrum_observatory.scanner.costs import ProbeCost


@dataclass(frozen=True, slots=True, kw_only=True)
class TransactionMerkleProbe(BehaviourProbe):
    """Asks ``blockchain.transaction.get_merkle`` for up to four frozen transactions."""

    id: ClassVar[str] = "transaction_merkle"
    group: ClassVar[Group] = Group.CHAIN
    cost: ClassVar[ProbeCost] = ProbeCost(requests=4, errors=1, bytes=8192)
    first_id: ClassVar[int] = 1280

    def steps(self, subject: Subject) -> Sequence[Step]:
        """Return the messages, in order."""
        if subject.reference is None:
            return ()
        method, frozen = "blockchain.transaction.get_merkle", subject.reference.frozen_transactions[:4]
        return [
            ask(self.first_id + place, method, one.txid, one.height, name=one.txid[:8])
            for place, one in enumerate(frozen)
        ]
