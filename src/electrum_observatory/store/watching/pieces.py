"""``data/obs/watches.json``: which sealed pieces of watches are finished. Readers go by it, not by the folder.

A piece is the facts of one watch over one UTC day, or over a month once compacted: a Parquet file for each table,
which refer to one another by numbers that hold within the piece. Should a finished day get facts afterwards (the clock
was set back), they become a further piece of that day.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from itertools import groupby
from pathlib import Path
from typing import Any, Literal

from electrum_observatory.store.files import TEMPORARY, write_text

FOLDER = "obs"
NAME = "watches.json"
TABLES = ("rounds", "readings", "news", "histograms", "texts")
SCHEMA_VERSION: Literal[1] = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class PieceFile:
    """One file of a piece.

    Attributes:
        path: Below ``data/obs``.
        table: Which of ``TABLES``.
        rows: Number of rows.
        bytes: Size of the file.
    """

    path: str
    table: str
    rows: int
    bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """The sealed facts of a watch over some days.

    Attributes:
        watch_id: The watch.
        from_day: First UTC day, ``2026-11-20``.
        to_day: Last UTC day, inside.
        part: 1, or more for facts that a day got after it was sealed.
        rounds: Smallest and largest number of its rounds; null where it has none.
        news: Smallest and largest number of its news; null where it has none.
        files: A file for each table that has rows, and for rounds in any case.
    """

    watch_id: str
    from_day: str
    to_day: str
    part: int
    rounds: tuple[int, int] | None
    news: tuple[int, int] | None
    files: Sequence[PieceFile]

    def path(self, table: str) -> str | None:
        """Return where a table lies below ``data/obs``; None where it has no rows."""
        return next((file.path for file in self.files if file.table == table), None)

    def rows(self, table: str) -> int:
        """Return how many rows a table has."""
        return sum(file.rows for file in self.files if file.table == table)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pieces:
    """The whole file ``data/obs/watches.json``.

    Attributes:
        format: Always "electrum-observatory-watch-pieces".
        schema_version: 1.
        pieces: Every finished piece, by watch and day.
    """

    format: Literal["electrum-observatory-watch-pieces"]
    schema_version: Literal[1]
    pieces: list[Piece]


def place(table: str, watch_id: str, from_day: str, to_day: str, part: int) -> str:
    """Return where a table of a piece lies below ``data/obs``."""
    span = f"day={from_day}" if from_day == to_day else f"month={from_day[:7]}"
    return f"{span}/{table}-{watch_id}{'' if part == 1 else f'.{part}'}.parquet"


def read(data_dir: Path, watch_id: str | None = None) -> list[Piece]:
    """Return the finished pieces, of one watch or of all; none where nothing was sealed yet."""
    path = data_dir / FOLDER / NAME
    if not path.exists():
        return []
    found = [piece_of(one) for one in json.loads(path.read_bytes())["pieces"]]
    return [one for one in found if watch_id is None or one.watch_id == watch_id]


def replace(data_dir: Path, old: Iterable[Piece], new: Iterable[Piece]) -> None:
    """Name new pieces instead of old ones, at once; then remove the files that nothing names. Raises OSError."""
    gone = {_key(one) for one in old}
    kept = [one for one in read(data_dir) if _key(one) not in gone]
    pieces = Pieces(
        format="electrum-observatory-watch-pieces",
        schema_version=SCHEMA_VERSION,
        pieces=sorted([*kept, *new], key=_key),
    )
    write_text(data_dir / FOLDER / NAME, json.dumps(asdict(pieces), indent=1) + "\n")
    tidy(data_dir)


def compactable(found: Sequence[Piece], before: str) -> list[list[Piece]]:
    """Return the pieces of each month that ended before a day and is in several pieces, or in one of a day."""
    months = groupby(sorted(found, key=_by_month), key=lambda piece: (piece.watch_id, piece.from_day[:7]))
    whole = [list(some) for (_, month), some in months if last_day(month) < before]
    return [some for some in whole if len(some) > 1 or some[0].from_day == some[0].to_day]


def _by_month(piece: Piece) -> tuple[str, str, str, int]:
    return piece.watch_id, piece.from_day[:7], piece.from_day, piece.part


def last_day(month: str) -> str:
    """Return the last day of a month, ``2026-11``."""
    after = date.fromisoformat(f"{month}-01") + timedelta(days=31)
    return str(after.replace(day=1) - timedelta(days=1))


def tidy(data_dir: Path) -> None:
    """Remove files of pieces, whole or half-written, that the manifest does not name, and empty folders."""
    folder = data_dir / FOLDER
    named = {folder / file.path for piece in read(data_dir) for file in piece.files}
    for span in (*folder.glob("day=*"), *folder.glob("month=*")):
        for table in TABLES:
            for name in (f"{table}-*.parquet", f"{table}-*.parquet{TEMPORARY}"):
                for path in span.glob(name):
                    if path not in named:
                        path.unlink()
        if not any(span.iterdir()):
            span.rmdir()


def _key(piece: Piece) -> tuple[str, str, str, int]:
    return piece.watch_id, piece.from_day, piece.to_day, piece.part


def piece_of(one: dict[str, Any]) -> Piece:
    """Read a piece as JSON has it."""
    rounds, news = one["rounds"], one["news"]
    return Piece(
        watch_id=one["watch_id"],
        from_day=one["from_day"],
        to_day=one["to_day"],
        part=one["part"],
        rounds=None if rounds is None else (rounds[0], rounds[1]),
        news=None if news is None else (news[0], news[1]),
        files=[PieceFile(**file) for file in one["files"]],
    )
