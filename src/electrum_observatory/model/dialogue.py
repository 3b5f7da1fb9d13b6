"""A dialogue: one connection as bytes, what the client sent and what the server said, in the order of sending.

It is the shape in which behaviour is compared, wherever it comes from: our own visits, recordings of real servers and
old crawls all become dialogues before anybody draws a conclusion. It holds what happened and no reading of it.
"""

from dataclasses import dataclass, field

from electrum_observatory.model.endpoint import Transport


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line that a server sent, or on WebSocket one message.

    Attributes:
        data: The bytes exactly as they came: padding included, and the terminator where the dialogue's were recorded.
        after_ms: Milliseconds from the sending of what it answers to its last byte; None where it was not recorded.
    """

    data: bytes
    after_ms: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One message of the client, and everything that came until its next.

    Attributes:
        name: Names it for a person and for witnesses: the probe and its place, or what a recording calls it.
        sent: The bytes exactly as they left, terminator included; empty where the client only listened.
        lines: What came, in order; notifications too.
        closed: The server closed the connection after this message; None where that is not known.
        alive_after: The connection answered something later; None where that is not known. Only where it is True does
            an exchange without lines say that the server chose to be silent.
    """

    name: str
    sent: bytes
    lines: tuple[Line, ...] = field(default=())
    closed: bool | None = None
    alive_after: bool | None = None

    @property
    def silent(self) -> bool:
        """Whether nothing came although the connection was alive."""
        return not self.lines and self.alive_after is True


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialogue:
    """One connection, or as much of it as was recorded.

    Attributes:
        transport: What was dialled.
        exchanges: In the order in which their messages left.
        from_start: Whether the first exchange began the connection. Where False, a handshake may have come before.
        terminators: Whether line ends were recorded; where False, nothing can be said of them.
        origin: Where it comes from, for a person: campaign and visit, file and row.
    """

    transport: Transport
    exchanges: tuple[Exchange, ...]
    from_start: bool = True
    terminators: bool = True
    origin: str = ""
