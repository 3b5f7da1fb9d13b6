"""Whole files or none: written beside their place, flushed to disk, then renamed over it."""

import hashlib
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_NOT_PLAIN = re.compile(r"[^a-z0-9.-]+")
_MAX_SLUG = 60
TEMPORARY = ".part"


def file_stem(host: str) -> str:
    """Return a file name for a host: a readable slug and 8 hex digits of the SHA-256 of the host.

    Whatever the host holds, the name has only ``a-z0-9.-``, does not start with a dot and is at most 69 long; two hosts
    with one slug keep different names.
    """
    slug = _NOT_PLAIN.sub("-", host.lower())[:_MAX_SLUG].strip(".-") or "host"
    return f"{slug}-{hashlib.sha256(host.encode('utf-8', 'surrogatepass')).hexdigest()[:8]}"


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Hand out a temporary path in the same folder; on leaving without error it takes the place of ``path``."""
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


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
