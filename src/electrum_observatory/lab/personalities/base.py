"""What a personality is: one real program's side of a conversation, without I/O and without a clock of its own."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from electrum_observatory.lab.state import ServerState
from electrum_observatory.model.endpoint import Transport


@dataclass(frozen=True, slots=True, kw_only=True)
class Send:
    """Bytes for the wire: whole lines with terminator and padding; on WebSocket, the text of one message."""

    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Close:
    """The server ends the connection, after what was sent before."""


Action: TypeAlias = Send | Close
StateSource: TypeAlias = Callable[[float], ServerState]
"""World time in seconds to the server's state then."""


class Conversation(Protocol):
    """One connection, seen from the server. Times are monotonic seconds of the world, never going back."""

    def receive(self, line: bytes, at: float) -> Sequence[Action]:
        """Take one line (terminator included; a WebSocket message has none) and say what happens now."""

    def wake(self, at: float) -> Sequence[Action]:
        """Say what happens now that ``next_wake`` has come (a padding delay has run out, …)."""

    @property
    def next_wake(self) -> float | None:
        """When the program will act by itself; None while it waits for the client."""


class Program(Protocol):
    """One running server process: what its connections share (caches, refresh phases) lives here."""

    def connect(self, transport: Transport) -> Conversation:
        """Open one connection."""


class Personality(Protocol):
    """One program, in one version range.

    Attributes:
        id: Stable name as world files give it ("electrumx_1_20").
        implementation: The program it is a version of ("electrumx"), as the truth of a world names it.
        default_version: The version it calls itself unless the world file gives another of its range.
        checkout: Where it is an unreleased state of the source: the day of the commit from which it behaves so
            (ISO 8601). None for releases.
    """

    @property
    def id(self) -> str: ...  # noqa: D102
    @property
    def implementation(self) -> str: ...  # noqa: D102
    @property
    def checkout(self) -> str | None: ...  # noqa: D102
    @property
    def default_version(self) -> str: ...  # noqa: D102

    def start(self, *, version: str, state: StateSource, started_at: float, rng: random.Random) -> Program:
        """Start one server process of this version at a world time; its cache phases come from ``rng``."""
