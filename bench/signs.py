"""What the product itself holds against a server: contradictions of its behaviour, and findings of the truth tests."""

from collections.abc import Mapping, Sequence

from bench.fleet import VisitedMachine
from electrum_observatory.analysis.builds.evidence import Evidence, read_dialogue
from electrum_observatory.analysis.builds.identify import conclude
from electrum_observatory.analysis.truth.finding import flags
from electrum_observatory.analysis.truth.judge import judge
from electrum_observatory.bitcoin.reference import ChainReference


class Examiner:
    """Examines one network again and again as visits come; what was read off a conversation is kept."""

    def __init__(self, reference: ChainReference, *, backends: Mapping[str, str] | None = None) -> None:
        """Take what is known of the chain beforehand, and machine to backend for those that share a vote."""
        self._reference = reference
        self._backends = backends
        self._read: dict[tuple[str, int], list[Evidence]] = {}

    def signs(self, visited: Sequence[VisitedMachine]) -> Mapping[str, Sequence[str]]:
        """Return machine to the ids of all that was found in these visits, which are in order of time.

        Machines with nothing against them are there with nothing.
        """
        by_machine: dict[str, list[Evidence]] = {}
        for one in visited:
            by_machine.setdefault(one.machine, []).extend(self._evidence(one))
        found = {
            machine: [one.contradiction_id for one in conclude(evidence).contradictions]
            for machine, evidence in by_machine.items()
        }
        heard = [connection for one in visited for connection in one.heard]
        for finding in flags(judge(heard, self._reference, backends=self._backends).findings):
            found[finding.subject].append(finding.id)
        return found

    def _evidence(self, one: VisitedMachine) -> list[Evidence]:
        key = one.machine, one.number
        if key not in self._read:
            self._read[key] = [read_dialogue(dialogue) for dialogue in one.dialogues]
        return self._read[key]
