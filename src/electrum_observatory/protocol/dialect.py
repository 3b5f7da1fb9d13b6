"""The wire form of a line apart from its meaning; so far, the padding that ElectrumX ≥ 1.18 adds.

The run of spaces stands right before the final bracket, so that the line stays JSON.
Source: spesmilo/electrumx ``server/transport.py`` PaddedRSTransport.
"""

from typing import NamedTuple

_SHORTEST_RUN = b"  "
_LONGEST_END = len(_SHORTEST_RUN + b"}\r\n")


class Unpadded(NamedTuple):
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
    if _SHORTEST_RUN not in line[-_LONGEST_END:]:
        return Unpadded(line, None, 0)
    body = line.removesuffix(b"\n").removesuffix(b"\r")
    end = len(body) - 1
    if not body.endswith((b"}", b"]")) or not body.endswith(_SHORTEST_RUN, 0, end):
        return Unpadded(line, None, 0)
    start = len(body[:end].rstrip(b" "))
    return Unpadded(line[:start] + line[end:], start, end - start)


def repad(unpadded: Unpadded) -> bytes:
    """Put the run back: ``repad(unpad(line)) == line`` for every line."""
    if unpadded.pad_at is None:
        return unpadded.line
    return unpadded.line[: unpadded.pad_at] + b" " * unpadded.pad_length + unpadded.line[unpadded.pad_at :]
