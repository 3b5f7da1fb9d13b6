"""What share of the time a server answers, with an interval that knows how much rounds resemble their neighbours.

Two thousand rounds are not two thousand independent looks: a server that is down now is down in five minutes. The
number of looks that the rounds are worth is that of a two-state Markov chain, n (1 - λ) / (1 + λ), λ being one minus
the two chances of changing from a round to the next (Geyer 1992, "Practical Markov chain Monte Carlo", section 3); on
these stands Wilson's interval (1927). Where nothing ever changed the chances are bounded by half a change, as Jeffreys'
prior has it, so a server that was always up is said to be up "at least …", never "100 % exactly".
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from electrum_observatory.analysis.lifecycle.presence import REFUSED, UNKNOWN, UP, Presence
from electrum_observatory.model.endpoint import Endpoint
from electrum_observatory.model.watch_ports import NOTHING

_Z = 1.959963984540054  # the normal distribution's 97.5 % point: intervals are of 95 %


@dataclass(frozen=True, slots=True, kw_only=True)
class Uptime:
    """The time of one server as we saw it.

    Attributes:
        endpoint: Which.
        rounds: How many rounds asked it, ours that saw nothing left out.
        up: In how many it answered.
        refused: In how many the host was there and did not serve us.
        unknown: In how many nothing came back.
        share: up / rounds; None where it was never asked.
        low: Lower end of the 95 % interval of the share; None likewise.
        high: Upper end.
        worth: How many independent looks the rounds are worth.
        first_asked_us: UTC microseconds of the first round that asked it; None where none did.
        first_seen_us: Of the first round in which it answered; None where it never did.
        last_seen_us: Of the last.
        outages: How often it went from answering to not answering, no blind spell of ours in between.
        longest_outage_us: Longest time from the first round without answer to the next with one (or the last round);
            0 where there was none. What a blind spell of ours interrupts ends with it.
    """

    endpoint: Endpoint
    rounds: int
    up: int
    refused: int
    unknown: int
    share: float | None
    low: float | None
    high: float | None
    worth: float
    first_asked_us: int | None
    first_seen_us: int | None
    last_seen_us: int | None
    outages: int
    longest_outage_us: int


def uptimes(presence: Presence) -> tuple[Uptime, ...]:
    """Return every server's time, in the order of the watch."""
    return tuple(_uptime(presence, column) for column in range(len(presence.endpoints)))


def share_with_interval(up: NDArray[np.bool_], joined: NDArray[np.bool_]) -> tuple[float, float, float]:
    """Return share, low and high of a series of looks.

    Args:
        up: Whether each look found the server up; at least one.
        joined: Whether a look and the next stand in one unbroken stretch, so that their change counts as one.
    """
    return _wilson(float(np.mean(up)), _worth(up, joined))


def _uptime(presence: Presence, column: int) -> Uptime:
    states = presence.states[:, column]
    asked = states != NOTHING
    up, at_us = states[asked] == UP, presence.at_us[asked]
    joined = _joined(presence, asked)
    share, low, high = share_with_interval(up, joined) if len(up) else (None, None, None)
    outages, longest = _outages(up, at_us, joined)
    return Uptime(
        endpoint=presence.endpoints[column],
        rounds=len(up),
        up=int(up.sum()),
        refused=int((states == REFUSED).sum()),
        unknown=int((states == UNKNOWN).sum()),
        share=share,
        low=low,
        high=high,
        worth=_worth(up, joined) if len(up) else 0.0,
        first_asked_us=int(at_us[0]) if len(up) else None,
        first_seen_us=int(at_us[up][0]) if up.any() else None,
        last_seen_us=int(at_us[up][-1]) if up.any() else None,
        outages=outages,
        longest_outage_us=longest,
    )


def _joined(presence: Presence, asked: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Whether each asked round and the next asked one have no blind spell between them."""
    crossings = np.concatenate(([0], np.cumsum(presence.blind_between)))
    places = crossings[asked] if len(presence.at_us) else crossings[:0]
    joined: NDArray[np.bool_] = np.diff(places) == 0
    return joined


def _worth(up: NDArray[np.bool_], joined: NDArray[np.bool_]) -> float:
    before, after = up[:-1][joined], up[1:][joined]
    falls, rises = int((before & ~after).sum()), int((~before & after).sum())
    leaving_up = (falls + 0.5) / (int(before.sum()) + 1)
    leaving_down = (rises + 0.5) / (int((~before).sum()) + 1)
    alike = min(max(1 - leaving_up - leaving_down, 0.0), 1 - 1e-9)
    return max(len(up) * (1 - alike) / (1 + alike), 1.0)


def _wilson(share: float, looks: float) -> tuple[float, float, float]:
    centre = share + _Z**2 / (2 * looks)
    spread = _Z * math.sqrt(share * (1 - share) / looks + _Z**2 / (4 * looks**2))
    scale = 1 + _Z**2 / looks
    return share, max((centre - spread) / scale, 0.0), min((centre + spread) / scale, 1.0)


def _outages(up: NDArray[np.bool_], at_us: NDArray[np.int64], joined: NDArray[np.bool_]) -> tuple[int, int]:
    """Return how often it fell silent, and the longest silence in microseconds."""
    count, longest, began = 0, 0, None
    for place in range(1, len(up)):
        if not joined[place - 1]:
            began = None
            continue
        if up[place - 1] and not up[place]:
            count, began = count + 1, int(at_us[place])
        if began is not None:
            longest = max(longest, int(at_us[place]) - began)
            began = None if up[place] else began
    return count, longest
