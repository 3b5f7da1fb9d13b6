"""Which transaction stands at a place of a block."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from electrum_observatory.scanner.behaviour import BehaviourProbe, Group, Step, Subject, ask
from electrum_observatory.scanner.costs import ProbeCost


@dataclass(frozen=True, slots=True, kw_only=True)
class TransactionAtPositionProbe(BehaviourProbe):
    """Asks ``blockchain.transaction.id_from_pos`` without and with its proof."""

    id: ClassVar[str] = "transaction_at_position"
    group: ClassVar[Group] = Group.CHAIN
    cost: ClassVar[ProbeCost] = ProbeCost(requests=2, errors=2, bytes=4096)
    first_id: ClassVar[int] = 1290

    def steps(self, subject: Subject) -> Sequence[Step]:
        """Return the messages, in order."""
        if subject.reference is None:
            return ()
        frozen = subject.reference.frozen_transactions[-1:]
        method = "blockchain.transaction.id_from_pos"
        return [
            ask(self.first_id + place, method, one.height, one.position, merkle, name=name)
            for one in frozen
            for place, (merkle, name) in enumerate(((False, "bare"), (True, "with_proof")))
        ]
