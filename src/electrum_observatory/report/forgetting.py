"""What was written for readers of a campaign, removed with it: nothing that was measured stays behind in a table."""

import csv
import shutil
from pathlib import Path

from electrum_observatory.report.tables import LAYOUTS


def forget(campaign_id: str, tables: Path, pages: Path) -> tuple[Path, ...]:
    """Remove the tables that were made of a campaign, and its pages; return what was removed. Raises OSError.

    Tables of another campaign stay.
    """
    gone = _tables_of(campaign_id, tables)
    for path in gone:
        path.unlink()
    if pages.is_dir():
        shutil.rmtree(pages)
        gone.append(pages)
    return tuple(gone)


def _tables_of(campaign_id: str, folder: Path) -> list[Path]:
    """Return the tables whose rows name a campaign, and those without a row that were written along with them."""
    files = (folder / f"{layout.name}{ending}" for layout in LAYOUTS for ending in (".csv", ".csv.partial"))
    named = {path: _campaign_of(path) for path in files if path.is_file()}
    if campaign_id not in named.values():
        return []
    return [path for path, name in named.items() if name in (campaign_id, None)]


def _campaign_of(path: Path) -> str | None:
    """Return the campaign that the first row names: a table is made of one; None without rows, "" for no table."""
    with path.open(encoding="utf-8", errors="replace", newline="") as file:
        try:
            row = next(csv.DictReader(file), None)
        except csv.Error:  # somebody else's, with a cell longer than any of ours
            return ""
    return None if row is None else row.get("campaign_id") or ""
