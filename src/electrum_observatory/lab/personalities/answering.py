"""The frame of the small programs: one line in, one line out at once, and a word when a block comes.

Four programs that are made for one person or as an experiment share it: Electrum Personal Server, bwt, Floresta and
Frigate. Each says for itself how it reads, answers and hangs up.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence

from electrum_observatory.lab.personalities.base import Action, Close, Send, StateSource
from electrum_observatory.lab.personalities.tip_watch import TipWatch
from electrum_observatory.lab.state import NodeState
from electrum_observatory.model.observation import Json

MAX_HEADERS = 2016


class HangUpError(Exception):
    """The program's handler fails as a whole, and with it the connection."""


class Answering(ABC):
    """One connection of such a program."""

    def __init__(self, state: StateSource) -> None:
        """Take what the world says of this server."""
        self.tips = TipWatch(state)
        self._gone = False

    @abstractmethod
    def answer(self, line: bytes, at: float) -> Json | None:
        """Return what one line gets; None for no reply. Raises HangUpError."""

    @abstractmethod
    def write(self, message: Json) -> bytes:
        """Write a message as the program's JSON library does."""

    def receive(self, line: bytes, at: float) -> Sequence[Action]:
        """Take one line."""
        if self._gone:
            return []
        try:
            reply = self.answer(line, at)
        except HangUpError:
            self._gone = True
            return [Close()]
        return [] if reply is None else [self._send(reply)]

    def wake(self, at: float) -> Sequence[Action]:
        """Tell a new block."""
        node = None if self._gone else self.tips.news(at)
        return [] if node is None else [self._send(self.notification(node))]

    @property
    def next_wake(self) -> float | None:
        """When the next block is told."""
        return None if self._gone else self.tips.due

    def notification(self, node: NodeState) -> Json:
        """What tells a new block."""
        return {"jsonrpc": "2.0", "method": "blockchain.headers.subscribe", "params": [tip(node)]}

    def _send(self, message: Json) -> Send:
        return Send(data=self.write(message) + b"\n")


def tip(node: NodeState) -> dict[str, Json]:
    """The tip as a headers subscription tells it; the writer may sort its keys."""
    return {"height": node.height, "hex": node.header(node.height).hex()}


def headers_from(node: NodeState, start: int, count: int) -> list[str]:
    """Return up to ``count`` headers as far as the chain goes, in hex."""
    return [node.header(height).hex() for height in range(start, min(start + count, node.height + 1))]
