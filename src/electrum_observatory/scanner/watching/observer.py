"""Whom a monitor tells what it sees, for a live table or a log; facts go to the sink, which is somebody else."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from electrum_observatory.model.endpoint import Endpoint
from electrum_observatory.model.failure import Failure
from electrum_observatory.model.watch import Availability, BlindSpell, Reading, Round, TipNews


class Standing(StrEnum):
    """Where we stand with a server at this moment.

    Attributes:
        HELD: The connection stands, and the server proved that it serves the network.
        DIALLING: A connection is being opened, or its handshake goes on.
        WAITING: It is dialled again later, or its turn has not come.
    """

    HELD = "held"
    DIALLING = "dialling"
    WAITING = "waiting"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerView:
    """One server as it is known now: a row of a live table.

    Attributes:
        endpoint: Who.
        standing: See :class:`Standing`.
        availability: Of the latest round that says something of it; None before that.
        failure: What broke last; None since it answered.
        software: What it calls itself; None before it has said so.
        protocol: The negotiated protocol version; None before that.
        height: Of the latest tip it told of; None before that.
        reply_us: From asking to the first reply of the latest round; None where it gave none.
        missing: Whether the latest list of servers leaves it out.
    """

    endpoint: Endpoint
    standing: Standing
    availability: Availability | None = None
    failure: Failure | None = None
    software: str | None = None
    protocol: str | None = None
    height: int | None = None
    reply_us: int | None = None
    missing: bool = False


class MonitorObserver(Protocol):
    """Whom the monitor tells; called from the event loop, so it must be quick and must not raise."""

    def round_made(self, made: Round, readings: Sequence[Reading]) -> None:
        """A round is over and was kept by the sink."""

    def news_came(self, news: Sequence[TipNews]) -> None:
        """Servers told of tips, and the sink has kept it."""

    def was_blind(self, spell: BlindSpell) -> None:
        """A time of our own in which nobody was watched was noted.

        A network that is lost for many rounds is told of when it is missed, and the rest as one when it is back.
        """

    def left_out(self, endpoint: Endpoint, why: str) -> None:
        """An endpoint that was handed over is not watched; ``why`` is one line for a person."""


class Unobserved:
    """Tells nobody."""

    def round_made(self, made: Round, readings: Sequence[Reading]) -> None:
        """Tell nobody."""

    def news_came(self, news: Sequence[TipNews]) -> None:
        """Tell nobody."""

    def was_blind(self, spell: BlindSpell) -> None:
        """Tell nobody."""

    def left_out(self, endpoint: Endpoint, why: str) -> None:
        """Tell nobody."""
