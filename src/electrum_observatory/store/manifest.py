"""``data/obs/manifest.json``: which Parquet segments are finished. Readers go by it, not by the folder."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from electrum_observatory.store.files import TEMPORARY, write_text

FOLDER = "obs"
NAME = "manifest.json"
TABLES = ("observations", "witnesses", "sightings")
SCHEMA_VERSION: Literal[1] = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """One file.

    Attributes:
        path: Below ``data/obs``.
        table: observations, witnesses or sightings.
        day: UTC day of its rows.
        campaign_id: The campaign.
        rows: Number of rows.
        bytes: Size of the file.
    """

    path: str
    table: str
    day: str
    campaign_id: str
    rows: int
    bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """The whole file ``data/obs/manifest.json``.

    Attributes:
        format: Always "electrum-observatory-segments".
        schema_version: 1.
        segments: Every finished segment, by path.
    """

    format: Literal["electrum-observatory-segments"]
    schema_version: Literal[1]
    segments: list[Segment]


def read(data_dir: Path) -> list[Segment]:
    """Return the finished segments; none where nothing was sealed yet."""
    path = data_dir / FOLDER / NAME
    if not path.exists():
        return []
    return [Segment(**segment) for segment in json.loads(path.read_bytes())["segments"]]


def put(data_dir: Path, campaign_id: str, segments: Sequence[Segment]) -> None:
    """Name the segments of a campaign, which have taken their places, instead of those it had. Raises OSError."""
    others = [segment for segment in read(data_dir) if segment.campaign_id != campaign_id]
    _save(data_dir, [*others, *segments])


def remove(data_dir: Path, campaign_id: str) -> None:
    """Strike the segments of a campaign, then remove their files. Raises OSError."""
    if any(segment.campaign_id == campaign_id for segment in read(data_dir)):
        put(data_dir, campaign_id, ())
    tidy(data_dir, campaign_id)


def tidy(data_dir: Path, campaign_id: str) -> None:
    """Remove half-written files, files of this campaign that the manifest does not name, and empty days."""
    folder = data_dir / FOLDER
    named = {folder / segment.path for segment in read(data_dir)}
    for name in (f"*{TEMPORARY}", *(f"{table}-{campaign_id}.parquet" for table in TABLES)):
        for path in folder.glob(f"day=*/{name}"):
            if path not in named:
                path.unlink()
    for day in folder.glob("day=*"):
        if day.is_dir() and not any(day.iterdir()):
            day.rmdir()


def _save(data_dir: Path, segments: list[Segment]) -> None:
    manifest = Manifest(
        format="electrum-observatory-segments",
        schema_version=SCHEMA_VERSION,
        segments=sorted(segments, key=lambda segment: segment.path),
    )
    write_text(data_dir / FOLDER / NAME, json.dumps(asdict(manifest), indent=1) + "\n")
