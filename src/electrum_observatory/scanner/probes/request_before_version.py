"""A request before any handshake."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from electrum_observatory.scanner.behaviour import BehaviourProbe, Group, Opening, Step, Subject, ask
from electrum_observatory.scanner.costs import ProbeCost


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestBeforeVersionProbe(BehaviourProbe):
    """Begins a connection with ``server.ping``. ElectrumX ≥ 1.19 closes on it."""

    id: ClassVar[str] = "request_before_version"
    group: ClassVar[Group] = Group.CORE
    opening: ClassVar[Opening] = Opening.BARE
    cost: ClassVar[ProbeCost] = ProbeCost(requests=1, errors=1, pings=1, may_close=True)
    first_id: ClassVar[int] = 1210

    def steps(self, subject: Subject) -> Sequence[Step]:  # noqa: ARG002
        """Return the one message."""
        return (ask(self.first_id, "server.ping"),)
