"""Heights that are nearly right."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from electrum_observatory.scanner.behaviour import BehaviourProbe, Group, Step, Subject, ask
from electrum_observatory.scanner.costs import ProbeCost


@dataclass(frozen=True, slots=True, kw_only=True)
class HeightOdditiesProbe(BehaviourProbe):
    """Asks ``blockchain.block.header`` for -1, "5", 1.5 and true."""

    id: ClassVar[str] = "height_oddities"
    group: ClassVar[Group] = Group.MALFORMED
    cost: ClassVar[ProbeCost] = ProbeCost(requests=4, errors=4)
    first_id: ClassVar[int] = 1490

    def steps(self, subject: Subject) -> Sequence[Step]:  # noqa: ARG002
        """Return the messages, in order."""
        odd = {"negative": -1, "text": "5", "fraction": 1.5, "boolean": True}
        method = "blockchain.block.header"
        return [ask(self.first_id + place, method, value, name=name) for place, (name, value) in enumerate(odd.items())]
