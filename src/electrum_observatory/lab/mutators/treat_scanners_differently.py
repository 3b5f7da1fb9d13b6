"""Lies to wallets and is honest to everybody else, scanners first of all."""

import itertools
from collections.abc import Sequence

from electrum_observatory.lab.chance import uniform
from electrum_observatory.lab.mutators.base import Mutator, MutatorKind, Place, Question, Visit
from electrum_observatory.lab.mutators.handwriting import read
from electrum_observatory.lab.personalities.base import Action, Conversation, Program
from electrum_observatory.model.endpoint import Transport

_WALLETS = ("electrum/",)


class TreatScannersDifferently(Mutator):
    """Marks a server whose other modifications are for wallets only; see :class:`ByClient`."""


class ByClient:
    """Two programs alike, one of them honest: the first line of a client decides which of them it meets."""

    def __init__(self, honest: Program, lying: Program, place: Place) -> None:
        """Take both, and the share of the wallets that are lied to."""
        self._honest = honest
        self._lying = lying
        self._place = place
        self._numbers = itertools.count()

    def connect(self, transport: Transport) -> Conversation:
        """Open one connection; who serves it is decided at its first line."""
        return _Undecided(self, transport, next(self._numbers))

    def program_for(self, line: bytes, number: int) -> Program:
        """Return the program for a client that begins with this line."""
        lied_to = uniform(self._place.seed, "wallet", self._place.machine, number) < self._place.dose
        return self._lying if lied_to and _client(line).lower().startswith(_WALLETS) else self._honest


class _Undecided:
    def __init__(self, programs: ByClient, transport: Transport, number: int) -> None:
        self._programs = programs
        self._transport = transport
        self._number = number
        self._conversation: Conversation | None = None

    def receive(self, line: bytes, at: float) -> Sequence[Action]:
        """See ``Conversation``."""
        if self._conversation is None:
            self._conversation = self._programs.program_for(line, self._number).connect(self._transport)
        return self._conversation.receive(line, at)

    def wake(self, at: float) -> Sequence[Action]:
        """See ``Conversation``."""
        return [] if self._conversation is None else self._conversation.wake(at)

    @property
    def next_wake(self) -> float | None:
        """See ``Conversation``."""
        return None if self._conversation is None else self._conversation.next_wake


def _client(line: bytes) -> str:
    try:
        asked = read(line)
    except ValueError:
        return ""
    visit = Visit(number=0)
    if isinstance(asked, dict) and isinstance(asked.get("params"), list):
        method = str(asked.get("method"))
        visit.note(Question(request_id=None, method=method, params=asked["params"], line=line, at=0.0))
    return visit.client


KIND = MutatorKind(
    id="treat_scanners_differently",
    summary="Keeps the machine's other modifications for clients that call themselves Electrum wallets; "
    "where there are no others, doubles the fees it tells them.",
    dose_is="Share of the wallets' connections that are treated so.",
    make=TreatScannersDifferently,
)
