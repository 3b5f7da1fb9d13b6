"""Puts the dialogues of one server together: what they show jointly, and whether one program can have said it all.

Connections of one host may end at different machines behind it; that is no contradiction. What is shown inside of one
connection comes from one place, unless somebody on the way writes it anew.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce

from electrum_observatory.analysis.builds.aspects.model import Observation
from electrum_observatory.analysis.builds.evidence import Evidence
from electrum_observatory.analysis.builds.inference import UNKNOWN, Exclusion, Verdict, judge, prior_weights
from electrum_observatory.analysis.builds.rules.model import ALL_BUILDS
from electrum_observatory.analysis.builds.rules.registry import SPELLING
from electrum_observatory.analysis.builds.universe import TIMELINES, programs_of
from electrum_observatory.bitcoin.networks import NETWORKS, ProofOfWork

_ENOUGH_REPLIES = 3
_LIKELY, _HALF = 0.01, 0.5
_STRANGER = 0.2
"""Where it may as well be software that nobody wrote down, nothing is held against it."""
_BITCOIN = NETWORKS["bitcoin"].genesis_hash
_OF_THE_NETWORK = frozenset({"estimate_beyond", "estimate_zero", "peer_ports"})
_CHAINS_OF_BITCOIN = frozenset(
    network.genesis_hash for network in NETWORKS.values() if network.proof_of_work is ProofOfWork.SHA256D
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """What the dialogues of one server show together.

    Attributes:
        remaining: Builds that can have said it; where no single one can have said all, see ``relay`` and
            ``several_backends``.
        exclusions: What excludes builds, content before spelling.
        deciding: Those of them that ``remaining`` follows from.
        weights: Build id (or UNKNOWN) → posterior probability.
        relay: What is said fits a build that never spells its lines so; the content then names the build.
        nearest: ``remaining`` are the builds that come nearest; none can have said all.
        mixed: One connection shows what no single program does, and it is hardly software that nobody wrote down.
        several_backends: Connections differ, each in itself of one program.
        programs: Those that every connection leaves some build of, where they differ; all of them elsewhere.
    """

    remaining: frozenset[str]
    exclusions: tuple[Exclusion, ...]
    deciding: tuple[Exclusion, ...]
    weights: Mapping[str, float]
    relay: bool = False
    nearest: bool = False
    mixed: bool = False
    several_backends: bool = False
    programs: frozenset[str] = frozenset(TIMELINES)


def gather(evidence: Sequence[Evidence]) -> Gathered:
    """Judge all dialogues of one server together."""
    observations = _together(evidence)
    verdict = judge(observations)
    exclusions = tuple(sorted(verdict.exclusions, key=lambda exclusion: exclusion[1].aspect in SPELLING))
    if verdict.fitting:
        return Gathered(
            remaining=verdict.fitting | verdict.doubtful,
            exclusions=exclusions,
            deciding=verdict.exclusions,
            weights=verdict.weights,
        )
    each = [judge(_together([one])) for one in evidence]
    if len(evidence) > 1 and all(one.fitting for one in each):
        return Gathered(
            remaining=_union_of_groups([one.fitting for one in each]).union(*(one.doubtful for one in each)),
            exclusions=exclusions,
            deciding=verdict.exclusions,
            weights=_mean([one.weights for one in each]),
            several_backends=True,
            programs=frozenset.intersection(*(programs_of(one.fitting | one.doubtful) for one in each)),
        )
    return _in_conflict(verdict, judge(one for one in observations if one.aspect not in SPELLING), exclusions)


def _in_conflict(verdict: Verdict, content: Verdict, exclusions: tuple[Exclusion, ...]) -> Gathered:
    """Conclude where one connection shows what no build does, by what is said and by how it is spelt."""
    if content.likeliest in verdict.doubtful:  # then only a hypothesis of the reference speaks against it
        return Gathered(
            remaining=verdict.doubtful, exclusions=exclusions, deciding=verdict.exclusions, weights=content.weights
        )
    relay = bool(content.fitting & content.supported) and content.weights[UNKNOWN] <= _STRANGER
    trusted = content if relay else verdict
    remaining = content.fitting if relay else _most_likely(verdict)
    return Gathered(
        remaining=remaining,
        exclusions=exclusions,
        deciding=trusted.exclusions,
        weights=trusted.weights,
        relay=relay,
        nearest=not relay,
        mixed=not relay and bool(remaining) and verdict.weights[UNKNOWN] <= _STRANGER,
    )


def _mean(weights: Sequence[Mapping[str, float]]) -> Mapping[str, float]:
    return {name: sum(one[name] for one in weights) / len(weights) for name in weights[0]}


def _together(evidence: Sequence[Evidence]) -> list[Observation]:
    """Put observations together, and add what only many dialogues show."""
    observations = [observation for one in evidence for observation in one.observations]
    plain = [one.unpadded for one in evidence if not any(seen.aspect == "padding" for seen in one.observations)]
    padded = any(one.aspect == "padding" for one in observations)
    unpadded = [
        exchange for exchanges in plain if not padded or len(exchanges) >= _ENOUGH_REPLIES for exchange in exchanges
    ]
    if len(unpadded) >= _ENOUGH_REPLIES:
        observations.append(Observation("padding", "never", unpadded[-1]))
    genesis = {one.genesis for one in evidence if one.genesis is not None}
    if genesis and not genesis & _CHAINS_OF_BITCOIN:
        observations.append(Observation("chain", "not of Bitcoin's", "genesis hash in features"))
    elif len(genesis) == 1:
        where = "on_bitcoin" if genesis == {_BITCOIN} else "on_test_networks"
        observations += [
            one._replace(aspect=f"{one.aspect}_{where}") for one in observations if one.aspect in _OF_THE_NETWORK
        ]
    return observations


def _union_of_groups(survivors: Iterable[frozenset[str]]) -> frozenset[str]:
    """Sort connections into few machines, and return what may stand behind any of them.

    A connection goes to the machine of which it leaves most, and is one of its own where that is less than half: a rare
    build that fits both sides must not glue two common ones together.
    """
    shares = prior_weights()
    groups: list[frozenset[str]] = []
    for builds in sorted(survivors, key=lambda one: (len(one), sorted(one))):
        kept = [_share(group & builds, shares) / _share(group, shares) for group in groups]
        most = max(kept, default=0.0)
        if most >= _HALF:
            groups[kept.index(most)] &= builds
        else:
            groups.append(builds)
    return reduce(frozenset.union, groups, frozenset())


def _share(builds: frozenset[str], shares: Mapping[str, float]) -> float:
    return sum(shares[build] for build in builds)


def _most_likely(verdict: Verdict) -> frozenset[str]:
    """Return the builds that come nearest where none fits; none where unknown software explains it better."""
    if verdict.weights[UNKNOWN] > _HALF:
        return frozenset()
    best = max(verdict.weights.values())
    known = {name for name, weight in verdict.weights.items() if name in ALL_BUILDS and weight >= _LIKELY * best}
    return frozenset(known)
