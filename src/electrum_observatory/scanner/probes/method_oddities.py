"""Methods that are no names."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from electrum_observatory.scanner.behaviour import BehaviourProbe, Group, Step, Subject, spell
from electrum_observatory.scanner.costs import ProbeCost


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodOdditiesProbe(BehaviourProbe):
    """Asks for the methods "", null and 5."""

    id: ClassVar[str] = "method_oddities"
    group: ClassVar[Group] = Group.MALFORMED
    cost: ClassVar[ProbeCost] = ProbeCost(requests=3, errors=3, pings=3, may_close=True)
    first_id: ClassVar[int] = 1510

    def steps(self, subject: Subject) -> Sequence[Step]:  # noqa: ARG002
        """Return the messages, in order."""
        kinds = (("empty", '""'), ("null", "null"), ("number", "5"))
        return [
            spell(
                f'{{"jsonrpc":"2.0","id":{self.first_id + place},"method":{method},"params":[]}}',
                name=name,
                request_id=self.first_id + place,
                may_be_silent=True,
            )
            for place, (name, method) in enumerate(kinds)
        ]
