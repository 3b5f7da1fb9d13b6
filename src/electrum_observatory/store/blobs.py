"""Bytes by digest: a reply without its padding run is kept once, however often and however padded it came."""

import hashlib
import re
from typing import NamedTuple

from electrum_observatory.model.observation import Witness, WitnessKind
from electrum_observatory.protocol.dialect import Unpadded, repad, unpad
from electrum_observatory.protocol.messages import result_text

DIGEST_BYTES = 16
_RESULT_KEY = re.compile(rb'"result"\s*:\s*')


class Reference(NamedTuple):
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
    line, pad_at, pad_length, span = witness.data, None, 0, None
    if witness.kind is WitnessKind.REPLY:
        line, pad_at, pad_length = unpad(line)
        span = result_span(line, witness.result_text)
    received_ns = witness.received_monotonic_ns
    return Reference(witness.kind, witness.label, digest_of(line), line, pad_at, pad_length, span, received_ns)


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
    start = 0
    while (key := _RESULT_KEY.search(line, start)) is not None:
        start = key.end()
        if line.startswith(text, start):
            return start, start + len(text)
    return None
