"""Bytes by digest: a reply without its padding run is kept once, however often and however padded it came."""

import hashlib
import re
from dataclasses import dataclass

from electrum_observatory.model.observation import Witness, WitnessKind
from electrum_observatory.protocol.dialect import Unpadded, repad, unpad
from electrum_observatory.protocol.messages import result_text

DIGEST_BYTES = 16
_RESULT_KEY = re.compile(rb'"result"\s*:\s*')


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """One witness as it is stored: which blob, and what to do to get the bytes back.

    Attributes:
        kind: What the bytes are.
        label: As the witness has it.
        digest: First 16 bytes of the SHA-256 of ``data``.
        data: The reply line without its padding run, or the certificate.
        pad_at: Where the run stood; None where there was none.
        pad_length: Its length in bytes.
        result_span: Start and end of the ``result`` member's bytes in ``data``; None for all that has none.
        received_monotonic_ns: As the witness has it.
    """

    kind: WitnessKind
    label: str
    digest: bytes
    data: bytes
    pad_at: int | None
    pad_length: int
    result_span: tuple[int, int] | None
    received_monotonic_ns: int | None


def digest_of(data: bytes) -> bytes:
    """Return the first 16 bytes of SHA-256."""
    return hashlib.sha256(data).digest()[:DIGEST_BYTES]


def to_reference(witness: Witness) -> Reference:
    """Split a witness into a blob and the way back. Only reply lines are unpadded and searched for a result."""
    is_reply = witness.kind is WitnessKind.REPLY
    bare = unpad(witness.data) if is_reply else Unpadded(line=witness.data, pad_at=None, pad_length=0)
    return Reference(
        kind=witness.kind,
        label=witness.label,
        digest=digest_of(bare.line),
        data=bare.line,
        pad_at=bare.pad_at,
        pad_length=bare.pad_length,
        result_span=result_span(bare.line, witness.result_text) if is_reply else None,
        received_monotonic_ns=witness.received_monotonic_ns,
    )


def to_witness(reference: Reference) -> Witness:
    """Restore the bytes exactly as they came."""
    padded = Unpadded(line=reference.data, pad_at=reference.pad_at, pad_length=reference.pad_length)
    return Witness(
        kind=reference.kind,
        data=repad(padded),
        label=reference.label,
        received_monotonic_ns=reference.received_monotonic_ns,
    )


def result_span(line: bytes, text: bytes | None = None) -> tuple[int, int] | None:
    """Find the bytes of the ``result`` member of a reply line; None where the line is no reply with a result.

    ``text`` are these bytes where they are known; otherwise the line is read for them.
    """
    text = result_text(line) if text is None else text
    if text is None:
        return None
    for match in _RESULT_KEY.finditer(line):
        if line.startswith(text, match.end()):
            return match.end(), match.end() + len(text)
    return None
