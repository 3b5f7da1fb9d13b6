"""Files of a data folder: written whole or not at all, with names that no server chooses; and the room they take."""

import hashlib
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from electrum_observatory.model.errors import StoreError

_NOT_PLAIN = re.compile(r"[^a-z0-9.-]+|\.{2,}")
_DEVICE = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?=\.|$)")
_MAX_SLUG = 60
TEMPORARY = ".part"


def file_stem(host: str) -> str:
    """Return a file name for a host: a readable slug and 8 hex digits of the SHA-256 of the host.

    Whatever the host holds, the name has only ``a-z0-9.-``, starts with a letter or digit, is no device of Windows
    (``con.example``) and is at most 69 long; two hosts with one slug keep different names.
    """
    slug = _NOT_PLAIN.sub("-", host.lower()).strip(".-")
    slug = f"host-{slug}" if _DEVICE.match(slug) else slug
    slug = slug[:_MAX_SLUG].strip(".-") or "host"
    return f"{slug}-{hashlib.sha256(host.encode('utf-8', 'surrogatepass')).hexdigest()[:8]}"


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Hand out a temporary path in the same folder; on leaving without error it takes the place of ``path``.

    It is on the disk before it takes the place.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(path.name + TEMPORARY)
    try:
        yield temporary
        _flush(temporary)
        temporary.replace(path)
        _flush(path.parent)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def write_text(path: Path, text: str) -> None:
    """Write a whole text file, or leave what was there."""
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def write_small(path: str, data: bytes) -> None:
    """Write a whole file in a folder that is there, or leave what was there; a power cut may still empty it.

    For files by the thousand: an object for each path would cost as much as the writing.
    """
    temporary = path + TEMPORARY
    try:
        with open(temporary, "wb") as file:
            file.write(data)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@dataclass(frozen=True, slots=True, kw_only=True)
class DiskUse:
    """Bytes that a data folder takes, and what is left.

    Attributes:
        database: The live database with its write-ahead log: every observation and every reply.
        raw: ``raw/``, one JSON file per server.
        segments: ``obs/``, sealed Parquet.
        processed: ``processed/``, tables.
        reports: ``reports/``.
        total: All of these.
        free: Left on the disk for an ordinary user.
    """

    database: int
    raw: int
    segments: int
    processed: int
    reports: int
    total: int
    free: int


def disk_use(data_dir: Path) -> DiskUse:
    """Measure a data folder; all zero where it does not exist. Raises StoreError where it cannot be read."""
    try:
        database = sum(path.stat().st_size for path in data_dir.glob("live.db*"))
        raw, segments, processed, reports = (
            sum(path.stat().st_size for path in (data_dir / part).rglob("*") if path.is_file())
            for part in ("raw", "obs", "processed", "reports")
        )
        free = shutil.disk_usage(data_dir).free if data_dir.is_dir() else 0
    except OSError as error:
        raise StoreError(f"cannot read {data_dir}: {error.strerror}") from error
    return DiskUse(
        database=database,
        raw=raw,
        segments=segments,
        processed=processed,
        reports=reports,
        total=database + raw + segments + processed + reports,
        free=free,
    )
