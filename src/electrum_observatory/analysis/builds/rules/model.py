"""What a rule is: which values of one aspect each build can show."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import TypeAlias

from electrum_observatory.analysis.builds.universe import BUILDS, TIMELINES


class Surety(Enum):
    """How a statement is known, and how often a statement of that kind slips: wrong, patched away, or misread by us.

    The rates are bounds, not wishes: five hundred different readings of recorded real servers, ten thousand with
    repetitions, show no slip of what is written of their builds, which leaves 0.6 % (rule of three). Statements read in
    sources, and those about builds that nobody ran, are given more room. What is only inferred takes no build away.
    """

    VERIFIED = 0.006
    SOURCE = 0.02
    INFERRED = 0.1


Values: TypeAlias = str | tuple[str, ...]
Shown: TypeAlias = Values | Mapping[str, Values | None]
"""One program's values: the same for all of its builds, or from each named build on. None: not known from there on."""

_MANY = 5
_EXECUTED = ("electrumx-", "fulcrum-2.1")
"""What the authors of the reference ran; of all other builds they read the source."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One statement.

    Attributes:
        rule_id: Stable.
        aspect: What it is about.
        surety: How it is known.
        source: Where it is written: a section of the field reference.
        shows: Build id → values it can show. Builds that are not in it are not spoken of, and never excluded by it.
        inferred: Programs of which this is a hypothesis of the source: it weighs, and takes none of their builds away.
        values: Every value that some build shows.
    """

    rule_id: str
    aspect: str
    surety: Surety
    source: str
    shows: Mapping[str, frozenset[str]]
    inferred: tuple[str, ...] = ()
    values: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        """Put together once what every reading is compared with."""
        object.__setattr__(self, "values", frozenset().union(*self.shows.values()))

    def shown_by(self, prefix: str) -> frozenset[str]:
        """Return what builds of one program show."""
        return frozenset().union(*(values for name, values in self.shows.items() if name.startswith(prefix)))

    def showing(self, value: str) -> frozenset[str]:
        """Return the builds that can show the value."""
        return frozenset(build_id for build_id, values in self.shows.items() if value in values)

    def excluded(self, value: str) -> frozenset[str]:
        """Return the builds that the rule speaks of and that cannot show the value."""
        return frozenset(build_id for build_id, values in self.shows.items() if value not in values)

    @property
    def doubted(self) -> frozenset[str]:
        """Builds of which the rule is a hypothesis only."""
        return frozenset(build_id for build_id in self.shows if build_id.startswith(self.inferred))

    def common(self, value: str) -> bool:
        """Whether all programs but one at most can show the value, so that software unknown to us likely does, too."""
        spoken, showing = (
            {build_id.partition("-")[0] for build_id in builds} for builds in (self.shows, self.showing(value))
        )
        return len(spoken) > _MANY and len(showing) >= len(spoken) - 1

    def slip(self, build_id: str) -> float:
        """Return how often a build shows what the rule says that it cannot."""
        if build_id.startswith(self.inferred):
            return Surety.INFERRED.value
        return self.surety.value if build_id.startswith(_EXECUTED) else max(self.surety.value, Surety.SOURCE.value)


def rule(aspect: str, surety: Surety, source: str, inferred: tuple[str, ...] = (), /, **shown: Shown) -> Rule:
    """Write down a rule, program by program; its id is the name of its aspect.

    Args:
        aspect: What it is about.
        surety: How it is known of builds that were run.
        source: Where it is written.
        inferred: Programs of which it is a hypothesis.
        shown: Program → values.
    """
    shows: dict[str, frozenset[str]] = {}
    for implementation, values in shown.items():
        steps: Mapping[str, Values | None] = (
            values if isinstance(values, Mapping) else {TIMELINES[implementation][0].key: values}
        )
        shows |= dict(_along(implementation, steps))
    return Rule(
        rule_id=aspect,
        aspect=aspect,
        surety=surety,
        source=source,
        shows=shows,
        inferred=tuple(f"{implementation}-" for implementation in inferred),
    )


def question(aspect: str, source: str, surety: Surety = Surety.VERIFIED, **shown: Shown) -> Rule:
    """Write a rule of §2.1; the fork of ElectrumX does as its oldest relative does, unless said otherwise."""
    parent = shown.get("electrumx")
    oldest = parent["1.15.0"] if isinstance(parent, Mapping) else parent
    shown.setdefault("bsv_electrumx", {"1.20.2": oldest})
    return rule(aspect, surety, f"§2.1 {source}", **shown)


def _along(implementation: str, steps: Mapping[str, Values | None]) -> Iterable[tuple[str, frozenset[str]]]:
    keys = [build.key for build in TIMELINES[implementation]]
    unknown = set(steps) - set(keys)
    if unknown:
        raise ValueError(f"{implementation} has no builds {sorted(unknown)}")
    current: Values | None = None
    for build in TIMELINES[implementation]:
        current = steps.get(build.key, current)
        if current is not None:
            yield build.build_id, frozenset((current,) if isinstance(current, str) else current)


ALL_BUILDS = frozenset(build.build_id for build in BUILDS)
