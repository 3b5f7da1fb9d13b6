"""Ids of types that few programs foresee."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from electrum_observatory.scanner.behaviour import BehaviourProbe, Group, Step, Subject, spell
from electrum_observatory.scanner.costs import ProbeCost


@dataclass(frozen=True, slots=True, kw_only=True)
class PingWithOddIdsProbe(BehaviourProbe):
    """Asks ``server.ping`` with the ids true, 7.5, 2 to the 63, a list and an object."""

    id: ClassVar[str] = "ping_with_odd_ids"
    group: ClassVar[Group] = Group.MALFORMED
    cost: ClassVar[ProbeCost] = ProbeCost(requests=5, errors=5)
    first_id: ClassVar[int] = 1580

    def steps(self, subject: Subject) -> Sequence[Step]:  # noqa: ARG002
        """Return the messages, in order."""
        odd = {"boolean": "true", "fraction": "7.5", "huge": "9223372036854775808", "list": "[1]", "object": '{"a":1}'}
        return [
            spell(f'{{"jsonrpc":"2.0","id":{value},"method":"server.ping","params":[]}}', name=name)
            for name, value in odd.items()
        ]
