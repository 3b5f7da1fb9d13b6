"""What earlier campaigns of a data folder asked, and when: nobody is asked twice within minutes, and the dead rest.

Pure: whoever holds the store hands in the dials. The pauses double as ElectrumX's own do between tries of a peer
(``WAKEUP_SECS * 2 ** try_count`` with 300 s in its peers.py).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Self

from electrum_observatory.model.endpoint import Endpoint
from electrum_observatory.model.failure import Failure, FailureKind, Side, Stage
from electrum_observatory.scanner.budget import machine_key
from electrum_observatory.scanner.config import Budgets

LONGEST_MEMORY_S = 7 * 86_400.0
"""Older dials decide nothing: every pause is shorter, and who failed for a week has reached the longest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PastDial:
    """One dial of an earlier campaign.

    Attributes:
        endpoint: Who was dialled.
        at_us: When; UTC microseconds.
        failure: How it failed; None where a connection came about.
    """

    endpoint: Endpoint
    at_us: int
    failure: Failure | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rest:
    """Why an endpoint is left alone for now.

    Attributes:
        kind: too_soon or backed_off.
        until_us: From when it may be dialled; UTC microseconds.
        failures: Dials in a row that failed.
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


@dataclass(slots=True, kw_only=True)
class _Record:
    last_at_us: int
    failures: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """The last dial of each endpoint and of each machine."""

    _endpoints: Mapping[str, _Record] = field(default_factory=dict)
    _machines: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, dials: Iterable[PastDial]) -> Self:
        """Take dials in the order in which they were made."""
        endpoints: dict[str, _Record] = {}
        machines: dict[str, int] = {}
        for one in dials:
            if not _was_tried(one.failure):
                continue
            record = endpoints.setdefault(one.endpoint.canonical, _Record(last_at_us=one.at_us))
            record.last_at_us = max(record.last_at_us, one.at_us)
            record.failures = _in_a_row(record.failures, one.failure)
            machine = machine_key(one.endpoint)
            machines[machine] = max(machines.get(machine, 0), one.at_us)
        return cls(_endpoints=endpoints, _machines=machines)

    def rest(self, endpoint: Endpoint, *, now_us: int, budgets: Budgets) -> Rest | None:
        """Return why an endpoint must not be dialled now, or None. A clock that was set back lengthens no pause."""
        if not self._machines:
            return None
        record = self._endpoints.get(endpoint.canonical)
        if record is not None and record.failures:
            pause_s = min(budgets.backoff_s * 2**record.failures, budgets.longest_backoff_s)
            until_us = _after(record.last_at_us, now_us, pause_s)
            if until_us > now_us:
                return Rest(kind=FailureKind.BACKED_OFF, until_us=until_us, failures=record.failures)
        last_at_us = self._machines.get(machine_key(endpoint))
        if last_at_us is not None:
            until_us = _after(last_at_us, now_us, budgets.revisit_s)
            if until_us > now_us:
                return Rest(kind=FailureKind.TOO_SOON, until_us=until_us)
        return None


def _was_tried(failure: Failure | None) -> bool:
    """Whether a packet may have left: not where a name did not resolve or a rule of ours forbade it."""
    return failure is None or failure.stage not in (Stage.POLICY, Stage.RESOLVE)


def _in_a_row(failures: int, failure: Failure | None) -> int:
    """Count a dial. Trouble of ours, a missing route among it, says nothing about the host."""
    if failure is None:
        return 0
    ours = failure.kind.side is Side.OURS or failure.kind is FailureKind.NETWORK_UNREACHABLE
    return failures if ours else min(failures + 1, 30)


def _after(at_us: int, now_us: int, seconds: float) -> int:
    return min(at_us, now_us) + round(seconds * 1e6)
