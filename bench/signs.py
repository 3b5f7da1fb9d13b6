"""What the product itself holds against a server: contradictions of its behaviour, and findings of the truth tests."""

from collections.abc import Mapping, Sequence

from bench.fleet import VisitedMachine
from electrum_observatory.analysis.builds.identify import identify
from electrum_observatory.analysis.truth.finding import flags
from electrum_observatory.analysis.truth.judge import judge
from electrum_observatory.bitcoin.reference import ChainReference


def signs_of(
    visited: Sequence[VisitedMachine], reference: ChainReference, *, backends: Mapping[str, str] | None = None
) -> Mapping[str, Sequence[str]]:
    """Return machine to the ids of all that was found; machines with nothing against them are there with nothing.

    Args:
        visited: Every visit of the campaign, in order of time.
        reference: What is known of the chain beforehand.
        backends: Machine to backend, for those that share a vote.
    """
    by_machine: dict[str, list[VisitedMachine]] = {}
    for one in visited:
        by_machine.setdefault(one.machine, []).append(one)
    found: dict[str, list[str]] = {
        machine: [
            one.contradiction_id
            for one in identify([dialogue for visit in visits for dialogue in visit.dialogues]).contradictions
        ]
        for machine, visits in by_machine.items()
    }
    heard = [connection for one in visited for connection in one.heard]
    for finding in flags(judge(heard, reference, backends=backends).findings):
        found[finding.subject].append(finding.id)
    return found
