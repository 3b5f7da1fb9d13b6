"""A transaction as the node itself describes it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from electrum_observatory.model.observation import Json
from electrum_observatory.scanner.behaviour import BehaviourProbe, Group, Step, Subject, ask
from electrum_observatory.scanner.costs import ProbeCost


@dataclass(frozen=True, slots=True, kw_only=True)
class TransactionVerboseProbe(BehaviourProbe):
    """Asks ``blockchain.transaction.get`` with verbose true. The esplora family refuses."""

    id: ClassVar[str] = "transaction_verbose"
    group: ClassVar[Group] = Group.CHAIN
    cost: ClassVar[ProbeCost] = ProbeCost(requests=1, errors=1, bytes=8192)
    first_id: ClassVar[int] = 1270

    def steps(self, subject: Subject) -> Sequence[Step]:
        """Return the one message."""
        if subject.reference is None:
            return ()
        frozen = subject.reference.frozen_transactions[:1]
        verbose: Json = True
        return [ask(self.first_id, "blockchain.transaction.get", one.txid, verbose) for one in frozen]
