"""How steady a server's answers come, judged within its build: some builds delay and pad on purpose.

The measure is the interquartile range of the ping's round trip over its median, which neither a single slow round nor
the distance to the server moves. Whether that is unusual is asked of servers of the same build only, as a robust z
(median and scaled MAD of the logarithm); a build with few servers has no say.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from electrum_observatory.datasets.watch.table import WatchTable
from electrum_observatory.model.endpoint import Endpoint
from electrum_observatory.model.watch import Question
from electrum_observatory.model.watch_ports import NOTHING

FEWEST_ROUNDS = 20
FEWEST_OF_A_BUILD = 8
_TO_SIGMA = 1.4826  # MAD of a normal distribution to its standard deviation
_FLOOR = 1e-3


@dataclass(frozen=True, slots=True, kw_only=True)
class Stability:
    """The round trips of one server.

    Attributes:
        endpoint: Which.
        rounds: How many pings were answered.
        median_ms: Their median; None below ``FEWEST_ROUNDS``.
        spread: Interquartile range over median; None likewise.
        build: What it was compared with; None where its build is unknown.
        of_build: How many servers of that build had enough rounds, itself included.
        z: How far its spread lies from its build's median, robust standard deviations of the logarithm; None where the
            build has fewer than ``FEWEST_OF_A_BUILD``.
    """

    endpoint: Endpoint
    rounds: int
    median_ms: float | None
    spread: float | None
    build: str | None
    of_build: int
    z: float | None


def stability(table: WatchTable, builds: Mapping[Endpoint, str]) -> tuple[Stability, ...]:
    """Return every server's steadiness, in the order of the watch.

    Args:
        table: The watch.
        builds: What each server is believed to run; those that are missing are compared with nobody.
    """
    measured = [_measured(column) for column in _round_trips_ms(table).T]
    members: dict[str, list[int]] = {}
    for place, endpoint in enumerate(table.endpoints):
        if endpoint in builds and measured[place][2] is not None:
            members.setdefault(builds[endpoint], []).append(place)
    scores = {place: z for group in members.values() for place, z in _scores(measured, group).items()}
    return tuple(
        Stability(
            endpoint=endpoint,
            rounds=measured[place][0],
            median_ms=measured[place][1],
            spread=measured[place][2],
            build=builds.get(endpoint),
            of_build=len(members.get(builds.get(endpoint, ""), ())),
            z=scores.get(place),
        )
        for place, endpoint in enumerate(table.endpoints)
    )


def _round_trips_ms(table: WatchTable) -> NDArray[np.float64]:
    answered = table.answered_us.get(Question.PING)
    if answered is None:
        return np.full(table.asked_us.shape, np.nan)
    there = (answered != NOTHING) & (table.asked_us != NOTHING)
    return np.where(there, (answered - table.asked_us) / 1000, np.nan)


def _measured(column: NDArray[np.float64]) -> tuple[int, float | None, float | None]:
    times = column[~np.isnan(column)]
    if len(times) < FEWEST_ROUNDS:
        return len(times), None, None
    quarter, half, three_quarters = np.quantile(times, (0.25, 0.5, 0.75))
    return len(times), float(half), float((three_quarters - quarter) / max(half, _FLOOR))


def _scores(measured: Sequence[tuple[int, float | None, float | None]], group: Sequence[int]) -> dict[int, float]:
    if len(group) < FEWEST_OF_A_BUILD:
        return {}
    logs = np.log([max(measured[place][2] or 0.0, _FLOOR) for place in group])
    middle = np.median(logs)
    scale = max(_TO_SIGMA * float(np.median(np.abs(logs - middle))), _FLOOR)
    return {place: float((value - middle) / scale) for place, value in zip(group, logs, strict=True)}
