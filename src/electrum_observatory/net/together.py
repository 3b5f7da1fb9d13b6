"""What all open connections have brought together: many servers that each keep to their caps may fill a memory, too.

Where it becomes too much, whoever brought most is dropped first. An honest server brings some ten kilobytes in a visit
and is never the one.
"""

from typing import Protocol

from electrum_observatory.model.failure import FailureKind

SPARED_BYTES = 500_000
"""Whoever has brought no more than this is not dropped for what others brought: no honest visit comes near it."""


class Bringer(Protocol):
    """A connection, as far as it can be dropped."""

    def drop(self, kind: FailureKind, detail: str) -> None:
        """End the connection with this failure, and :meth:`Together.leave`."""


class Together:
    """The sum over the open connections of one dialler."""

    def __init__(self, max_bytes: int) -> None:
        """Take how much all may have brought."""
        self._max = max_bytes
        self._brought: dict[Bringer, int] = {}
        self._sum = 0

    @property
    def total(self) -> int:
        """Bytes that the open connections have brought."""
        return self._sum

    def add(self, who: Bringer, size: int) -> None:
        """Count bytes of a connection; drop connections, this one perhaps, while they are too many together."""
        self._brought[who] = self._brought.get(who, 0) + size
        self._sum += size
        while self._sum > self._max:
            most = max(self._brought, key=self._brought.__getitem__)
            if self._brought[most] <= SPARED_BYTES:
                return
            detail = f"the most of all, {self._brought[most]}, when open connections had brought {self._max} together"
            most.drop(FailureKind.TOO_MANY_BYTES, detail)
            self.leave(most)

    def leave(self, who: Bringer) -> None:
        """Forget a connection that is over."""
        self._sum -= self._brought.pop(who, 0)
