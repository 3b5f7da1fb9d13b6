"""What known scripts may spend."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from electrum_observatory.scanner.behaviour import BehaviourProbe, Group, Step, Subject
from electrum_observatory.scanner.costs import ProbeCost
from electrum_observatory.scanner.subjects import about_each_script, known_scripts


@dataclass(frozen=True, slots=True, kw_only=True)
class ScripthashUnspentProbe(BehaviourProbe):
    """Asks ``blockchain.scripthash.listunspent`` for each of a few known scripts (see ``subjects``)."""

    id: ClassVar[str] = "scripthash_unspent"
    group: ClassVar[Group] = Group.SCRIPTS
    cost: ClassVar[ProbeCost] = ProbeCost(requests=6, bytes=65536)
    first_id: ClassVar[int] = 1320

    def steps(self, subject: Subject) -> Sequence[Step]:
        """Return the messages, in order."""
        return about_each_script(self.first_id, "blockchain.scripthash.listunspent", known_scripts(subject))
