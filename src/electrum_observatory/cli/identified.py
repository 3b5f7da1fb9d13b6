"""Showing what was inferred: a table for people, one JSON document for programs. Words say what was seen, fairly."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from electrum_observatory.cli.console import STDOUT, emit_json, emit_line, emit_table, say

if TYPE_CHECKING:
    from electrum_observatory.analysis.builds.fingerprint import Fingerprint
    from electrum_observatory.analysis.builds.identify import Identification

_COLUMNS = ("server", "software", "version", "calls itself", "confidence", "contradictions", "decided by")
_SPARE = ("decided by", "confidence")
_MOST_DECISIONS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Identified:
    """One recorded server.

    Attributes:
        server: What the recording calls it, or its endpoint.
        transport: tcp, ssl, ws or wss.
        dialogues: How many conversations it was inferred from.
        identification: What was inferred.
        fingerprint: Digests of its behaviour and of its operator's choices.
        file: Where its conversations stood; "" where they come from a data folder.
        endpoint_id: Which stored endpoint it is; "" where they come from a file.
    """

    server: str
    transport: str
    dialogues: int
    identification: "Identification"
    fingerprint: "Fingerprint"
    file: str = ""
    endpoint_id: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return it flat, as ``--json`` prints it."""
        found = self.identification
        return {
            **({"file": self.file} if self.file else {}),
            "server": self.server,
            **({"endpoint_id": self.endpoint_id} if self.endpoint_id else {}),
            "transport": self.transport,
            "dialogues": self.dialogues,
            "implementation": found.implementation,
            "version_min": found.version_min,
            "version_max": found.version_max,
            "builds": found.builds,
            "claimed": found.claimed,
            "confidence": found.confidence,
            "contradictions": found.contradictions,
            "decided_by": found.decided_by,
            "several_backends": found.several_backends,
            "fingerprint_hash": self.fingerprint.behaviour,
            "fingerprint_coverage": self.fingerprint.coverage,
            "operator_hash": self.fingerprint.operator,
        }


def emit_identified(found: Sequence[Identified], *, as_json: bool) -> None:
    """Print everything that was inferred."""
    if as_json:
        emit_json([one.as_json() for one in found])
        return
    emit_table("", _COLUMNS, [_row(one) for one in found], spare=_SPARE)
    for one in found:
        _explain(one)
    if any(one.identification.implementation is None for one in found):
        say("Unknown means: what was recorded fits several programs, or none that we know.")
    if any(one.identification.version_min != one.identification.version_max for one in found):
        say("Versions that answer alike stand together; more questions may part them (observatory fingerprint HOST).")


def _row(one: Identified) -> tuple[object, ...]:
    from electrum_observatory.analysis.builds.universe import NAMES
    from electrum_observatory.report.build_words import rounded_down, versions_of

    found = one.identification
    return (
        _short(one),
        NAMES.get(found.implementation or "", "unknown"),
        versions_of(found) or "unknown",
        None if found.claimed is None else found.claimed.text,
        None if found.implementation is None else f"{rounded_down(found.confidence):.0%}",
        len(found.contradictions) or None,
        ", ".join(dict.fromkeys(decision.rule for decision in found.decided_by[:_MOST_DECISIONS])) or None,
    )


def _short(one: Identified) -> str:
    """Name an endpoint shortly, and a recording with what was dialled."""
    return short_name(one.server) if "://" in one.server else f"{one.server} {one.transport}"


def short_name(endpoint: str) -> str:
    """Return the canonical text of an endpoint without saying its address twice: screens are narrow."""
    service, _, address = endpoint.rpartition("@")
    host = service.partition("://")[2].rpartition(":")[0]
    return service if host == address else endpoint


def _explain(one: Identified) -> None:
    """Write contradictions below the table: words need room."""
    if not STDOUT.is_terminal:
        return
    for contradiction in one.identification.contradictions:
        emit_line(f"{_short(one)}: {contradiction.words} ({', '.join(contradiction.exchanges)})")
