"""From dialogues to answers: who was asked what, when, and what came back.

Only ordinary requests are read (a method, a list of parameters, an id); what tests a server's manners is no answer to
a question. Replies are matched by id, over the whole connection, since pipelined replies overtake each other.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from electrum_observatory.analysis.truth.finding import Quote
from electrum_observatory.datasets.dialogues import dialogues_of
from electrum_observatory.model.dialogue import Dialogue, Exchange
from electrum_observatory.model.observation import Json, Observation
from electrum_observatory.protocol.messages import Reply, RpcError, decode_server_message
from electrum_observatory.protocol.requests import ClientRequest, decode_client_message

_MICROSECONDS = 1_000_000
_UNREAD = frozenset({"server.peers.subscribe"})
"""Whose results no test reads: long lists of other servers. Their errors are read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """One connection to a server, and when it was.

    Attributes:
        server: Whom we asked, by the caller's own naming: endpoint or machine.
        visit: Tells this visit from the server's others.
        at_s: When it began, seconds of UTC; None where that is not known.
        dialogue: What was said.
        clock: Whose clock said so: moments are compared only by one clock. Two campaigns may run on two machines.
    """

    server: str
    visit: str
    at_s: float | None
    dialogue: Dialogue
    clock: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One question that was answered.

    Attributes:
        server: See :class:`Heard`.
        visit: See :class:`Heard`.
        at_s: See :class:`Heard`.
        connection: Tells the connections of one visit apart.
        place: Its place among the questions of its connection.
        method: What was asked.
        params: With which parameters.
        result: The result; None for JSON null and for errors.
        error: The error reply; None for a result.
        sent: The request as it left.
        quote: The reply.
        clock: See :class:`Heard`.
    """

    server: str
    visit: str
    at_s: float | None
    connection: str
    place: int
    method: str
    params: tuple[Json, ...]
    result: Json
    error: RpcError | None
    sent: bytes
    quote: Quote
    clock: str = ""


def read_answers(heard: Iterable[Heard]) -> tuple[Answer, ...]:
    """Return every answer that a test reads, in the order of the connections and of what was asked on them.

    A campaign's answers are held together, so lines that many say alike are kept once.
    """
    said: dict[bytes, bytes] = {}
    return tuple(
        answer
        for number, one in enumerate(heard)
        for answer in _answers(one, f"{one.visit}/{number}", said)
        if answer.error is not None or answer.method not in _UNREAD
    )


def heard_of(observations: Sequence[Observation], *, server: str, client_name: str) -> tuple[Heard, ...]:
    """Return the connections to one endpoint in one campaign, with the time of each visit."""
    return tuple(
        Heard(
            server=server,
            visit=f"{visit[0].campaign_id}#{number}",
            at_s=_began_at(visit),
            dialogue=dialogue,
            clock=visit[0].campaign_id,
        )
        for number, visit in _visits(observations)
        for dialogue in dialogues_of(visit, client_name=client_name)
    )


def _visits(observations: Sequence[Observation]) -> Iterator[tuple[int, list[Observation]]]:
    """Part the observations by the number of the visit; 0 is the routine one, which states none."""
    visits: dict[int, list[Observation]] = {}
    for one in observations:
        number = (one.attempt.result or {}).get("visit")
        visits.setdefault(number if isinstance(number, int) else 0, []).append(one)
    yield from sorted(visits.items())


def _began_at(observations: Sequence[Observation]) -> float | None:
    times = [one.started_at_us for one in observations if one.started_at_us is not None]
    return min(times) / _MICROSECONDS if times else None


def _answers(heard: Heard, connection: str, said: dict[bytes, bytes]) -> Iterator[Answer]:
    replies = _replies(heard.dialogue)
    for place, exchange in enumerate(heard.dialogue.exchanges):
        request = _ordinary(exchange)
        if request is None or request.method is None or str(request.request_id) not in replies:
            continue
        name, reply = replies[str(request.request_id)]
        yield Answer(
            server=heard.server,
            visit=heard.visit,
            at_s=heard.at_s,
            connection=connection,
            place=place,
            method=request.method,
            params=tuple(request.params or ()),
            result=reply.result,
            error=reply.error,
            sent=said.setdefault(exchange.sent, exchange.sent),
            quote=Quote(server=heard.server, exchange=name, line=said.setdefault(reply.line, reply.line)),
            clock=heard.clock,
        )


def _replies(dialogue: Dialogue) -> dict[str, tuple[str, Reply]]:
    """Return id to reply; an id that was answered twice counts for nothing, since its owner is in doubt."""
    found: dict[str, tuple[str, Reply]] = {}
    doubtful: set[str] = set()
    for exchange in dialogue.exchanges:
        for line in exchange.lines:
            message = decode_server_message(line.data)
            if isinstance(message, Reply) and message.request_id is not None:
                key = str(message.request_id)
                if key in found:
                    doubtful.add(key)
                found[key] = (exchange.name, message)
    return {key: value for key, value in found.items() if key not in doubtful}


def _ordinary(exchange: Exchange) -> ClientRequest | None:
    """Return the request of an exchange that asks one thing in the ordinary way."""
    line = exchange.sent.rstrip(b"\r\n")
    if not line or b"\n" in line:
        return None
    message = decode_client_message(line)
    if not isinstance(message, ClientRequest) or not isinstance(message.params, list | None):
        return None
    usual_id = isinstance(message.request_id, int | str) and not isinstance(message.request_id, bool)
    return message if usual_id else None
