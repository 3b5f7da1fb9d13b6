"""Names the software behind a server from its dialogues, whatever it calls itself.

Behaviour decides. The name that a server gives itself has one use: where behaviour leaves several programs, it says
which of them, at the reliability of a word. Deleting dialogues can only widen the answer.
"""

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date

from electrum_observatory.analysis.builds.claims import Told, name_of, told_names, version_of
from electrum_observatory.analysis.builds.contradictions import Contradiction, contradictions
from electrum_observatory.analysis.builds.evidence import Evidence, read_dialogue
from electrum_observatory.analysis.builds.gathering import Gathered, gather
from electrum_observatory.analysis.builds.inference import PRIOR, UNKNOWN, deciding
from electrum_observatory.analysis.builds.names import Claim, SelfName
from electrum_observatory.analysis.builds.universe import BUILDS, TIMELINES, programs_of
from electrum_observatory.model.dialogue import Dialogue

_NAMED_FROM = 0.95
_HALF = 0.5
_WORD = 0.97  # none of 101 endpoints of a real crawl misnames its program where behaviour tells: rule of three
_OTHER_VERSION = 0.01
_MIMIC = 0.005
_BY_ID = {build.build_id: build for build in BUILDS}


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """An observation that narrowed the answer.

    Attributes:
        rule: Id of the rule, or "name" for the server's own word.
        aspect: What was looked at.
        value: What was seen.
        exchange: Name of the exchange that shows it.
    """

    rule: str
    aspect: str
    value: str
    exchange: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Identification:
    """What software answered.

    Attributes:
        implementation: Id of the program (see ``universe``); None where several remain or none fits.
        version_min: Version that the oldest remaining build says of itself; None without an implementation.
        version_max: The newest that the newest remaining build says of itself.
        builds: Ids of all builds that remain, in order of time within each program; all of them where nothing was seen,
            none where no known build fits.
        claimed: What the server says that it is; None where it says nothing or where names are masked.
        confidence: Probability that program and range are right, 0 without a program (docs/builds.md: calibration).
        contradictions: What does not go together.
        decided_by: Few observations that together leave no more than ``builds``, the most telling first.
        several_backends: Connections behave as different builds, each in itself as one, or each name another version
            that they bear out: a load balancer, or an upgrade between two visits. ``builds`` has all of them.
    """

    implementation: str | None
    version_min: str | None
    version_max: str | None
    builds: tuple[str, ...]
    claimed: Claim | None
    confidence: float
    contradictions: tuple[Contradiction, ...]
    decided_by: tuple[Decision, ...]
    several_backends: bool = False


def identify(dialogues: Sequence[Dialogue], *, mask_names: bool = False, seen_on: date | None = None) -> Identification:
    """Name the software behind the dialogues of one server.

    Args:
        dialogues: Connections to one server, in any order.
        mask_names: Ignore every name that the server gives itself.
        seen_on: Day of the observation, where known: a version that was released later is a contradiction.
    """
    return conclude([read_dialogue(dialogue) for dialogue in dialogues], mask_names=mask_names, seen_on=seen_on)


def conclude(evidence: Sequence[Evidence], *, mask_names: bool = False, seen_on: date | None = None) -> Identification:
    """Do the same from what was read off each dialogue before."""
    gathered = gather(evidence)
    told = () if mask_names else told_names(evidence, gathered)
    claim = name_of([one.name for one in told])
    weights = _with_word(gathered.weights, () if gathered.mixed else told)
    added = _added(gathered, told)
    remaining = frozenset() if weights[UNKNOWN] > _HALF else gathered.remaining | added
    implementation = _named(gathered.programs & _programs(told), weights, remaining)
    left = [build for build in BUILDS if build.build_id in remaining]
    of_it = [build for build in left if build.implementation == implementation]
    return Identification(
        implementation=implementation,
        version_min=of_it[0].label if of_it else None,
        version_max=of_it[-1].until if of_it else None,
        builds=tuple(build.build_id for build in left),
        claimed=claim.claim if claim is not None else None,
        confidence=sum(weights[build.build_id] for build in of_it) * (1 - _MIMIC),
        contradictions=contradictions(evidence, gathered, told, masked=mask_names, seen_on=seen_on),
        decided_by=tuple(_decisions(gathered, claim, implementation)),
        several_backends=gathered.several_backends or bool(added) or _differ(told),
    )


def _added(gathered: Gathered, told: Sequence[Told]) -> frozenset[str]:
    """Return what is behind the address besides, by names that their own connections bear out."""
    return frozenset().union(*(one.borne_out for one in told if not one.meant & gathered.remaining))


def _differ(told: Sequence[Told]) -> bool:
    """Whether connections name different versions and bear each of them out."""
    return len({version_of(one.name) for one in told if one.borne_out}) > 1


def _with_word(weights: Mapping[str, float], told: Sequence[Told]) -> dict[str, float]:
    """Weigh in the server's word: right at the stated rate; who is wrong names a program as often as it is met.

    Where connections name different programs it says nothing about which of them the others are.
    """
    weights = dict(weights)
    if len({one.name.claim.implementation for one in told}) != 1:
        return weights
    meant = frozenset().union(*(one.meant for one in told))
    programs = programs_of(meant)
    wrong = (1 - _WORD) * _share_of(meant, programs)
    for name in weights:
        if name == UNKNOWN:
            weights[name] *= wrong if meant else _WORD
        elif name in meant:
            weights[name] *= _WORD
        else:
            weights[name] *= _OTHER_VERSION if _BY_ID[name].implementation in programs else wrong
    total = sum(weights.values())
    return {name: weight / total for name, weight in weights.items()}


def _share_of(meant: Set[str], programs: Set[str]) -> float:
    """Return how often somebody who names a wrong program and version would hit on these; 1 for names unknown to us."""
    if not meant:
        return 1.0
    met = sum(PRIOR[program] for program in programs) / 100
    return met * len(meant) / sum(len(TIMELINES[program]) for program in programs)


def _programs(told: Sequence[Told]) -> frozenset[str]:
    """Return what all can be by their names, where connections bear out different ones; all programs elsewhere."""
    borne_out = [programs_of(one.borne_out) for one in told if one.borne_out] if _differ(told) else []
    return frozenset(TIMELINES).intersection(*borne_out)


def _named(programs: frozenset[str], weights: Mapping[str, float], remaining: frozenset[str]) -> str | None:
    """Return which of the programs has nearly all of the posterior, and builds that remain."""
    for implementation in programs:
        timeline = TIMELINES[implementation]
        share = sum(weights[build.build_id] for build in timeline)
        if share >= _NAMED_FROM and any(build.build_id in remaining for build in timeline):
            return implementation
    return None


def _decisions(gathered: Gathered, claim: SelfName | None, implementation: str | None) -> Iterator[Decision]:
    for observation, rule in deciding(gathered.deciding, gathered.remaining):
        yield Decision(
            rule=rule.rule_id, aspect=observation.aspect, value=observation.value, exchange=observation.exchange
        )
    if claim is not None and implementation != _named(gathered.programs, gathered.weights, gathered.remaining):
        yield Decision(rule="name", aspect=claim.place, value=claim.claim.text, exchange=claim.exchange)
