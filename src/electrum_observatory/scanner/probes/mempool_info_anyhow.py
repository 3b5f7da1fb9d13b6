"""The limits of the node's mempool, whatever was agreed on (P25)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from electrum_observatory.scanner.behaviour import BehaviourProbe, Group, Step, Subject, ask
from electrum_observatory.scanner.costs import ProbeCost


@dataclass(frozen=True, slots=True, kw_only=True)
class MempoolInfoAnyhowProbe(BehaviourProbe):
    """Asks ``mempool.get_info``. Old Blockstream builds close on a method they do not know."""

    id: ClassVar[str] = "mempool_info_anyhow"
    group: ClassVar[Group] = Group.CORE
    cost: ClassVar[ProbeCost] = ProbeCost(requests=1, errors=1, pings=1, may_close=True)
    first_id: ClassVar[int] = 1160

    def steps(self, subject: Subject) -> Sequence[Step]:  # noqa: ARG002
        """Return the one message."""
        return (ask(self.first_id, "mempool.get_info"),)
