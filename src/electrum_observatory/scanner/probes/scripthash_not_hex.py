"""What a server says to a scripthash that is none (P8)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from electrum_observatory.scanner.behaviour import BehaviourProbe, Group, Step, Subject, ask
from electrum_observatory.scanner.costs import ProbeCost


@dataclass(frozen=True, slots=True, kw_only=True)
class ScripthashNotHexProbe(BehaviourProbe):
    """Asks ``blockchain.scripthash.get_balance`` for ``zz``. EPS closes on it."""

    id: ClassVar[str] = "scripthash_not_hex"
    group: ClassVar[Group] = Group.CORE
    cost: ClassVar[ProbeCost] = ProbeCost(requests=1, errors=1)
    first_id: ClassVar[int] = 1100

    def steps(self, subject: Subject) -> Sequence[Step]:  # noqa: ARG002
        """Return the one message."""
        return (ask(self.first_id, "blockchain.scripthash.get_balance", "zz"),)
