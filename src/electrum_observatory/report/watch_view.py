"""Availability as a page shows it: a row for each server, our own blind spells in words, the figures at the top."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from electrum_observatory.analysis.lifecycle.blind_time import blind_stretches
from electrum_observatory.analysis.lifecycle.presence import Presence
from electrum_observatory.analysis.lifecycle.stability import Stability
from electrum_observatory.analysis.lifecycle.uptime import Uptime
from electrum_observatory.model.watch import Blindness, BlindSpell
from electrum_observatory.report.watch_findings import WatchFindings

BLINDNESS = {
    Blindness.NOT_RUNNING: "no monitor ran: stopped, killed or rebooted",
    Blindness.SUSPENDED: "the monitor did not get to run: asleep, or far too busy",
    Blindness.NO_NETWORK: "nobody at all could be reached",
    Blindness.CLOCK_STEP: "the clock was set",
    Blindness.LATE: "a round was skipped, as the one before still ran",
}
_MINUTE_US, _HOUR_US, _DAY_US = 60_000_000, 3_600_000_000, 86_400_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerRow:
    """One server of a watch.

    Attributes:
        place: Its row of the uptime image, from 1.
        name: As people know it.
        endpoint_id: Its id.
        time: When it was there.
        steady: How steady its round trips were.
    """

    place: int
    name: str
    endpoint_id: str
    time: Uptime
    steady: Stability

    @property
    def interval(self) -> str | None:
        """The 95 % interval of its long-run share, in words."""
        low, high = self.time.low, self.time.high
        if low is None or high is None:
            return None
        return f"{100 * low:.1f} % or more" if high == 1.0 else f"{100 * low:.1f} to {100 * high:.1f} %"


@dataclass(frozen=True, slots=True, kw_only=True)
class Spells:
    """When it was we who saw nothing.

    Attributes:
        spells: Those within the window.
        total_us: Their length together, overlaps once; the setting of a clock takes no time.
        left_out: Rounds left out because of them.
    """

    spells: tuple[BlindSpell, ...]
    total_us: int
    left_out: int


def server_rows(found: WatchFindings) -> tuple[ServerRow, ...]:
    """Return the servers, those that were away most first, those never asked last."""
    place = {server: number for number, server in enumerate(found.order, start=1)}
    rows = [
        ServerRow(
            place=place[server],
            name=one.endpoint.service,
            endpoint_id=one.endpoint.endpoint_id,
            time=one,
            steady=steady,
        )
        for server, (one, steady) in enumerate(zip(found.times, found.steady, strict=True))
    ]
    return tuple(sorted(rows, key=lambda row: (2.0 if row.time.share is None else row.time.share, row.name)))


def spells_of(presence: Presence, spells: Sequence[BlindSpell], from_us: int, to_us: int) -> Spells:
    """Return the blind spells of a window, in order of time."""
    within = sorted(
        (one for one in spells if one.to_us >= from_us and one.from_us <= to_us), key=lambda one: one.from_us
    )
    stretches = blind_stretches(within)
    total = sum(max(0, min(end, to_us) - max(begin, from_us)) for begin, end in stretches)
    return Spells(spells=tuple(within), total_us=total, left_out=presence.left_out)


def lasting(microseconds: int) -> str:
    """Return a length of time in the unit that suits it."""
    if microseconds >= 2 * _DAY_US:
        return f"{microseconds / _DAY_US:.1f} days"
    if microseconds >= 2 * _HOUR_US:
        return f"{microseconds / _HOUR_US:.1f} h"
    return f"{microseconds / _MINUTE_US:.0f} min" if microseconds >= 2 * _MINUTE_US else f"{microseconds / 1e6:.0f} s"


def moment(at_us: int, span_us: int) -> str:
    """Return a time as a label of an axis that spans so much: no more of it than tells it from its neighbours."""
    at = datetime.fromtimestamp(at_us / 1e6, tz=UTC)
    if span_us >= 8 * _DAY_US:
        return f"{at.day} {at:%b %Y}"
    return f"{at:%H:%M:%S}" if span_us < 2 * _HOUR_US else f"{at.day} {at:%b %H:%M}"


def mean_share(times: Sequence[Uptime]) -> float | None:
    """Return the mean share of the servers that were asked; None where none was."""
    shares = [one.share for one in times if one.share is not None]
    return sum(shares) / len(shares) if shares else None
