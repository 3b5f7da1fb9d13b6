"""Ids that every program takes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from electrum_observatory.scanner.behaviour import BehaviourProbe, Group, Step, Subject, spell
from electrum_observatory.scanner.costs import ProbeCost


@dataclass(frozen=True, slots=True, kw_only=True)
class PingWithPlainIdsProbe(BehaviourProbe):
    """Asks ``server.ping`` with the ids "text", -3 and ""."""

    id: ClassVar[str] = "ping_with_plain_ids"
    group: ClassVar[Group] = Group.MALFORMED
    cost: ClassVar[ProbeCost] = ProbeCost(requests=3)
    first_id: ClassVar[int] = 1590

    def steps(self, subject: Subject) -> Sequence[Step]:  # noqa: ARG002
        """Return the messages, in order."""
        plain = {"text": '"text"', "negative": "-3", "empty": '""'}
        return [
            spell(f'{{"jsonrpc":"2.0","id":{value},"method":"server.ping","params":[]}}', name=name)
            for name, value in plain.items()
        ]
