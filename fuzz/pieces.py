"""How a stream is cut into what the socket hands over; nothing may depend on it."""

from collections.abc import Iterator

_MOST_PIECES = 16


def pieces(data: bytes) -> Iterator[bytes]:
    """Cut a stream as its length has it: none, a third, two thirds or all of it at once, the rest in small pieces."""
    at_once = len(data) * (len(data) % 4) // 3
    step = max(1 + len(data) % 7, len(data) // _MOST_PIECES)
    if at_once:
        yield data[:at_once]
    yield from (data[start : start + step] for start in range(at_once, len(data), step))
