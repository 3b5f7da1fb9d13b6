"""The recordings of real servers, as probes: what was sent on a fresh connection, and what came back."""

import json
import lzma
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

_CUT = re.compile(r"^(.*?)\.\.\.\[(\d+) bytes\]$", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedStep:
    """One send and what came back: ``(milliseconds after the send, bytes)`` per read."""

    send: bytes
    received: tuple[tuple[float, bytes], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedProbe:
    """One fresh connection."""

    name: str
    begins_connection: bool
    steps: tuple[RecordedStep, ...]
    closed_by_server: bool


@cache
def load(path: Path) -> tuple[RecordedProbe, ...]:
    """Read one recording."""
    with lzma.open(path, "rt") as lines:
        return tuple(_probe(json.loads(line)) for line in lines)


def _probe(row: dict[str, Any]) -> RecordedProbe:
    return RecordedProbe(
        name=row["probe"],
        begins_connection=row["pre"] is None,
        steps=tuple(
            RecordedStep(
                send=_whole(_as_bytes(step["send"])),
                received=tuple((after, _as_bytes(text)) for after, text in step["recv"]),
            )
            for step in row["steps"]
        ),
        closed_by_server=bool(row["closed_by_server"]),
    )


def _as_bytes(text: str) -> bytes:
    """The recorder wrote bytes as latin-1 text."""
    return text.encode("latin-1")


def _whole(send: bytes) -> bytes:
    """Long sends are recorded as beginning and length; they repeat their last byte, then close what is open."""
    cut = _CUT.match(send.decode("latin-1"))
    if cut is None:
        return send
    beginning, length = cut.group(1).encode("latin-1"), int(cut.group(2))
    end = b'"]}\n' if beginning.startswith(b"{") else b"]" * ((length - 1) // 2) + b"\n"
    return beginning + beginning[-1:] * (length - len(beginning) - len(end)) + end
