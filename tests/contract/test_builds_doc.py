"""``docs/builds.md``, the universe, the rules and the contradictions say the same, both ways."""

import re
from pathlib import Path

from electrum_observatory.analysis.builds.contradictions import KINDS
from electrum_observatory.analysis.builds.rules.registry import BY_ASPECT, RULES
from electrum_observatory.analysis.builds.rules.words import rule_words
from electrum_observatory.analysis.builds.universe import NAMES, TIMELINES

_PAGE = (Path(__file__).parents[2] / "docs" / "builds.md").read_text(encoding="utf-8")


def table(heading: str) -> list[list[str]]:
    """Return the rows of the first table under a heading, without its head."""
    section = _PAGE.split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]
    rows = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", row)[1:-1]] for row in rows[2:]]


def test_the_page_lists_every_build_of_every_program_in_order_of_time():
    expected = [
        [
            NAMES[implementation],
            f"`{build.build_id}`",
            build.label if build.label == build.until else f"{build.label} to {build.until}",
            str(build.since or ""),
        ]
        for implementation, timeline in TIMELINES.items()
        for build in timeline
    ]

    assert table("Universe") == expected


def test_the_page_lists_every_rule_with_its_source_and_what_it_says():
    expected = [
        [
            f"`{rule.rule_id}`",
            rule.surety.name.lower(),
            rule.source.replace("|", r"\|"),
            rule_words(rule).replace("|", r"\|"),
        ]
        for rule in sorted(RULES, key=lambda rule: rule.rule_id)
    ]

    assert table("Rules") == expected


def test_the_page_lists_every_contradiction():
    assert table("Contradictions") == [[f"`{kind}`", words] for kind, words in KINDS.items()]


def test_rules_have_ids_of_their_own_and_sources():
    assert len({rule.rule_id for rule in RULES}) == len(RULES) == len(BY_ASPECT)
    assert all(rule.source and rule.shows for rule in RULES)


def test_a_timeline_never_goes_back():
    for timeline in TIMELINES.values():
        days = [build.since for build in timeline if build.since is not None]
        assert days == sorted(days)
