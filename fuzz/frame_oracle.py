"""WebSocket frames as RFC 6455 has them, read one after the other: a second opinion, obvious rather than fast."""

from collections.abc import Iterator

from electrum_observatory.net.limits import ConnectionLimits

_CONTINUED, _TEXT, _BINARY, _CLOSE, _PING, _PONG = 0, 1, 2, 8, 9, 10
_LONGEST_CONTROL = 125
_CLOSE_CODES = {*range(1000, 1004), *range(1007, 1015), *range(3000, 5000)}
_RESERVED = 0x70
_LENGTH_BYTES = {126: 2, 127: 8}


class Broken(Exception):  # noqa: N818  it is no error of ours
    """The server breaks a rule or goes beyond a cap."""


def messages_of(data: bytes, limits: ConnectionLimits) -> tuple[list[bytes], bool]:
    """The messages that a server sent, up to where it broke a rule or a cap or said good-bye; and whether it broke one.

    A frame that has not come whole is waited for, unless its head alone is a breach.
    """
    messages: list[bytes] = []
    try:
        messages.extend(_messages(data, limits))
    except Broken:
        return messages, True
    return messages, False


def _messages(data: bytes, limits: ConnectionLimits) -> Iterator[bytes]:
    parts: list[bytes] = []
    while (frame := _frame(data, limits.max_line_bytes - sum(map(len, parts)))) is not None:
        first, payload, data = frame
        opcode, is_last = first & 0x0F, first >= 0x80
        if opcode in (_CLOSE, _PING, _PONG):
            _check_control(opcode, payload, is_last=is_last)
            if opcode == _CLOSE:
                _must(not parts)
                return
            continue
        _must((opcode == _CONTINUED) == bool(parts))
        parts.append(payload)
        _must(len(parts) <= limits.max_fragments)
        if is_last:
            yield b"".join(parts)
            parts = []


def _frame(data: bytes, room: int) -> tuple[int, bytes, bytes] | None:
    """The first byte of a frame, its payload and what follows it; None where it is not there as a whole."""
    if len(data) < 2:
        return None
    first, length = data[0], data[1]
    _must(first & 0x0F in (_CONTINUED, _TEXT, _BINARY, _CLOSE, _PING, _PONG))
    _must(length < 0x80)  # a server does not mask
    start = 2
    if (size := _LENGTH_BYTES.get(length)) is not None:
        start += size
        if len(data) < start:
            return None
        length = int.from_bytes(data[2:start], "big")
    _must(length <= room)
    if len(data) < start + length:
        return None
    _must(not first & _RESERVED)  # compression, for one, of which nothing was agreed
    return first, data[start : start + length], data[start + length :]


def _check_control(opcode: int, payload: bytes, *, is_last: bool) -> None:
    _must(is_last and len(payload) <= _LONGEST_CONTROL)
    if opcode == _CLOSE and payload:
        _must(len(payload) >= 2 and int.from_bytes(payload[:2], "big") in _CLOSE_CODES and _is_text(payload[2:]))


def _is_text(payload: bytes) -> bool:
    try:
        payload.decode()
    except UnicodeDecodeError:
        return False
    return True


def _must(keeps: bool) -> None:  # noqa: FBT001  it reads as a sentence
    if not keeps:
        raise Broken
