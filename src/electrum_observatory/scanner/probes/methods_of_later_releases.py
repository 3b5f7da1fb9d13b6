"""Methods that Fulcrum gained release by release."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from electrum_observatory.scanner.behaviour import BehaviourProbe, Group, Step, Subject, ask
from electrum_observatory.scanner.costs import ProbeCost
from electrum_observatory.scanner.subjects import NO_TRANSACTION, UNUSED_SCRIPTHASH


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodsOfLaterReleasesProbe(BehaviourProbe):
    """Asks for five of them; each dates Fulcrum, and all are unknown elsewhere."""

    id: ClassVar[str] = "methods_of_later_releases"
    group: ClassVar[Group] = Group.MALFORMED
    cost: ClassVar[ProbeCost] = ProbeCost(requests=5, errors=5, pings=1, may_close=True)
    first_id: ClassVar[int] = 1540

    def steps(self, subject: Subject) -> Sequence[Step]:  # noqa: ARG002
        """Return the messages, in order."""
        ids = iter(range(self.first_id, self.first_id + 5))
        return (
            ask(next(ids), "blockchain.utxo.get_info", NO_TRANSACTION, 0, name="utxo"),
            ask(next(ids), "blockchain.transaction.get_height", NO_TRANSACTION, name="height"),
            ask(next(ids), "blockchain.transaction.dsproof.list", name="dsproof"),
            ask(next(ids), "blockchain.headers.get_tip", name="tip"),
            ask(next(ids), "blockchain.scripthash.get_status", UNUSED_SCRIPTHASH, name="status"),
        )
