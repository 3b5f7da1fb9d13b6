"""The same question three times."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from electrum_observatory.bitcoin.published import PUBLISHED_ADDRESSES
from electrum_observatory.scanner.behaviour import BehaviourProbe, Group, Step, Subject, ask
from electrum_observatory.scanner.costs import ProbeCost


@dataclass(frozen=True, slots=True, kw_only=True)
class SameQuestionThriceProbe(BehaviourProbe):
    """Asks ``blockchain.scripthash.get_history`` for one published script, three times in a row."""

    id: ClassVar[str] = "same_question_thrice"
    group: ClassVar[Group] = Group.SWEEPS
    cost: ClassVar[ProbeCost] = ProbeCost(requests=3, bytes=16384)
    first_id: ClassVar[int] = 1790

    def steps(self, subject: Subject) -> Sequence[Step]:  # noqa: ARG002
        """Return the messages, in order."""
        script, method = PUBLISHED_ADDRESSES[-1].scripthash, "blockchain.scripthash.get_history"
        return [ask(self.first_id + place, method, script, name=f"time_{place + 1}") for place in range(3)]
