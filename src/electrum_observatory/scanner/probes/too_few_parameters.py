"""A method that needs an argument and gets none."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from electrum_observatory.scanner.behaviour import BehaviourProbe, Group, Step, Subject, ask, spell
from electrum_observatory.scanner.costs import ProbeCost


@dataclass(frozen=True, slots=True, kw_only=True)
class TooFewParametersProbe(BehaviourProbe):
    """Asks ``blockchain.block.header`` with an empty list, and without the member."""

    id: ClassVar[str] = "too_few_parameters"
    group: ClassVar[Group] = Group.MALFORMED
    cost: ClassVar[ProbeCost] = ProbeCost(requests=2, errors=2)
    first_id: ClassVar[int] = 1440

    def steps(self, subject: Subject) -> Sequence[Step]:  # noqa: ARG002
        """Return the messages, in order."""
        second = self.first_id + 1
        line = f'{{"jsonrpc":"2.0","id":{second},"method":"blockchain.block.header"}}'
        return (
            ask(self.first_id, "blockchain.block.header", name="empty"),
            spell(line, name="missing", request_id=second),
        )
