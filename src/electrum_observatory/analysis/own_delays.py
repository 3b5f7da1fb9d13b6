"""Which waits are the program's own: ElectrumX ≥ 1.18 keeps replies back, so that their timing tells a listener less.

It sends what it holds once a second has passed since it last sent (spesmilo/electrumx ``server/transport.py``
PaddedRSTransport); from 1.19 on, replies leave at once until the session has been sent 1024 bytes of content. Such a
reply is padded with spaces, and only beside padding is a second called the program's (traps T1 and T2).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from electrum_observatory.protocol.dialect import unpad

RHYTHM_MS = 1000.0
_SLACK_MS = 150.0
"""A reply may come early by the time since the last one was sent, and late by the way and a busy machine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnDelay:
    """What of an endpoint's waiting is its program's.

    Attributes:
        padded: Whether a reply was padded; None where no reply's bytes were kept.
        kept_back: How many round trips lasted the program's second.
        free_ms: The other round trips, in order: those that tell of the way.
    """

    padded: bool | None
    kept_back: int
    free_ms: tuple[float, ...]

    @property
    def words(self) -> str:
        """What a person should know; "" where there is nothing to say."""
        if not self.kept_back:
            return "pads; answered at once" if self.padded else ""
        if not self.free_ms:
            return "all replies kept back a second by the program: no distance, no load"
        return f"{self.kept_back} replies kept back a second by the program"


def own_delay(round_trips_ms: Sequence[float], lines: Sequence[bytes]) -> OwnDelay:
    """Part the program's seconds from the round trips of one endpoint.

    Args:
        round_trips_ms: From sending to the last byte of the reply.
        lines: Any replies of that endpoint, padding included.
    """
    padded = any(unpad(line).pad_at is not None for line in lines) if lines else None
    free = tuple(time for time in round_trips_ms if not (padded and abs(time - RHYTHM_MS) <= _SLACK_MS))
    return OwnDelay(padded=padded, kept_back=len(round_trips_ms) - len(free), free_ms=free)
