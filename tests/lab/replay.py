"""Replays a recorded conversation against a personality, in world time: nothing waits, nothing is measured.

The recorder sent each step once the server had been quiet for a while, and the first step after a handshake group as
soon as that was answered; the replay keeps the same rhythm.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from electrum_observatory.lab.personalities.base import Action, Close, Conversation, Send
from tests.lab.recorded_servers import RecordedProbe

QUIET_SECONDS = 0.35
"""How long the recorder listened after the last bytes of an answer (1.18 answers 1.0 s after its last packet, and was
recorded to answer 0.65 s after the next request)."""
SILENT_SECONDS = 2.0
"""How long it listened where nothing came."""
PATIENCE_SECONDS = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayedStep:
    """What a personality sent in one step: ``(seconds after the send, bytes)`` per packet."""

    received: tuple[tuple[float, bytes], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayedProbe:
    """What came of one connection."""

    steps: tuple[ReplayedStep, ...]
    closed_by_server: bool


class _Listener:
    def __init__(self, conversation: Conversation) -> None:
        self.conversation = conversation
        self.packets: list[tuple[float, bytes]] = []
        self.closed = False

    def note(self, actions: Sequence[Action], at: float) -> None:
        for action in actions:
            assert not self.closed, f"{action} after the connection was closed"
            match action:
                case Send(data=data):
                    self.packets.append((at, data))
                case Close():
                    self.closed = True

    def listen(self, at: float, quiet: float) -> float:
        """Let time pass until the server has been quiet for so long; return when."""
        until = at + SILENT_SECONDS
        if self.packets:
            until = self.packets[-1][0] + quiet
        while (wake := self.conversation.next_wake) is not None and wake <= until:
            assert wake < at + PATIENCE_SECONDS
            before = len(self.packets)
            self.note(self.conversation.wake(wake), wake)
            if len(self.packets) > before:
                until = wake + quiet
        return until


def replay(probe: RecordedProbe, conversation: Conversation, began_at: float) -> ReplayedProbe:
    """Send what the recorder sent, when it would have."""
    listener = _Listener(conversation)
    steps: list[ReplayedStep] = []
    now, unfinished = began_at, b""
    for position, step in enumerate(probe.steps):
        listener.packets = []
        *lines, unfinished = (unfinished + step.send).split(b"\n")
        for line in lines:
            if not listener.closed:
                listener.note(conversation.receive(line + b"\n", now), now)
        handshake = position == 0 and not probe.begins_connection
        sent_at, now = now, listener.listen(now, 0.0 if handshake else QUIET_SECONDS)
        steps.append(ReplayedStep(received=tuple((at - sent_at, data) for at, data in listener.packets)))
    return ReplayedProbe(steps=tuple(steps), closed_by_server=listener.closed)
