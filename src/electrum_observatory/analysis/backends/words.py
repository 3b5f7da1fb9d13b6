"""What may be said of a pair, in words that weak evidence cannot outrun."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from electrum_observatory.analysis.backends.block import PRIOR_FACTORS
from electrum_observatory.analysis.backends.contested_columns import patterns_of
from electrum_observatory.analysis.backends.study import BackendStudy
from electrum_observatory.model.watch_ports import NOTHING

ASSUMED = (
    "Among fewer than 30 machines it is assumed, not learned, what unrelated nodes have in common: the share of false "
    "links rests on that, and links are leads. Watch more servers beside these to learn it."
)

_CONSISTENT, _STRONG = 0.5, 0.99


class Verdict(StrEnum):
    """What the evidence of a pair comes to.

    Attributes:
        INSUFFICIENT: The data could not part one node from two.
        NOTHING_UNUSUAL: They could, and do not point to one node.
        CONSISTENT: One node is more likely than two.
        STRONG: One node is at least 99 % likely even where a quarter of the siblings is expected beforehand, and what
            unrelated nodes have in common was learned from the watch.
    """

    INSUFFICIENT = "insufficient"
    NOTHING_UNUSUAL = "nothing unusual"
    CONSISTENT = "consistent with one bitcoind"
    STRONG = "strongly linked"


def verdict_of(study: BackendStudy, one: int, other: int) -> Verdict:
    """Judge a pair of machines."""
    few, usual, _ = (float(study.posterior(factor)[one, other]) for factor in PRIOR_FACTORS)
    if not study.declares:
        return Verdict.INSUFFICIENT
    if few >= _STRONG and study.learned:
        return Verdict.STRONG
    if usual >= _CONSISTENT:
        return Verdict.CONSISTENT
    return Verdict.NOTHING_UNUSUAL if study.sufficient and study.reachable[one, other] else Verdict.INSUFFICIENT


def verdict_of_machine(study: BackendStudy, machine: int) -> Verdict:
    """Judge a machine by its best pair; without one, whether it would have been found beside most of the others."""
    found = [verdict_of(study, machine, other) for other in range(study.machines) if other != machine]
    for verdict in (Verdict.STRONG, Verdict.CONSISTENT):
        if verdict in found:
            return verdict
    return Verdict.NOTHING_UNUSUAL if study.can_tell_of(machine) else Verdict.INSUFFICIENT


def verdict_of_group(study: BackendStudy, members: tuple[int, ...]) -> Verdict:
    """Judge a group by its mean bits: strongly linked where that would be said of a pair with as many."""
    among = study.bits[np.ix_(members, members)]
    bits = float(among[np.triu_indices(len(members), 1)].mean())
    strongly = bits - study.prior + float(np.log2(PRIOR_FACTORS[0])) >= float(np.log2(_STRONG / (1 - _STRONG)))
    return Verdict.STRONG if strongly and study.learned else Verdict.CONSISTENT


@dataclass(frozen=True, slots=True, kw_only=True)
class ContestedCounts:
    """How much contested transactions had to say.

    Attributes:
        rounds: Rounds that asked.
        transactions: Transactions that were looked at: listed in a round before and in one after.
        contested: Those that two machines or more have, and two or more lack.
        patterns: Different sets of holders among these, a set and its contrary being one.
    """

    rounds: int
    transactions: int
    contested: int
    patterns: int


def contested_counts(study: BackendStudy) -> ContestedCounts | None:
    """Count contested transactions; None where the watch did not ask for any."""
    found, pending = study.material.contested, study.material.pending
    if found is None or pending is None:
        return None
    patterns = patterns_of(found)
    return ContestedCounts(
        rounds=len(pending.rounds),
        transactions=len(found.txids),
        contested=int((patterns.of_transaction != NOTHING).sum()),
        patterns=len(patterns.values),
    )
