"""Arguments by name, right and wrong."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from electrum_observatory.scanner.behaviour import BehaviourProbe, Group, Step, Subject, spell
from electrum_observatory.scanner.costs import ProbeCost


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedParametersProbe(BehaviourProbe):
    """Asks ``blockchain.block.header`` with an object of arguments."""

    id: ClassVar[str] = "named_parameters"
    group: ClassVar[Group] = Group.MALFORMED
    cost: ClassVar[ProbeCost] = ProbeCost(requests=2, errors=2)
    first_id: ClassVar[int] = 1460

    def steps(self, subject: Subject) -> Sequence[Step]:  # noqa: ARG002
        """Return the messages, in order."""
        begin = '{"jsonrpc":"2.0","id":'
        method = '"method":"blockchain.block.header","params":'
        first, second = self.first_id, self.first_id + 1
        return (
            spell(f'{begin}{first},{method}{{"height":1}}}}', name="right", request_id=first),
            spell(f'{begin}{second},{method}{{"foo":1}}}}', name="wrong", request_id=second),
        )
