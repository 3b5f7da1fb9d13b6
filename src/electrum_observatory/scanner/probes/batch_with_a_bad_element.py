"""An array of a request, a number and a request for what nobody has."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from electrum_observatory.scanner.behaviour import BehaviourProbe, Group, Step, Subject, spell
from electrum_observatory.scanner.costs import ProbeCost


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchWithABadElementProbe(BehaviourProbe):
    """Sends a batch with a ping, ``5`` and ``no.such``."""

    id: ClassVar[str] = "batch_with_a_bad_element"
    group: ClassVar[Group] = Group.MALFORMED
    cost: ClassVar[ProbeCost] = ProbeCost(requests=2, errors=2, pings=1, may_close=True)
    first_id: ClassVar[int] = 1620

    def steps(self, subject: Subject) -> Sequence[Step]:  # noqa: ARG002
        """Return the messages, in order."""
        ping = f'{{"jsonrpc":"2.0","id":{self.first_id},"method":"server.ping","params":[]}}'
        unknown = f'{{"jsonrpc":"2.0","id":{self.first_id + 1},"method":"no.such","params":[]}}'
        return (spell(f"[{ping},5,{unknown}]"),)
