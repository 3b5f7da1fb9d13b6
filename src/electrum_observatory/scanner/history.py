"""What earlier campaigns of a data folder asked, and when: nobody is asked twice within minutes, and the dead rest.

What rests is a socket, whatever it is called (see ``streaks``): anybody can make up one more name for it.
Pure: whoever holds the store hands in the dials. The pauses double as ElectrumX's own do between tries of a peer
(``WAKEUP_SECS * 2 ** try_count`` with 300 s in its peers.py).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Self

from electrum_observatory.model.endpoint import Endpoint
from electrum_observatory.model.failure import Failure, FailureKind, Stage
from electrum_observatory.scanner.budget import machine_key
from electrum_observatory.scanner.config import Budgets
from electrum_observatory.scanner.streaks import Streak, Streaks

LONGEST_MEMORY_S = 7 * 86_400.0
"""Older dials decide nothing: every pause is shorter, and who failed for a week has reached the longest."""

_MOST_DOUBLINGS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class PastDial:
    """One dial of an earlier campaign, or the handshake after one.

    Attributes:
        endpoint: Who was dialled.
        at_us: When; UTC microseconds.
        failure: How it failed; None where a connection came about, or the handshake was answered.
        is_handshake: Which of the two.
    """

    endpoint: Endpoint
    at_us: int
    failure: Failure | None
    is_handshake: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Rest:
    """Why an endpoint is left alone for now.

    Attributes:
        kind: too_soon or backed_off.
        until_us: From when it may be dialled; UTC microseconds.
        failures: Dials or handshakes in a row that failed.
    """

    kind: FailureKind
    until_us: int
    failures: int = 0

    @property
    def words(self) -> str:
        """One line for a person."""
        until = datetime.fromtimestamp(self.until_us / 1e6, tz=UTC)
        why = f"{self.failures} failed in a row; " if self.failures else ""
        return f"{why}may be asked from {until:%Y-%m-%dT%H:%M:%SZ}"


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """What failed last, and the last dial of each machine."""

    _streaks: Streaks = field(default_factory=Streaks)
    _machines: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, dials: Iterable[PastDial]) -> Self:
        """Take dials in the order in which they were made."""
        streaks = Streaks()
        machines: dict[str, int] = {}
        for one in dials:
            if not _was_tried(one.failure):
                continue
            if one.failure is None and not one.is_handshake:
                streaks.connected(one.endpoint)
            else:
                streaks.note(one.endpoint, one.failure, at_us=one.at_us)
            machine = machine_key(one.endpoint)
            machines[machine] = max(machines.get(machine, 0), one.at_us)
        return cls(_streaks=streaks, _machines=machines)

    @property
    def visits(self) -> Mapping[str, int]:
        """The last dial of each machine; UTC microseconds."""
        return self._machines

    def with_visits(self, visits: Mapping[str, int]) -> Self:
        """Return it with further visits, machine to UTC microseconds, of which only the time is known."""
        machines = dict(self._machines)
        for machine, at_us in visits.items():
            machines[machine] = max(at_us, machines.get(machine, 0))
        return replace(self, _machines=machines)

    def rest(self, endpoint: Endpoint, *, now_us: int, budgets: Budgets) -> Rest | None:
        """Return why an endpoint must not be dialled now, or None. A clock that was set back lengthens no pause."""
        if not self._machines:
            return None
        pauses = (_pause(streak, now_us, budgets) for streak in self._streaks.at(endpoint))
        longest = max(pauses, key=lambda rest: rest.until_us, default=None)
        if longest is not None and longest.until_us > now_us:
            return longest
        last_at_us = self._machines.get(machine_key(endpoint))
        if last_at_us is not None:
            until_us = _after(last_at_us, now_us, budgets.revisit_s)
            if until_us > now_us:
                return Rest(kind=FailureKind.TOO_SOON, until_us=until_us)
        return None

    def last_dial_us(self, endpoint: Endpoint) -> int:
        """Return when other campaigns last dialled the endpoint's machine; 0 where they did not."""
        return self._machines.get(machine_key(endpoint), 0)


def _was_tried(failure: Failure | None) -> bool:
    """Whether a packet may have left: not where a name did not resolve or a rule of ours forbade it."""
    return failure is None or failure.stage not in (Stage.POLICY, Stage.RESOLVE)


def _pause(streak: Streak, now_us: int, budgets: Budgets) -> Rest:
    doublings = min(streak.failures, _MOST_DOUBLINGS)
    pause_s = min(budgets.backoff_s * 2**doublings, budgets.longest_backoff_s)
    until_us = _after(streak.last_at_us, now_us, pause_s)
    return Rest(kind=FailureKind.BACKED_OFF, until_us=until_us, failures=streak.failures)


def _after(at_us: int, now_us: int, seconds: float) -> int:
    return min(at_us, now_us) + round(seconds * 1e6)
