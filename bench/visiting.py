"""Whole visits to simulated servers in world time: the scanner's own questions, put without sockets.

What is asked comes from the scanner: the routine probes as they are rebuilt from observations, and the battery as it is
packed into visits. So what is measured here is measured on the very lines that a real server gets.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from electrum_observatory.datasets.dialogues.routine import ROUTINE
from electrum_observatory.lab.driving import Message, drive, request
from electrum_observatory.lab.personalities.base import Program
from electrum_observatory.model.dialogue import Dialogue
from electrum_observatory.model.endpoint import Transport
from electrum_observatory.protocol.messages import encode_request
from electrum_observatory.scanner.behaviour import BehaviourProbe, Opening, Step, Subject
from electrum_observatory.scanner.packing import PlannedConnection, PlannedVisit
from electrum_observatory.scanner.probes.opening import handshake
from electrum_observatory.scanner.probes.registry import all_probes

BETWEEN_CONNECTIONS_S = 10.0
BETWEEN_VISITS_S = 600.0
_PING = request(900, "server.ping", name="ping_after")


@dataclass(frozen=True, slots=True, kw_only=True)
class Visited:
    """What came of a visit.

    Attributes:
        dialogues: Of each connection, in order.
        over_at: World time at which it was over.
        refuses_ranges: Whether the server was seen to refuse a range of versions.
    """

    dialogues: tuple[Dialogue, ...]
    over_at: float
    refuses_ranges: bool = False


def routine_visit(program: Program, *, client_name: str, at: float, transport: Transport = Transport.TCP) -> Visited:
    """Make a routine visit: the handshake, then every routine question in one breath.

    Where a range of versions is refused, a second connection with a plain one takes its place.
    """
    hello = request(0, "server.version", [client_name, ["1.4", "1.6"]], name="server_version#0")
    dialogue, over = drive(program, [hello, *_routine()], at=at, transport=transport, origin="routine")
    refused = _refused(dialogue)
    if refused:
        plain = request(1, "server.version", [client_name, "1.4"], name="server_version#1")
        at = over + BETWEEN_CONNECTIONS_S
        dialogue, over = drive(program, [plain, *_routine()], at=at, transport=transport, origin="routine")
    return Visited(dialogues=(dialogue,), over_at=over, refuses_ranges=refused)


@dataclass(frozen=True, slots=True, kw_only=True)
class SpelledConnection:
    """One connection of a battery visit as it will be sent.

    Attributes:
        opening: How it begins.
        messages: What follows the handshake, a last ping included.
    """

    opening: Opening
    messages: tuple[Message, ...]


def spelled(visit: PlannedVisit, subject: Subject) -> tuple[SpelledConnection, ...]:
    """Spell out a visit; it is the same for every server."""
    return tuple(
        SpelledConnection(opening=connection.opening, messages=tuple(_with_ping(connection, subject)))
        for connection in visit.connections
    )


def battery_visit(
    program: Program,
    connections: Sequence[SpelledConnection],
    *,
    client_name: str,
    at: float,
    refuses_ranges: bool = False,
    transport: Transport = Transport.TCP,
) -> Visited:
    """Make one visit of the battery, its connections ten seconds apart.

    ``refuses_ranges`` is what the routine visit learned: connections then begin with a plain version.
    """
    found: list[Dialogue] = []
    for connection in connections:
        plainly = refuses_ranges and connection.opening is Opening.RANGE
        hello = handshake(Opening.PLAIN if plainly else connection.opening, client_name)
        messages = [*([Message(name=hello.name, sent=hello.line)] if hello else []), *connection.messages]
        dialogue, over = drive(program, messages, at=at, transport=transport, origin=f"battery at {at:.0f}")
        found.append(dialogue)
        at = over + BETWEEN_CONNECTIONS_S
    return Visited(dialogues=tuple(found), over_at=at, refuses_ranges=refuses_ranges)


def _with_ping(connection: PlannedConnection, subject: Subject) -> Iterator[Message]:
    for probe in connection.probes:
        yield from _messages(probe, subject)
    if connection.opening is not Opening.BARE or any(probe.cost.may_close for probe in connection.probes):
        yield _PING


def _messages(probe: BehaviourProbe, subject: Subject) -> Iterator[Message]:
    for place, step in enumerate(probe.steps(subject)):
        yield Message(name=_name(probe, step), sent=step.line, together=place > 0 and probe.in_flight > 1)


def _name(probe: BehaviourProbe, step: Step) -> str:
    return f"{probe.id}.{step.name}" if step.name else probe.id


def _routine() -> Iterator[Message]:
    """Yield the routine questions in the scanner's order: those on which old programs hang up come last."""
    first = True
    for probe in (one.id for one in all_probes() if one.id in ROUTINE):
        asked = ROUTINE[probe]
        for nth, params in enumerate(asked.params or ((),)):
            line = encode_request(asked.first_id + nth, asked.method, params)
            yield Message(name=f"{probe}#{nth}", sent=line, together=not first)
            first = False


def _refused(dialogue: Dialogue) -> bool:
    """Whether the handshake with a range of versions was answered with an error, or not at all."""
    answer = b"".join(line.data for line in dialogue.exchanges[0].lines)
    return not answer or b'"error"' in answer
