"""The wire form of a line apart from its meaning; so far, the padding that ElectrumX ≥ 1.18 adds.

The run of spaces stands right before the final bracket, so that the line stays JSON.
Source: spesmilo/electrumx ``server/transport.py`` PaddedRSTransport.
"""

from dataclasses import dataclass

_SHORTEST_RUN = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Unpadded:
    """A line with its padding run taken out, and what is needed to put it back.

    Attributes:
        line: The bytes without the run; terminator included.
        pad_at: Offset at which the run stood; None where the line was not padded.
        pad_length: Number of spaces in the run; 0 where the line was not padded.
    """

    line: bytes
    pad_at: int | None
    pad_length: int


def unpad(line: bytes) -> Unpadded:
    """Take out the run of spaces right before the final bracket. A single space is ordinary JSON style, not padding."""
    body = line.removesuffix(b"\n").removesuffix(b"\r")
    if not body.endswith((b"}", b"]")):
        return Unpadded(line=line, pad_at=None, pad_length=0)
    end = len(body) - 1
    start = len(body[:end].rstrip(b" "))
    if end - start < _SHORTEST_RUN:
        return Unpadded(line=line, pad_at=None, pad_length=0)
    return Unpadded(line=line[:start] + line[end:], pad_at=start, pad_length=end - start)


def repad(unpadded: Unpadded) -> bytes:
    """Put the run back: ``repad(unpad(line)) == line`` for every line."""
    if unpadded.pad_at is None:
        return unpadded.line
    return unpadded.line[: unpadded.pad_at] + b" " * unpadded.pad_length + unpadded.line[unpadded.pad_at :]
