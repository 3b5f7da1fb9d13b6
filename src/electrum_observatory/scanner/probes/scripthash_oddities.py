"""Scripthashes that are nearly right."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from electrum_observatory.scanner.behaviour import BehaviourProbe, Group, Step, Subject, ask
from electrum_observatory.scanner.costs import ProbeCost
from electrum_observatory.scanner.subjects import UNUSED_SCRIPTHASH


@dataclass(frozen=True, slots=True, kw_only=True)
class ScripthashOdditiesProbe(BehaviourProbe):
    """Asks ``blockchain.scripthash.get_balance`` for one too long, one in capitals, a number and null."""

    id: ClassVar[str] = "scripthash_oddities"
    group: ClassVar[Group] = Group.MALFORMED
    cost: ClassVar[ProbeCost] = ProbeCost(requests=4, errors=4)
    first_id: ClassVar[int] = 1480

    def steps(self, subject: Subject) -> Sequence[Step]:  # noqa: ARG002
        """Return the messages, in order."""
        odd = {"long": UNUSED_SCRIPTHASH + "ab", "capital": UNUSED_SCRIPTHASH.upper(), "number": 123, "null": None}
        method = "blockchain.scripthash.get_balance"
        return [ask(self.first_id + place, method, value, name=name) for place, (name, value) in enumerate(odd.items())]
