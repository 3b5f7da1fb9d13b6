"""Every mutator has a file of its own, a row on its page, and a world in the tests."""

import re
from pathlib import Path

from electrum_observatory.lab.mutators.registry import MUTATORS

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/lab/mutators.md").read_text(encoding="utf-8")


def test_the_page_has_a_row_for_every_mutator_in_its_own_words() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (.+?) \| (.+?) \|$", PAGE, flags=re.MULTILINE)

    assert [row for row in rows if row[0] in MUTATORS][: len(MUTATORS)] == [
        (kind.id, kind.summary, kind.dose_is) for kind in MUTATORS.values()
    ]


def test_every_mutator_has_a_file_of_its_name() -> None:
    folder = ROOT / "src/electrum_observatory/lab/mutators"

    assert all((folder / f"{mutator}.py").is_file() for mutator in MUTATORS)


def test_every_mutator_is_put_into_a_world_by_name() -> None:
    files = sorted((ROOT / "tests/lab").glob("test_mutators*.py"))
    tests = "".join(path.read_text(encoding="utf-8") for path in files)

    assert [mutator for mutator in MUTATORS if f'"{mutator}"' not in tests] == []
