"""The spelling of lines: key order, separators, terminator, padding, escaping, the form of errors."""

from collections.abc import Iterator

from electrum_observatory.analysis.builds.aspects.model import Observation
from electrum_observatory.analysis.builds.turns import Conversation, Turn
from electrum_observatory.model.endpoint import Transport
from electrum_observatory.protocol.dialect import Read

RAW_TRANSPORTS = frozenset({Transport.TCP, Transport.SSL})
"""Where lines have terminators and padding; WebSocket frames have neither."""


def wire(conversation: Conversation) -> Iterator[Observation]:
    """Read every line of a connection."""
    for exchange, read in conversation.lines:
        for aspect, value in _line(read):
            yield Observation(aspect, value, exchange)
        if conversation.transport in RAW_TRANSPORTS:
            if conversation.terminators and read.form.terminator != "none":
                yield Observation("terminator", read.form.terminator, exchange)
            if read.form.pad_length:
                yield Observation("padding", "padded", exchange)


def unpadded_lines(conversation: Conversation) -> tuple[str, ...]:
    """Return the exchanges of the lines that came without padding on a transport that pads, one for each line.

    Lines that share a packet are padded at its end only, so an answer that is not here may have carried the padding of
    all others. Nothing is counted where one is missing that was asked for, nor where the first of a connection is: it
    comes in a packet of its own.
    """
    turns = conversation.turns
    if conversation.transport not in RAW_TRANSPORTS or any(_missing(turn) for turn in turns):
        return ()
    if not turns or turns[0].first is False or turns[0].lines == 0:
        return ()
    return tuple(exchange for exchange, read in conversation.lines if read.form.pad_length == 0)


def _missing(turn: Turn) -> bool:
    return turn.lines == 0 and not turn.silent and not turn.closed


def _line(read: Read) -> Iterator[tuple[str, str]]:
    form, value = read.form, read.value
    kind = _kind(value[0] if isinstance(value, list) else value)
    if kind:
        yield f"keys_{kind}", ",".join(form.keys)
    if form.error_form == "object" and form.error_keys is not None:
        yield "error_member", ",".join(form.error_keys)
    elif form.error_form == "string":
        yield "error_member", "string"
    if form.separators:
        yield "separators", form.separators
    if form.joiner is not None:
        yield "batch_joiner", form.joiner
    if form.escaping:
        yield "escaping", form.escaping


def _kind(message: object) -> str | None:
    """Tell results, errors and notifications apart; a message of version 1 has both members and is left alone."""
    if not isinstance(message, dict) or ("result" in message and "error" in message):
        return None
    for member, kind in (("result", "result"), ("error", "error"), ("method", "notification")):
        if member in message:
            return kind
    return None
