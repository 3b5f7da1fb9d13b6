"""A line that is no JSON."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from electrum_observatory.scanner.behaviour import BehaviourProbe, Group, Step, Subject, spell
from electrum_observatory.scanner.costs import ProbeCost


@dataclass(frozen=True, slots=True, kw_only=True)
class NotJsonProbe(BehaviourProbe):
    """Sends ``hello there`` as the last line of its visit. ElectrumX charges it like eleven errors."""

    id: ClassVar[str] = "not_json"
    group: ClassVar[Group] = Group.AGGRESSIVE
    cost: ClassVar[ProbeCost] = ProbeCost(requests=1, errors=1, pings=1, may_close=True)
    first_id: ClassVar[int] = 2300

    def steps(self, subject: Subject) -> Sequence[Step]:  # noqa: ARG002
        """Return the one message."""
        return (spell("hello there"),)
