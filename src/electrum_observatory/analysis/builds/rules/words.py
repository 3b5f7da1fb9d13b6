"""Rules in words, for the page that lists them and for whoever wants to know why."""

from collections.abc import Iterator

from electrum_observatory.analysis.builds.rules.model import Rule
from electrum_observatory.analysis.builds.universe import TIMELINES

_HYPOTHESIS = " (inferred)"


def rule_words(rule: Rule) -> str:
    """Say what each program shows, and from which build on where that changed."""
    return "; ".join(
        f"{implementation}{_HYPOTHESIS if f'{implementation}-' in rule.inferred else ''}: "
        f"{', '.join(_steps(rule, implementation))}"
        for implementation in TIMELINES
        if any(build.build_id in rule.shows for build in TIMELINES[implementation])
    )


def _steps(rule: Rule, implementation: str) -> Iterator[str]:
    before: frozenset[str] | None = None
    for place, build in enumerate(TIMELINES[implementation]):
        shown = rule.shows.get(build.build_id)
        if shown == before:
            continue
        before = shown
        words = "not known" if shown is None else " or ".join(f"`{value}`" for value in sorted(shown))
        yield words if place == 0 else f"{words} since {build.key}"
