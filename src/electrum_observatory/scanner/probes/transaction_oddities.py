"""Transactions that are nearly right."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from electrum_observatory.scanner.behaviour import BehaviourProbe, Group, Step, Subject, ask
from electrum_observatory.scanner.costs import ProbeCost
from electrum_observatory.scanner.subjects import NO_TRANSACTION


@dataclass(frozen=True, slots=True, kw_only=True)
class TransactionOdditiesProbe(BehaviourProbe):
    """Asks for an id that is no hex, a strange verbose flag, a place that no block has and a proof of nothing."""

    id: ClassVar[str] = "transaction_oddities"
    group: ClassVar[Group] = Group.MALFORMED
    cost: ClassVar[ProbeCost] = ProbeCost(requests=4, errors=4)
    first_id: ClassVar[int] = 1500

    def steps(self, subject: Subject) -> Sequence[Step]:  # noqa: ARG002
        """Return the messages, in order."""
        ids = iter(range(self.first_id, self.first_id + 4))
        return (
            ask(next(ids), "blockchain.transaction.get", "zz", name="no_hex"),
            ask(next(ids), "blockchain.transaction.get", NO_TRANSACTION, "x", name="verbose_text"),
            ask(next(ids), "blockchain.transaction.id_from_pos", 100, 5_000, name="no_such_place"),
            ask(next(ids), "blockchain.transaction.get_merkle", NO_TRANSACTION, 1, name="not_in_block"),
        )
