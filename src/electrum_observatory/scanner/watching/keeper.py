"""Whom a held server tells what it hears."""

from typing import TYPE_CHECKING, Protocol

from electrum_observatory.model.failure import Failure
from electrum_observatory.net.connection import ReceivedLine
from electrum_observatory.scanner.watching.tips import Tip

if TYPE_CHECKING:
    from electrum_observatory.scanner.watching.held import HeldServer


class Keeper(Protocol):
    """Called from the event loop, never awaited."""

    def proved(self, held: "HeldServer") -> None:
        """It has shaken hands, serves the expected network, and told its tip."""

    def heard(self, held: "HeldServer", line: ReceivedLine) -> None:
        """It sent a line, whatever it says."""

    def told(self, held: "HeldServer", tip: Tip, line: ReceivedLine, *, first: bool) -> None:
        """It told of a tip: in reply to the subscription where ``first``, else by itself."""

    def ended(self, held: "HeldServer", failure: Failure) -> None:
        """It is over; called once, except after its ``drop``."""
