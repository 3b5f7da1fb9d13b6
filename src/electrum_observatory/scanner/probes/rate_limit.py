"""When a server begins to slow a client down."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from electrum_observatory.bitcoin.published import PUBLISHED_ADDRESSES
from electrum_observatory.scanner.behaviour import BehaviourProbe, Group, Step, Subject, ask
from electrum_observatory.scanner.costs import ProbeCost


@dataclass(frozen=True, slots=True, kw_only=True)
class RateLimitProbe(BehaviourProbe):
    """Asks for one script's history up to 120 times; an error, a close or a much later reply ends it."""

    id: ClassVar[str] = "rate_limit"
    group: ClassVar[Group] = Group.AGGRESSIVE
    cost: ClassVar[ProbeCost] = ProbeCost(requests=120, errors=1, bytes=65536)
    first_id: ClassVar[int] = 2100
    stops_at_limits: ClassVar[bool] = True

    def steps(self, subject: Subject) -> Sequence[Step]:  # noqa: ARG002
        """Return the messages, in order."""
        script, method = PUBLISHED_ADDRESSES[-1].scripthash, "blockchain.scripthash.get_history"
        return [ask(self.first_id + place, method, script, name=f"time_{place + 1}") for place in range(120)]
