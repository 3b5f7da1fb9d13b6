"""Questions about behaviour: exact lines and what they may cost. What came back is recorded and read by nobody here.

A routine probe asks what a server knows; these ask what program it is, so the line itself matters to the byte. They
are put in visits of their own (see ``packing``), and the bytes of both sides are the result (docs/decisions/0012).
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from electrum_observatory.bitcoin.networks import Network
from electrum_observatory.bitcoin.reference import ChainReference
from electrum_observatory.model.observation import Json
from electrum_observatory.protocol.messages import encode_request
from electrum_observatory.scanner.costs import ProbeCost


class Opening(StrEnum):
    """How the connection begins on which a probe is put."""

    RANGE = "range"  # server.version with ["1.4","1.6"]; "1.4" alone where a server was seen to refuse ranges
    PLAIN = "plain"  # server.version with "1.4"
    BARE = "bare"  # the probe's own message is the first


class Group(StrEnum):
    """What a probe is about; settings choose by it."""

    CORE = "core"  # tells programs and releases apart: field reference §9.a
    CHAIN = "chain"  # headers, proofs and transactions
    SCRIPTS = "scripts"  # balances and histories, by address type
    FEES = "fees"
    MALFORMED = "malformed"
    SWEEPS = "sweeps"  # many scripts in a row, and the same question again
    AGGRESSIVE = "aggressive"  # only for servers whose operator agreed; each in a visit of its own


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What a question may be about.

    Attributes:
        network: Whose servers are asked.
        reference: What is known of the chain beforehand; None where nothing is.
        client_name: What we call ourselves.
        campaign: Id of the campaign: where an order is drawn, the chance comes from it.
    """

    network: Network
    reference: ChainReference | None
    client_name: str
    campaign: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One message of ours.

    Attributes:
        line: The bytes, line end included.
        name: Tells it from the others of its probe; "" where it is the only one.
        request_id: Its id where that is an integer: replies are matched by it. None for every other line.
        may_be_silent: Some program leaves it unanswered on purpose: we wait a moment, then ping.
        settle: Its reply is waited for before the next leaves, whatever else may be on its way.
    """

    line: bytes
    name: str = ""
    request_id: int | None = None
    may_be_silent: bool = False
    settle: bool = False


def ask(request_id: int, method: str, *params: Json, name: str = "") -> Step:
    """Return an ordinary request."""
    return Step(line=encode_request(request_id, method, params), name=name, request_id=request_id)


def spell(text: str, *, name: str = "", request_id: int | None = None, may_be_silent: bool = False) -> Step:
    """Return a line that is written exactly so; the line end is added."""
    return Step(line=text.encode() + b"\n", name=name, request_id=request_id, may_be_silent=may_be_silent)


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedExchange:
    """One message of ours and what came until the next.

    Attributes:
        name: The probe, and where it sends several messages, which.
        sent: The line as sent, its end included; base64 where it is no UTF-8.
        sent_base64: Whether ``sent`` is base64.
        lines: Labels of the witnesses that hold the lines that came, in order: place of the exchange, dot, place.
        after_ms: For each line, milliseconds from sending to the arrival of its last byte.
        closed: Whether the server closed the connection after this message; null where that is not known.
        alive_after: Whether the connection answered a later message; null where none was sent.
    """

    name: str
    sent: str
    sent_base64: bool
    lines: tuple[str, ...]
    after_ms: tuple[float, ...]
    closed: bool | None
    alive_after: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BehaviourResult:
    """What was sent and what came of it, byte for byte. The witnesses are the lines.

    Attributes:
        visit: Number of the visit of the endpoint in its campaign; 1 follows the routine visit.
        connection: Number of the connection within the visit, from 0.
        place: Place of the first exchange within the connection, from 0; the handshake counts.
        opening: How the connection began: range, plain or bare.
        negotiated: Protocol version that its handshake settled on; null without one.
        exchanges: In the order sent.
        stopped: Why messages of the question were left out, in words; null where all were sent.
    """

    visit: int
    connection: int
    place: int
    opening: Opening
    negotiated: str | None
    exchanges: tuple[AskedExchange, ...]
    stopped: str | None


class BehaviourProbe(ABC):
    """One question about behaviour. Implementations are frozen and know no other probe.

    Attributes:
        id: Stable snake_case name: file, schema and doc page carry it too.
        version: Grows when other lines are sent.
        group: See :class:`Group`.
        opening: See :class:`Opening`.
        cost: What it costs the server.
        first_id: Its request ids are first_id, first_id + 1, … (fixed, disjoint between probes).
        in_flight: Messages without a reply at most; 1 waits for each before the next.
        stops_at_limits: Whether it ends at the first sign that the server limits us.
    """

    __slots__ = ()
    id: ClassVar[str]
    version: ClassVar[int] = 1
    group: ClassVar[Group]
    opening: ClassVar[Opening] = Opening.RANGE
    cost: ClassVar[ProbeCost]
    first_id: ClassVar[int]
    in_flight: ClassVar[int] = 1
    stops_at_limits: ClassVar[bool] = False
    result_type: ClassVar[type[BehaviourResult]] = BehaviourResult

    @abstractmethod
    def steps(self, subject: Subject) -> Sequence[Step]:
        """Return the messages, in order; none where there is nothing to ask about (see :meth:`not_applicable`)."""

    def not_applicable(self, subject: Subject) -> str | None:
        """Say in a few words why there is nothing to ask, or None."""
        return None if self.steps(subject) else "nothing is known of this chain that could be asked about"

    @property
    def key(self) -> str:
        """What tells it from the other questions of an examination: its id, unless it is put more than once."""
        return self.id

    def told(self, result: BehaviourResult) -> BehaviourResult:
        """Return its own kind of result."""
        return result
