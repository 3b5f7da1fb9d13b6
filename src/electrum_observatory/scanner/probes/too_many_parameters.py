"""A method that gets more arguments than it takes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from electrum_observatory.scanner.behaviour import BehaviourProbe, Group, Step, Subject, ask
from electrum_observatory.scanner.costs import ProbeCost


@dataclass(frozen=True, slots=True, kw_only=True)
class TooManyParametersProbe(BehaviourProbe):
    """Asks ``blockchain.block.header`` with three."""

    id: ClassVar[str] = "too_many_parameters"
    group: ClassVar[Group] = Group.MALFORMED
    cost: ClassVar[ProbeCost] = ProbeCost(requests=1, errors=1)
    first_id: ClassVar[int] = 1450

    def steps(self, subject: Subject) -> Sequence[Step]:  # noqa: ARG002
        """Return the one message."""
        return (ask(self.first_id, "blockchain.block.header", 1, 2, 3),)
