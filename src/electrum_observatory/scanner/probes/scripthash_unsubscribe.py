"""Giving up a subscription that never was, at protocol 1.4 (P19)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from electrum_observatory.scanner.behaviour import BehaviourProbe, Group, Opening, Step, Subject, ask
from electrum_observatory.scanner.costs import ProbeCost
from electrum_observatory.scanner.subjects import UNUSED_SCRIPTHASH


@dataclass(frozen=True, slots=True, kw_only=True)
class ScripthashUnsubscribeProbe(BehaviourProbe):
    """Asks ``blockchain.scripthash.unsubscribe`` after a handshake with ``1.4``."""

    id: ClassVar[str] = "scripthash_unsubscribe"
    group: ClassVar[Group] = Group.CORE
    opening: ClassVar[Opening] = Opening.PLAIN
    cost: ClassVar[ProbeCost] = ProbeCost(requests=1, errors=1, pings=1, may_close=True)
    first_id: ClassVar[int] = 1180

    def steps(self, subject: Subject) -> Sequence[Step]:  # noqa: ARG002
        """Return the one message."""
        return (ask(self.first_id, "blockchain.scripthash.unsubscribe", UNUSED_SCRIPTHASH),)
