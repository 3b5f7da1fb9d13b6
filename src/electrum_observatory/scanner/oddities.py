"""The first few lines of a conversation that answered no request, or that the strict parser refused, as witnesses."""

from dataclasses import dataclass, field, replace

from electrum_observatory.model.observation import Witness, WitnessKind
from electrum_observatory.net.connection import ReceivedLine
from electrum_observatory.protocol.messages import Unintelligible

_MOST_LINES = 8
_MOST_BYTES = 2_000_000  # room for one of the longest lines that we take, not for eight
_KEPT_UNREAD_BYTES = 65_536  # what cannot be read says no more by its length


@dataclass(slots=True)
class Oddities:
    """Keeps them up to a number and a size.

    Attributes:
        kept: In the order in which they came.
    """

    kept: list[Witness] = field(default_factory=list)
    _bytes: int = 0

    def note(self, label: str, line: ReceivedLine) -> None:
        """Keep a line, where there is room."""
        if len(self.kept) >= _MOST_LINES or self._bytes + len(line.data) > _MOST_BYTES:
            return
        self._bytes += len(line.data)
        self.kept.append(
            Witness(
                kind=WitnessKind.REPLY,
                data=line.data,
                label=label,
                received_monotonic_ns=line.received_monotonic_ns,
            )
        )

    def note_unread(self, message: Unintelligible, line: ReceivedLine) -> None:
        """Keep a line that is no message; of a long one that is not even JSON the beginning."""
        if message.is_json or len(line.data) <= _KEPT_UNREAD_BYTES:
            self.note("unintelligible", line)
        else:
            self.note("unintelligible, its beginning", replace(line, data=line.data[:_KEPT_UNREAD_BYTES]))
