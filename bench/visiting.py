"""Whole visits to simulated servers in world time: the scanner's own questions, put without sockets.

What is asked comes from the scanner: the routine probes as they are rebuilt from observations, and the battery as it is
packed into visits. So what is measured here is measured on the very lines that a real server gets.
"""

from collections.abc import Iterator
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


def battery_visit(
    program: Program,
    visit: PlannedVisit,
    subject: Subject,
    *,
    at: float,
    refuses_ranges: bool = False,
    transport: Transport = Transport.TCP,
) -> Visited:
    """Make one visit of the battery, its connections ten seconds apart.

    ``refuses_ranges`` is what the routine visit learned: connections then begin with a plain version.
    """
    found: list[Dialogue] = []
    for connection in visit.connections:
        plainly = refuses_ranges and connection.opening is Opening.RANGE
        opening = Opening.PLAIN if plainly else connection.opening
        dialogue, over = _connection(program, connection, opening, subject, at, transport)
        found.append(dialogue)
        at = over + BETWEEN_CONNECTIONS_S
    return Visited(dialogues=tuple(found), over_at=at, refuses_ranges=refuses_ranges)


def _connection(
    program: Program,
    connection: PlannedConnection,
    opening: Opening,
    subject: Subject,
    at: float,
    transport: Transport,
) -> tuple[Dialogue, float]:
    hello = handshake(opening, subject.client_name)
    messages = [] if hello is None else [Message(name=hello.name, sent=hello.line)]
    messages += [message for probe in connection.probes for message in _messages(probe, subject)]
    if any(probe.cost.may_close for probe in connection.probes) or opening is not Opening.BARE:
        messages.append(_PING)
    dialogue, over = drive(program, messages, at=at, transport=transport, origin=f"battery at {at:.0f}")
    return dialogue, over


def _messages(probe: BehaviourProbe, subject: Subject) -> Iterator[Message]:
    for place, step in enumerate(probe.steps(subject)):
        yield Message(name=_name(probe, step), sent=step.line, together=place > 0 and probe.in_flight > 1)


def _name(probe: BehaviourProbe, step: Step) -> str:
    return f"{probe.id}.{step.name}" if step.name else probe.id


def _routine() -> Iterator[Message]:
    first = True
    for probe, asked in ROUTINE.items():
        for nth, params in enumerate(asked.params or ((),)):
            line = encode_request(asked.first_id + nth, asked.method, params)
            yield Message(name=f"{probe}#{nth}", sent=line, together=not first)
            first = False


def _refused(dialogue: Dialogue) -> bool:
    """Whether the handshake with a range of versions was answered with an error, or not at all."""
    answer = b"".join(line.data for line in dialogue.exchanges[0].lines)
    return not answer or b'"error"' in answer
