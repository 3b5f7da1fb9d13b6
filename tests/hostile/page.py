"""The table of acts in docs/lab/hostile.md, made from the registry and from what the tests expect.

python -m tests.hostile.page        writes it into the page
"""

from pathlib import Path

from electrum_observatory.lab.hostile.base import HostileAct
from electrum_observatory.lab.hostile.registry import HOSTILE
from tests.hostile.cases import CASES

PAGE = Path(__file__).parents[2] / "docs/lab/hostile.md"
_FIRST_ROW = "|---|---|---|---|---|\n"


def rows() -> str:
    """Return a row for each act, in the order of the registry."""
    return "".join(map(row, HOSTILE.values()))


def row(act: HostileAct) -> str:
    """Return the row of one act."""
    cells = (f"`{act.id}`", ", ".join(act.transports), act.summary, CASES[act.id].recorded, act.seen)
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |\n"


def written() -> str:
    """Return the rows that stand in the page."""
    return PAGE.read_text(encoding="utf-8").partition(_FIRST_ROW)[2].partition("\n\n")[0].rstrip("\n") + "\n"


def main() -> None:
    before, head, rest = PAGE.read_text(encoding="utf-8").partition(_FIRST_ROW)
    after = rest[rest.index("\n##") :] if rest.startswith("\n##") else "\n" + rest.partition("\n\n")[2]
    PAGE.write_text(before + head + rows() + after, encoding="utf-8")


if __name__ == "__main__":
    main()
