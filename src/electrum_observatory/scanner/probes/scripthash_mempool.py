"""What waits in the mempool for a known script."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from electrum_observatory.scanner.behaviour import BehaviourProbe, Group, Step, Subject, ask
from electrum_observatory.scanner.costs import ProbeCost
from electrum_observatory.scanner.subjects import known_scripts


@dataclass(frozen=True, slots=True, kw_only=True)
class ScripthashMempoolProbe(BehaviourProbe):
    """Asks ``blockchain.scripthash.get_mempool`` for one script; romanz electrs lacks it."""

    id: ClassVar[str] = "scripthash_mempool"
    group: ClassVar[Group] = Group.SCRIPTS
    cost: ClassVar[ProbeCost] = ProbeCost(requests=1, errors=1, pings=1, may_close=True)
    first_id: ClassVar[int] = 1340

    def steps(self, subject: Subject) -> Sequence[Step]:
        """Return the one message."""
        _, script = known_scripts(subject)[0]
        return (ask(self.first_id, "blockchain.scripthash.get_mempool", script),)
