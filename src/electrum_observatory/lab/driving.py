"""A client without a socket: puts lines to a program in world time and writes down the dialogue.

What takes a scanner minutes of waiting takes no time here, so thousands of visits can be made to simulated servers. The
client sends a line, waits for its answer and sends the next; what is sent ``together`` leaves in one breath, and its
answers are told apart by their ids.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from electrum_observatory.lab.personalities.base import Action, Close, Conversation, Program, Send
from electrum_observatory.model.dialogue import Dialogue, Exchange, Line
from electrum_observatory.model.endpoint import Transport
from electrum_observatory.model.observation import Json

QUIET_S = 0.05
"""How long the client listens on after its answers have come."""
PATIENCE_S = 2.5
"""How long it waits for them: longer than any program keeps an answer back."""
_MOST_WAKES = 10_000
_NEWS = b'"method"'
"""A notification names a method; no reply does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One line to send.

    Attributes:
        name: What its exchange is called.
        sent: Its bytes; the terminator is added where it is missing and the transport wants one.
        together: Leaves in one breath with the message before.
    """

    name: str
    sent: bytes
    together: bool = False


def request(request_id: Json, method: str, params: Sequence[Json] = (), *, name: str = "") -> Message:
    """Return the message of an ordinary request; it is called by its method unless a name is given."""
    line = {"jsonrpc": "2.0", "id": request_id, "method": method, "params": list(params)}
    return Message(name=name or method, sent=json.dumps(line, separators=(",", ":"), ensure_ascii=False).encode())


@dataclass(slots=True, kw_only=True)
class _Heard:
    """One exchange on its way."""

    message: Message
    sent: bytes
    at: float
    lines: list[Line] = field(default_factory=list)
    answered: bool = False
    closed: bool = False


def drive(
    program: Program,
    messages: Sequence[Message],
    *,
    at: float,
    transport: Transport = Transport.TCP,
    patience_s: float = PATIENCE_S,
    origin: str = "",
) -> tuple[Dialogue, float]:
    """Open a connection at a world time, put the messages, and return what was said and when it was over.

    The connection ends with the last message, or where the server closes it; messages after that were not sent and
    have no exchange.
    """
    client = _Client(program.connect(transport), transport, at, patience_s)
    for breath in _breaths(messages):
        if client.closed:
            break
        client.put(breath)
    return Dialogue(transport=transport, exchanges=tuple(client.exchanges()), origin=origin), client.now


def _breaths(messages: Sequence[Message]) -> list[list[Message]]:
    found: list[list[Message]] = []
    for message in messages:
        if message.together and found:
            found[-1].append(message)
        else:
            found.append([message])
    return found


class _Client:
    def __init__(self, conversation: Conversation, transport: Transport, at: float, patience_s: float) -> None:
        self._conversation = conversation
        self._framed = transport in (Transport.WS, Transport.WSS)
        self._patience = patience_s
        self._buffer = b""
        self._all: list[_Heard] = []
        self._waiting: list[_Heard] = []
        self.now = at
        self.closed = False

    def put(self, breath: Sequence[Message]) -> None:
        """Send lines and listen until all their answers have come and all is quiet."""
        self._waiting = [_Heard(message=one, sent=self._framed_line(one.sent), at=self.now) for one in breath]
        for heard in self._waiting:
            if not self.closed:
                self._all.append(heard)
                self._take(self._conversation.receive(heard.sent, self.now))
        self._listen(self.now + self._patience)

    def _listen(self, until: float) -> None:
        for _ in range(_MOST_WAKES):
            if all(heard.answered for heard in self._waiting):
                until = min(until, self.now + QUIET_S)
            wake = self._conversation.next_wake
            if self.closed or wake is None or wake > until:
                break
            self.now = max(self.now, wake)
            self._take(self._conversation.wake(self.now))
        self.now = until

    def exchanges(self) -> Iterator[Exchange]:
        """Yield what was heard, in order of sending."""
        for position, one in enumerate(self._all):
            later = any(other.lines for other in self._all[position + 1 :])
            alive = True if later else (False if self.closed else None)
            yield Exchange(
                name=one.message.name, sent=one.sent, lines=tuple(one.lines), closed=one.closed, alive_after=alive
            )

    def _framed_line(self, sent: bytes) -> bytes:
        return sent if self._framed or sent.endswith(b"\n") else sent + b"\n"

    def _take(self, actions: Sequence[Action]) -> None:
        for action in actions:
            match action:
                case Send(data=data) if self._framed:
                    self._hear(data)
                case Send(data=data):
                    *whole, self._buffer = (self._buffer + data).split(b"\n")
                    for line in whole:
                        self._hear(line + b"\n")
                case Close():
                    self.closed = self._all[-1].closed = True

    def _hear(self, data: bytes) -> None:
        heard = self._answered_by(data)
        heard.lines.append(Line(data=data, after_ms=(self.now - heard.at) * 1000))
        if _NEWS not in data:
            heard.answered = True

    def _answered_by(self, data: bytes) -> _Heard:
        """Return what a line answers: the only thing that was asked, or what has its id; the last one otherwise."""
        if len(self._waiting) > 1:
            wanted = _id(data)
            for heard in self._waiting:
                if not heard.answered and _id(heard.sent) == wanted:
                    return heard
        return self._all[-1]


def _id(line: bytes) -> Json:
    try:
        value = json.loads(line)
    except ValueError:
        return None
    return value.get("id") if isinstance(value, dict) else None
