"""A method that only Fulcrum has (P20)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from electrum_observatory.scanner.behaviour import BehaviourProbe, Group, Step, Subject, ask
from electrum_observatory.scanner.costs import ProbeCost
from electrum_observatory.scanner.subjects import UNUSED_SCRIPTHASH


@dataclass(frozen=True, slots=True, kw_only=True)
class ScripthashFirstUseProbe(BehaviourProbe):
    """Asks ``blockchain.scripthash.get_first_use`` for a script nobody uses."""

    id: ClassVar[str] = "scripthash_first_use"
    group: ClassVar[Group] = Group.CORE
    cost: ClassVar[ProbeCost] = ProbeCost(requests=1, errors=1, pings=1, may_close=True)
    first_id: ClassVar[int] = 1170

    def steps(self, subject: Subject) -> Sequence[Step]:  # noqa: ARG002
        """Return the one message."""
        return (ask(self.first_id, "blockchain.scripthash.get_first_use", UNUSED_SCRIPTHASH),)
