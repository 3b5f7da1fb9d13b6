"""``docs/failures.md`` and the closed list of failure kinds say the same, both ways."""

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from electrum_observatory.model.failure import FailureKind, Side, Stage

_PAGE = Path(__file__).parents[2] / "docs" / "failures.md"
_ROW = re.compile(r"^\| `([a-z_0-9]+)` \| ([^|]*) \| ([^|]*) \| ([^|]*) \| ([^|]*) \|$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Row:
    kind: str
    stages: tuple[str, ...]
    side: str
    meaning: str
    advice: str


def rows_of(page: str) -> list[Row]:
    return [
        Row(kind, tuple(stages.split(", ")), side, meaning.strip(), advice.strip())
        for kind, stages, side, meaning, advice in _ROW.findall(page)
    ]


def disagreements(page: str) -> list[str]:
    """Everything in which a page and the list differ."""
    rows = rows_of(page)
    named = [row.kind for row in rows]
    found = [f"{kind} is in the list and not on the page" for kind in FailureKind if kind.value not in named]
    found += [f"{kind} is on the page and not in the list" for kind in named if kind not in set(FailureKind)]
    found += [f"{kind} is on the page twice" for kind in sorted(set(named)) if named.count(kind) > 1]
    for row in rows:
        if row.kind in set(FailureKind) and row.side != FailureKind(row.kind).side:
            found.append(f"{row.kind}: the side is {FailureKind(row.kind).side}, the page says {row.side}")
        found += [f"{row.kind}: {stage!r} is no stage" for stage in row.stages if stage not in set(Stage)]
        if not row.meaning or not row.advice:
            found.append(f"{row.kind}: a column is empty")
    return found


@pytest.fixture(scope="module")
def page() -> str:
    return _PAGE.read_text(encoding="utf-8")


def test_the_check_sees_rows_and_every_sort_of_disagreement(page):
    eof_row = next(line for line in page.splitlines() if line.startswith("| `eof` "))

    assert len(rows_of(page)) >= 30
    assert {row.side for row in rows_of(page)} == set(Side)
    assert {stage for row in rows_of(page) for stage in row.stages} == set(Stage)
    assert disagreements(page.replace(eof_row, "")) == ["eof is in the list and not on the page"]
    assert disagreements(page.replace("`eof`", "`gone`")) == [
        "eof is in the list and not on the page",
        "gone is on the page and not in the list",
    ]
    assert disagreements(page + eof_row + "\n") == ["eof is on the page twice"]
    assert disagreements(page.replace(eof_row, eof_row.replace("theirs", "ours"))) == [
        "eof: the side is theirs, the page says ours"
    ]
    assert disagreements(page.replace(eof_row, eof_row.replace("tls,", "tea,"))) == ["eof: 'tea' is no stage"]


def test_every_kind_of_failure_is_explained_and_nothing_else_is(page):
    assert disagreements(page) == []
