"""``data/obs/manifest.json``: which Parquet segments are finished. Readers go by it, not by the folder."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from electrum_observatory.store.files import write_text

FOLDER = "obs"
NAME = "manifest.json"
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


def add(data_dir: Path, segments: Sequence[Segment]) -> None:
    """Name segments that have taken their places. Raises OSError."""
    _save(data_dir, [*read(data_dir), *segments])


def remove(data_dir: Path, campaign_id: str) -> None:
    """Strike the segments of a campaign, then remove their files. Raises OSError."""
    known = read(data_dir)
    gone = [segment for segment in known if segment.campaign_id == campaign_id]
    if gone:
        _save(data_dir, [segment for segment in known if segment.campaign_id != campaign_id])
    for segment in gone:
        (data_dir / FOLDER / segment.path).unlink(missing_ok=True)


def _save(data_dir: Path, segments: list[Segment]) -> None:
    manifest = Manifest(
        format="electrum-observatory-segments",
        schema_version=SCHEMA_VERSION,
        segments=sorted(segments, key=lambda segment: segment.path),
    )
    write_text(data_dir / FOLDER / NAME, json.dumps(asdict(manifest), indent=1) + "\n")
