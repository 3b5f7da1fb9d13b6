"""The wrapper: a program whose questions and answers pass through mutators, on the same border as the program."""

import itertools
import json
from collections import deque
from collections.abc import Iterator, Sequence

from electrum_observatory.lab.mutators.base import Mutator, Question, Visit
from electrum_observatory.lab.mutators.handwriting import Packet, hand_of, read, unpack
from electrum_observatory.lab.personalities.base import Action, Conversation, Program, Send
from electrum_observatory.lab.personalities.tip_watch import soonest
from electrum_observatory.model.endpoint import Transport
from electrum_observatory.model.observation import Json


class MutatedProgram:
    """A server process behind mutators; the first of them stands nearest to the program."""

    def __init__(self, program: Program, mutators: Sequence[Mutator]) -> None:
        self._program = program
        self._mutators = tuple(mutators)
        self._numbers = itertools.count()

    def connect(self, transport: Transport) -> Conversation:
        """Open one connection."""
        framed = transport in (Transport.WS, Transport.WSS)
        visit = Visit(number=next(self._numbers))
        return MutatedConversation(self._program.connect(transport), self._mutators, visit, framed=framed)


class MutatedConversation:
    """One connection to it."""

    def __init__(self, inner: Conversation, mutators: Sequence[Mutator], visit: Visit, *, framed: bool) -> None:
        self._inner = inner
        self._mutators = mutators
        self._visit = visit
        self._framed = framed
        self._asked: dict[str, Question] = {}
        self._held: deque[tuple[float, Question]] = deque()

    def receive(self, line: bytes, at: float) -> Sequence[Action]:
        """Take one line: it reaches the program now, or later where a mutator holds it or what came before it."""
        question = _question(line, at)
        self._visit.note(question)
        wait = sum(mutator.delay_s(question, self._visit) for mutator in self._mutators)
        if wait or self._held:
            due = max(at + wait, self._held[-1][0] if self._held else at)
            self._held.append((due, question))
            return self._due(at)
        return self._put(question, at)

    def wake(self, at: float) -> Sequence[Action]:
        """Let the program do what is due, and hand it what was held."""
        actions = self._due(at)
        due = self._inner.next_wake
        return [*actions, *self._altered(self._inner.wake(at))] if due is not None and due <= at else actions

    @property
    def next_wake(self) -> float | None:
        """When the program, or a line that is held, is due."""
        return soonest(self._inner.next_wake, self._held[0][0] if self._held else None)

    def _due(self, at: float) -> list[Action]:
        actions: list[Action] = []
        while self._held and self._held[0][0] <= at:
            actions += self._put(self._held.popleft()[1], at)
        return actions

    def _put(self, question: Question, at: float) -> list[Action]:
        if question.request_id is not None:
            self._asked[_key(question.request_id)] = question
        return self._altered(self._inner.receive(question.line, at))

    def _altered(self, actions: Sequence[Action]) -> list[Action]:
        found: list[Action] = []
        for action in actions:
            found += self._sent(action.data) if isinstance(action, Send) else [action]
        return found

    def _sent(self, data: bytes) -> Iterator[Send]:
        packet = unpack(data, framed=self._framed)
        lines = tuple(self._line(line) for line in packet.lines)
        if any(mutator.rewrites(self._visit) for mutator in self._mutators):
            end = b"" if self._framed else b"\n"
            yield from (Send(data=line + end) for line in lines)
        elif lines == packet.lines:
            yield Send(data=data)
        else:
            yield Send(data=Packet(lines=lines, terminator=packet.terminator, padded=packet.padded).written())

    def _line(self, line: bytes) -> bytes:
        line = self._answered(line)
        for mutator in self._mutators:
            line = mutator.text(line, self._visit)
        return line

    def _answered(self, line: bytes) -> bytes:
        """Let the mutators see a reply to a request; everything else passes."""
        reply = _object(line)
        question = self._asked.pop(_key(reply.get("id")), None) if "method" not in reply else None
        if question is None:
            return line
        altered = reply
        for mutator in self._mutators:
            altered = mutator.answer(question, altered, self._visit)
        return line if altered is reply else hand_of(line).write(altered)


def _question(line: bytes, at: float) -> Question:
    asked = _object(line)
    method, params = asked.get("method"), asked.get("params")
    return Question(
        request_id=asked.get("id"),
        method=method if isinstance(method, str) else "",
        params=params if isinstance(params, list) else (),
        line=line,
        at=at,
    )


def _object(line: bytes) -> dict[str, Json]:
    try:
        value = read(line)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _key(request_id: Json) -> str:
    """Return the same text for ids that a program may give back in another spelling (7 for 7.0)."""
    if isinstance(request_id, float) and request_id.is_integer():
        return str(int(request_id))
    return json.dumps(request_id)
