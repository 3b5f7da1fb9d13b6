"""From observations to the builds that remain, and how sure that is.

Two questions are kept apart. *What remains* is a matter of sets: a build is out where one observation shows what a rule
says it cannot show; fewer observations leave more. *How sure* is a posterior: each rule is given a rate at which it
slips, builds that a rule does not speak of show any value by coincidence, and there is always software that nobody
wrote down. Silence and closed connections have too many innocent causes; they only weigh.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TypeAlias

from electrum_observatory.analysis.builds.aspects.model import Observation
from electrum_observatory.analysis.builds.aspects.outcome import CLOSED, SILENT
from electrum_observatory.analysis.builds.rules.model import ALL_BUILDS, Rule
from electrum_observatory.analysis.builds.rules.registry import BY_ASPECT, CLOSED_VOCABULARY
from electrum_observatory.analysis.builds.universe import TIMELINES

UNKNOWN = "unknown"
"""Software that the universe does not hold."""

PRIOR = {
    "electrumx": 38.9,
    "fulcrum": 38.0,
    "romanz_electrs": 10.0,
    "blockstream_electrs": 3.0,
    "mempool_electrs": 3.0,
    "floresta": 1.0,
    "eps": 1.0,
    "bwt": 1.0,
    "frigate": 1.0,
    "bsv_electrumx": 0.1,
    UNKNOWN: 3.0,
}
"""Shares in per cent before anything was seen: round numbers after public lists, on which personal servers are rare.

The fork is on another chain, so that no server of Bitcoin's keeps it in its list.
"""

FORK, FORKED_FROM = "bsv_electrumx-", "electrumx-"
"""Where nothing is written of the fork, it does by inheritance what some build of its relative does."""

Exclusion: TypeAlias = tuple[Observation, Rule, frozenset[str]]
"""An observation, the rule that reads it, and the builds that cannot show it."""

_WEAK_SLIP = 0.2
_STRANGE_SLIP = 0.05
_OUTWEIGHED = 0.01
_LIKE_OTHERS = 0.8
_TINY = 1e-100
_STRANGE = "\x00strange"
"""Stands for every value that a rule does not know."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a set of observations leaves.

    Attributes:
        survivors: Builds that no observation excludes.
        doubtful: Builds that nothing excludes but a hypothesis of the reference.
        exclusions: Observations that exclude, with the rule and the builds excluded.
        supported: Builds that some rule says can show something of what was seen.
        weights: Build id (or UNKNOWN) → posterior probability.
    """

    survivors: frozenset[str]
    doubtful: frozenset[str]
    supported: frozenset[str]
    exclusions: tuple[Exclusion, ...]
    weights: Mapping[str, float]

    @property
    def likeliest(self) -> str:
        """The build of the most weight."""
        return max(ALL_BUILDS, key=lambda build_id: (self.weights[build_id], build_id))

    @property
    def fitting(self) -> frozenset[str]:
        """Survivors, unless they survive only because little is written of them while much fits an excluded build."""
        best = max(self.weights.values())
        left = max((self.weights[name] for name in self.survivors), default=0.0)
        return self.survivors if left >= _OUTWEIGHED * best else frozenset()


def judge(observations: Iterable[Observation]) -> Verdict:
    """Weigh observations; each aspect and value counts once, however often it was seen."""
    weights = prior_weights()
    survivors, surely_out, supported = ALL_BUILDS, frozenset[str](), frozenset[str]()
    exclusions: list[Exclusion] = []
    seen: set[tuple[str, str]] = set()
    ordered = False
    for observation in observations:
        rule = BY_ASPECT.get(observation.aspect)
        if rule is None or (observation.aspect, observation.value) in seen:
            continue
        seen.add((observation.aspect, observation.value))
        reading = _reading(observation.aspect, _known(rule, observation.value))
        _weigh(weights, reading, again=ordered and reading.is_order)
        ordered = ordered or reading.is_order
        supported |= reading.supported
        if reading.excluded:
            exclusions.append((observation, rule, reading.excluded))
            survivors -= reading.excluded
            surely_out |= reading.excluded - reading.doubted
    total = sum(weights.values())
    return Verdict(
        survivors=survivors,
        doubtful=ALL_BUILDS - surely_out - survivors,
        supported=supported,
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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reading:
    """What a rule says of a value: of every value that it does not know, the same.

    Attributes:
        factors: Build id (or UNKNOWN) → how likely it shows the value, where that is not certain.
        excluded: Builds that cannot show it.
        doubted: Builds of which the rule is a hypothesis only.
        supported: Builds that it says can show it.
        is_order: It is an order of keys.
    """

    factors: tuple[tuple[str, float], ...]
    excluded: frozenset[str]
    doubted: frozenset[str]
    supported: frozenset[str]
    is_order: bool


def _known(rule: Rule, value: str) -> str:
    return value if value in rule.values or value in (SILENT, CLOSED) else _STRANGE


@cache
def _reading(aspect: str, value: str) -> _Reading:
    """Read a value once; there are as many of them as the rules know."""
    rule = BY_ASPECT[aspect]
    return _Reading(
        factors=tuple(_factors(rule, value)),
        excluded=excluded_by(rule, value),
        doubted=rule.doubted,
        supported=rule.showing(value),
        is_order=rule.aspect.startswith("keys_") or rule.aspect == "error_member",
    )


def _factors(rule: Rule, value: str) -> Iterator[tuple[str, float]]:
    coincidence = 1 / (len(rule.values) + 1)
    of_others = _LIKE_OTHERS if rule.common(value) else coincidence
    least = 0.0
    if value in (SILENT, CLOSED):
        least = _WEAK_SLIP
    elif value == _STRANGE and rule.aspect not in CLOSED_VOCABULARY:
        least = _STRANGE_SLIP
    by_relatives = value in rule.shown_by(FORKED_FROM)
    for name in (*ALL_BUILDS, UNKNOWN):
        shown = rule.shows.get(name)
        if shown is None and not (by_relatives and name.startswith(FORK)):
            yield name, of_others
        elif shown is not None and value not in shown:
            yield name, max(rule.slip(name), least) * coincidence


def _weigh(weights: dict[str, float], reading: _Reading, *, again: bool) -> None:
    """Weigh one value. ``again``: another order of keys was seen, and whoever sorts one kind of them sorts all."""
    unknown = weights[UNKNOWN]
    for name, factor in reading.factors:
        weights[name] *= factor
    if again:
        weights[UNKNOWN] = unknown * _LIKE_OTHERS
    most = max(weights.values())
    if most < _TINY:  # thousands of different answers to one question would leave nothing to divide by
        for name in weights:
            weights[name] /= most


def prior_weights() -> dict[str, float]:
    """Return each build's share before anything was seen: its program's, spread evenly over time."""
    weights = {
        build.build_id: PRIOR[implementation] / len(timeline)
        for implementation, timeline in TIMELINES.items()
        for build in timeline
    }
    return weights | {UNKNOWN: PRIOR[UNKNOWN]}


def deciding(exclusions: Sequence[Exclusion], remaining: frozenset[str]) -> Sequence[tuple[Observation, Rule]]:
    """Return few observations that together leave no more than ``remaining``, the most telling first."""
    open_builds = set(ALL_BUILDS - remaining)
    chosen: list[tuple[Observation, Rule]] = []
    while open_builds and exclusions:
        observation, rule, excluded = max(exclusions, key=lambda entry: len(entry[2] & open_builds))
        if not excluded & open_builds:
            break
        chosen.append((observation, rule))
        open_builds -= excluded
    return chosen
