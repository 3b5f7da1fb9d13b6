"""Inputs made of inputs: WebSocket frames repeated, dropped, relabelled and resized, each still a whole frame."""

from collections.abc import Callable, Iterator, Sequence
from random import Random
from typing import NamedTuple

_FIRST_BYTES = (0x00, 0x01, 0x02, 0x08, 0x09, 0x0A, 0x80, 0x81, 0x82, 0x83, 0x88, 0x89, 0x8A, 0xC1)
_SIZES = (0, 1, 2, 125, 126, 127, 511, 1023, 1024, 1025)
_CLOSES = (b"\x03\xe7", b"\x03\xe8", b"\x03\xec", b"\x03\xf7", b"\x0b\xb7", b"\x0b\xb8", b"\x13\x88", b"\x03\xe8\xff")
_REPEATS = (2, 3, 18, 19, 20, 21)

Frame = tuple[int, bytes]
"""First byte and payload."""


class Place(NamedTuple):
    """A frame that is to change, and chance."""

    first: int
    payload: bytes
    chance: Random

    @property
    def frame(self) -> Frame:
        """The frame as it is."""
        return self.first, self.payload

    @property
    def label(self) -> int:
        """Some first byte."""
        return self.chance.choice(_FIRST_BYTES)


_CHANGES: Sequence[Callable[[Place], list[Frame]]] = (
    lambda _place: [],
    lambda place: [place.frame] * place.chance.choice(_REPEATS),
    lambda place: [(place.label, place.payload)],
    lambda place: [(place.first, b"x" * place.chance.choice(_SIZES))],
    lambda place: [(0x88, place.chance.choice(_CLOSES)), place.frame],
    lambda place: [(place.label, b""), place.frame],
)


def change_frames(data: bytes, chance: Random) -> bytes:
    """Change one frame; what is no whole frame is left out."""
    frames = list(_frames(data)) or [(0x81, b"hello")]
    at = chance.randrange(len(frames))
    frames[at : at + 1] = chance.choice(_CHANGES)(Place(*frames[at], chance))
    return b"".join(bytes([first]) + _length(payload) + payload for first, payload in frames)


def _frames(data: bytes) -> Iterator[Frame]:
    while len(data) >= 2:
        size = {126: 2, 127: 8}.get(data[1] & 0x7F, 0)
        start = 2 + size
        length = int.from_bytes(data[2:start], "big") if size else data[1] & 0x7F
        if len(data) < start + length:
            return
        yield data[0], data[start : start + length]
        data = data[start + length :]


def _length(payload: bytes) -> bytes:
    return bytes([len(payload)]) if len(payload) < 126 else b"\x7e" + len(payload).to_bytes(2, "big")
