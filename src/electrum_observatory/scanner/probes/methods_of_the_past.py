"""Methods of protocols before 1.0."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from electrum_observatory.scanner.behaviour import BehaviourProbe, Group, Step, Subject, ask
from electrum_observatory.scanner.costs import ProbeCost


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodsOfThePastProbe(BehaviourProbe):
    """Asks ``getinfo`` and ``blockchain.numblocks.subscribe``, which nobody has any more."""

    id: ClassVar[str] = "methods_of_the_past"
    group: ClassVar[Group] = Group.MALFORMED
    cost: ClassVar[ProbeCost] = ProbeCost(requests=2, errors=2, pings=1, may_close=True)
    first_id: ClassVar[int] = 1530

    def steps(self, subject: Subject) -> Sequence[Step]:  # noqa: ARG002
        """Return the messages, in order."""
        past = ("getinfo", "blockchain.numblocks.subscribe")
        return [ask(self.first_id + place, method, name=method) for place, method in enumerate(past)]
