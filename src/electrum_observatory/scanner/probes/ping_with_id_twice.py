"""A request with two ids."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from electrum_observatory.scanner.behaviour import BehaviourProbe, Group, Step, Subject, spell
from electrum_observatory.scanner.costs import ProbeCost


@dataclass(frozen=True, slots=True, kw_only=True)
class PingWithIdTwiceProbe(BehaviourProbe):
    """Asks ``server.ping`` with the member ``id`` twice."""

    id: ClassVar[str] = "ping_with_id_twice"
    group: ClassVar[Group] = Group.MALFORMED
    cost: ClassVar[ProbeCost] = ProbeCost(requests=2, errors=1)
    first_id: ClassVar[int] = 1600

    def steps(self, subject: Subject) -> Sequence[Step]:  # noqa: ARG002
        """Return the messages, in order."""
        ids = f'"id":{self.first_id},"id":{self.first_id + 1}'
        return (spell(f'{{"jsonrpc":"2.0",{ids},"method":"server.ping","params":[]}}'),)
