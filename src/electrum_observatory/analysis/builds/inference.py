"""From observations to the builds that remain, and how sure that is.

Two questions are kept apart. *What remains* is a matter of sets: a build is out where one observation shows what a rule
says it cannot show; fewer observations leave more. *How sure* is a posterior: each rule is given a rate at which it
slips, builds that a rule does not speak of show any value by coincidence, and there is always software that nobody
wrote down. Silence and closed connections have too many innocent causes; they only weigh.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from electrum_observatory.analysis.builds.aspects.model import Observation
from electrum_observatory.analysis.builds.aspects.outcome import CLOSED, SILENT
from electrum_observatory.analysis.builds.rules.model import ALL_BUILDS, Rule
from electrum_observatory.analysis.builds.rules.registry import BY_ASPECT, CLOSED_VOCABULARY
from electrum_observatory.analysis.builds.universe import TIMELINES

UNKNOWN = "unknown"
"""Software that the universe does not hold."""

PRIOR = {
    "electrumx": 40.0,
    "fulcrum": 40.0,
    "romanz_electrs": 10.0,
    "blockstream_electrs": 3.0,
    "mempool_electrs": 3.0,
    "floresta": 0.5,
    "eps": 0.5,
    "bwt": 0.5,
    "frigate": 0.5,
    "bsv_electrumx": 0.5,
    UNKNOWN: 1.5,
}
"""Shares in per cent before anything was seen: round numbers after public lists, where personal servers are rare."""

_WEAK_SLIP = 0.2
_STRANGE_SLIP = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a set of observations leaves.

    Attributes:
        survivors: Builds that no observation excludes.
        exclusions: Observations that exclude, with the rule and the builds excluded.
        weights: Build id (or UNKNOWN) → posterior probability.
    """

    survivors: frozenset[str]
    exclusions: tuple[tuple[Observation, Rule, frozenset[str]], ...]
    weights: Mapping[str, float]


def judge(observations: Iterable[Observation]) -> Verdict:
    """Weigh observations; each aspect and value counts once, however often it was seen."""
    weights = _prior()
    survivors = ALL_BUILDS
    exclusions: list[tuple[Observation, Rule, frozenset[str]]] = []
    seen: set[tuple[str, str]] = set()
    for observation in observations:
        rule = BY_ASPECT.get(observation.aspect)
        if rule is None or (observation.aspect, observation.value) in seen:
            continue
        seen.add((observation.aspect, observation.value))
        _weigh(weights, rule, observation.value)
        excluded = excluded_by(rule, observation.value)
        if excluded:
            exclusions.append((observation, rule, excluded))
            survivors -= excluded
    total = sum(weights.values())
    return Verdict(
        survivors=survivors,
        exclusions=tuple(exclusions),
        weights={name: weight / total for name, weight in weights.items()},
    )


def excluded_by(rule: Rule, value: str) -> frozenset[str]:
    """Return the builds that a value excludes.

    A text that nobody is known to say excludes nobody: the reference does not know every text of every program. Only
    where it knows the whole vocabulary (key orders, separators, versions agreed on) does a strange value exclude.
    """
    if value in (SILENT, CLOSED) or (value not in rule.values and rule.aspect not in CLOSED_VOCABULARY):
        return frozenset()
    return rule.excluded(value)


def _weigh(weights: dict[str, float], rule: Rule, value: str) -> None:
    coincidence = 1 / (len(rule.values) + 1)
    slip = rule.surety.value
    if value in (SILENT, CLOSED):
        slip = _WEAK_SLIP
    elif value not in rule.values and rule.aspect not in CLOSED_VOCABULARY:
        slip = _STRANGE_SLIP
    for name in weights:
        shown = rule.shows.get(name)
        weights[name] *= coincidence if shown is None else 1.0 if value in shown else slip * coincidence


def _prior() -> dict[str, float]:
    weights = {
        build.build_id: PRIOR[implementation] / len(timeline)
        for implementation, timeline in TIMELINES.items()
        for build in timeline
    }
    return weights | {UNKNOWN: PRIOR[UNKNOWN]}


def deciding(verdict: Verdict, remaining: frozenset[str]) -> Sequence[tuple[Observation, Rule]]:
    """Return few observations that together leave no more than ``remaining``, the most telling first."""
    open_builds = set(ALL_BUILDS - remaining)
    chosen: list[tuple[Observation, Rule]] = []
    while open_builds:
        observation, rule, excluded = max(
            verdict.exclusions, key=lambda entry: len(entry[2] & open_builds), default=(None, None, frozenset[str]())
        )
        if observation is None or rule is None or not excluded & open_builds:
            break
        chosen.append((observation, rule))
        open_builds -= excluded
    return chosen
