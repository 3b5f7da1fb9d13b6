"""Who comes and who goes, by day, and how long servers stay: departures that our own gaps cannot have made up.

A server has gone when it has not answered for ``GONE_AFTER_DAYS`` of days on which we looked. How long servers stay is
Kaplan and Meier's estimate (1958): those that are still there count as "at least so long".
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from electrum_observatory.analysis.lifecycle.presence import Presence

GONE_AFTER_DAYS = 3
_DAY_US = 86_400_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class DayOfChurn:
    """One UTC day.

    Attributes:
        day: ISO date.
        rounds: Rounds in which we could see; a day without any has no further numbers than zeros.
        present: Servers that answered at least once.
        appeared: Those that had never answered before; on the first day there is nothing to compare with: 0.
        returned: Those that answered after a day or more of days on which we looked and they did not.
        left: Those that answered for the last time; 0 as long as it is too early to tell.
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
        departures: How many of them were seen to leave; the others count as "at least so long".
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
    days, seen = _seen_by_day(presence)
    found: list[DayOfChurn] = []
    for place, day in enumerate(days):
        here, earlier = seen[place], seen[:place].any(axis=0)
        yesterday = seen[place - 1] if place else here
        too_early = len(days) - place - 1 < GONE_AFTER_DAYS
        left = 0 if too_early else int((here & ~seen[place + 1 :].any(axis=0)).sum())
        found.append(
            DayOfChurn(
                day=datetime.fromtimestamp(int(day) * 86_400, tz=UTC).date().isoformat(),
                rounds=int((presence.at_us // _DAY_US == day).sum()),
                present=int(here.sum()),
                appeared=int((here & ~earlier).sum()) if place else 0,
                returned=int((here & earlier & ~yesterday).sum()),
                left=left,
                too_early=too_early,
            )
        )
    return tuple(found)


def stay(presence: Presence) -> Stay | None:
    """Estimate how long servers stay, from those that appeared while we watched; None where nobody did."""
    from scipy.stats import CensoredData, ecdf

    days, seen = _seen_by_day(presence)
    lengths, left = _stays(days, seen)
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


def _seen_by_day(presence: Presence) -> tuple[Sequence[int], np.ndarray[tuple[int, int], np.dtype[np.bool_]]]:
    """Return the days on which we looked, and who answered on each."""
    of_rounds = presence.at_us // _DAY_US
    days = np.unique(of_rounds)
    seen = np.zeros((len(days), len(presence.endpoints)), dtype=bool)
    for place, day in enumerate(days):
        seen[place] = presence.up[of_rounds == day].any(axis=0)
    return [int(day) for day in days], seen


def _stays(
    days: Sequence[int], seen: np.ndarray[tuple[int, int], np.dtype[np.bool_]]
) -> tuple[np.ndarray[tuple[int], np.dtype[np.float64]], np.ndarray[tuple[int], np.dtype[np.bool_]]]:
    """Return how many days each server stayed that appeared after the first day, and whether it was seen to leave."""
    new = seen.any(axis=0) & ~seen[0] if len(days) else np.zeros(0, dtype=bool)
    lengths, left = [], []
    for column in np.flatnonzero(new):
        places = np.flatnonzero(seen[:, column])
        lengths.append(days[places[-1]] - days[places[0]] + 1)
        left.append(len(days) - places[-1] - 1 >= GONE_AFTER_DAYS)
    return np.array(lengths, dtype=float), np.array(left, dtype=bool)


def _filled(bounds: np.ndarray[tuple[int], np.dtype[np.float64]], shares: Sequence[float]) -> tuple[float, ...]:
    """Where a share is 0 or 1 the log-log interval is undefined: the bound is the share itself."""
    return tuple(float(share if np.isnan(bound) else bound) for bound, share in zip(bounds, shares, strict=True))
