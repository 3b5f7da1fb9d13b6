"""Who comes and who goes, by day, and how long servers stay: departures that our own gaps cannot have made up.

A server has gone when it has not answered for ``GONE_AFTER_DAYS`` of days on which it was asked: one that we stopped
asking, since it opted out or is listed no longer, has not gone. How long servers stay is Kaplan and Meier's estimate
(1958): those that are still there, and those that we stopped asking, count as "at least so long".
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from electrum_observatory.analysis.lifecycle.presence import Presence
from electrum_observatory.model.watch_ports import NOTHING, Numbers

GONE_AFTER_DAYS = 3
_DAY_US = 86_400_000_000

_Marks = NDArray[np.bool_]  # by day and server


@dataclass(frozen=True, slots=True, kw_only=True)
class DayOfChurn:
    """One UTC day.

    Attributes:
        day: ISO date.
        rounds: Rounds in which we could see; a day without any has no further numbers than zeros.
        present: Servers that answered at least once.
        appeared: Those that had never answered before; on the first day there is nothing to compare with: 0.
        returned: Those that had answered before, but not on the last day before on which they were asked.
        left: Those that answered for the last time, though asked on ``GONE_AFTER_DAYS`` later days or more.
        too_early: Whether less than ``GONE_AFTER_DAYS`` days of looking followed, so that nobody can be said to have
            left.
    """

    day: str
    rounds: int
    present: int
    appeared: int
    returned: int
    left: int
    too_early: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Stay:
    """How long servers stay.

    Attributes:
        days: Length of stay, days, rising.
        still_there: Estimated share of servers that stay longer.
        low: Lower end of its 95 % interval.
        high: Upper end.
        servers: How many it stands on.
        departures: How many of them were seen to leave; the others count as "at least so long", up to their last
            answer.
        median_days: The stay that half of them exceed; None where fewer than half were seen to leave.
    """

    days: tuple[float, ...]
    still_there: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    servers: int
    departures: int
    median_days: float | None


def churn(presence: Presence) -> tuple[DayOfChurn, ...]:
    """Count by day, for days with at least one round."""
    days, asked, seen = _by_day(presence)
    gone = _gone_after(asked, seen)
    found: list[DayOfChurn] = []
    silent = np.zeros(len(presence.endpoints), dtype=bool)  # when last asked before this day
    for place, day in enumerate(days):
        here, earlier = seen[place], seen[:place].any(axis=0)
        found.append(
            DayOfChurn(
                day=datetime.fromtimestamp(int(day) * 86_400, tz=UTC).date().isoformat(),
                rounds=int((presence.at_us // _DAY_US == day).sum()),
                present=int(here.sum()),
                appeared=int((here & ~earlier).sum()) if place else 0,
                returned=int((here & earlier & silent).sum()),
                left=int((gone == place).sum()),
                too_early=len(days) - place - 1 < GONE_AFTER_DAYS,
            )
        )
        silent = np.where(asked[place], ~here, silent)
    return tuple(found)


def stay(presence: Presence) -> Stay | None:
    """Estimate how long servers stay, from those that appeared while we watched; None where nobody did."""
    from scipy.stats import CensoredData, ecdf

    days, asked, seen = _by_day(presence)
    lengths, left = _stays(days, asked, seen)
    if not len(lengths):
        return None
    if not left.any():  # scipy needs somebody who left; without, all there is to say is that nobody did
        return Stay(days=(), still_there=(), low=(), high=(), servers=len(lengths), departures=0, median_days=None)
    survival = ecdf(CensoredData(uncensored=lengths[left], right=lengths[~left])).sf
    interval = survival.confidence_interval(method="log-log")
    shares = survival.probabilities
    below = np.flatnonzero(shares <= 0.5)
    return Stay(
        days=tuple(map(float, survival.quantiles)),
        still_there=tuple(map(float, shares)),
        low=_filled(interval.low.probabilities, shares),
        high=_filled(interval.high.probabilities, shares),
        servers=len(lengths),
        departures=int(left.sum()),
        median_days=float(survival.quantiles[below[0]]) if len(below) else None,
    )


def _by_day(presence: Presence) -> tuple[Sequence[int], _Marks, _Marks]:
    """Return the days on which we looked, who was asked on each, and who answered."""
    of_rounds = presence.at_us // _DAY_US
    days = np.unique(of_rounds)
    asked = np.zeros((len(days), len(presence.endpoints)), dtype=bool)
    seen = np.zeros_like(asked)
    for place, day in enumerate(days):
        asked[place] = presence.asked[of_rounds == day].any(axis=0)
        seen[place] = presence.up[of_rounds == day].any(axis=0)
    return [int(day) for day in days], asked, seen


def _gone_after(asked: _Marks, seen: _Marks) -> Numbers:
    """Return the day, by place, after which each server was gone; ``NOTHING`` where that cannot be said."""
    later = np.cumsum(seen[::-1], axis=0)[::-1] == 0  # days after its last answer
    gone = seen.any(axis=0) & ((asked & later).sum(axis=0) >= GONE_AFTER_DAYS)
    return np.where(gone, len(seen) - later.sum(axis=0) - 1, NOTHING)


def _stays(
    days: Sequence[int], asked: _Marks, seen: _Marks
) -> tuple[np.ndarray[tuple[int], np.dtype[np.float64]], NDArray[np.bool_]]:
    """Return how many days each server stayed that appeared after the first day, and whether it was seen to leave."""
    new = np.flatnonzero(seen.any(axis=0) & ~seen[0]) if len(days) else np.zeros(0, dtype=np.int64)
    places = (np.flatnonzero(seen[:, column]) for column in new)
    lengths = [days[found[-1]] - days[found[0]] + 1 for found in places]
    return np.array(lengths, dtype=float), _gone_after(asked, seen)[new] != NOTHING


def _filled(bounds: np.ndarray[tuple[int], np.dtype[np.float64]], shares: Sequence[float]) -> tuple[float, ...]:
    """Where a share is 0 or 1 the log-log interval is undefined: the bound is the share itself."""
    return tuple(float(share if np.isnan(bound) else bound) for bound, share in zip(bounds, shares, strict=True))
