"""Jensen–Shannon matrices of a thousand servers, beside scipy's in the same run.

The histograms are those of many mempools over a simulated day (``bench.mempools``). A thousand servers share 150 of
them, as clients of few nodes and programs do, or have one each. scipy is given the dense matrix that it needs, its
making not counted; where a whole day is asked for, it is given three moments, and the mean is multiplied.
"""

from collections.abc import Callable, Sequence
from itertools import islice
from time import perf_counter
from typing import TypeVar

import numpy as np
from scipy.spatial.distance import pdist, squareform

from bench.frame import Bench, Figure, RowResult
from bench.mempools import ticks
from electrum_observatory.analysis.histograms.divergence import divergences
from electrum_observatory.datasets.watch.answers import Floats
from electrum_observatory.datasets.watch.histogram_columns import Histograms, read_histograms
from electrum_observatory.model.watch_ports import Numbers

_Given = TypeVar("_Given")
_Made = TypeVar("_Made")
_SERVERS, _DISTINCT, _MOMENTS = 1_000, 150, 288
_SERVERS_IN_SMALL, _DISTINCT_IN_SMALL, _MOMENTS_IN_SMALL = 60, 20, 6
_TURNS = 3
_BY_SCIPY = 3


async def run(bench: Bench) -> RowResult:
    """Time one matrix of shared histograms, one of distinct ones, and a day of them."""
    servers, distinct, moments = (
        (_SERVERS_IN_SMALL, _DISTINCT_IN_SMALL, _MOMENTS_IN_SMALL) if bench.small else (_SERVERS, _DISTINCT, _MOMENTS)
    )
    chance = np.random.default_rng(bench.seed)
    alone = next(iter(ticks(servers, 1, chance))).histograms
    reading, day = _timed(lambda texts: [read_histograms(one) for one in texts], _day(distinct, moments, chance))
    shared = chance.integers(0, distinct, servers)
    figures = [
        *_one("shared histograms", day[-1], shared, at_most=0.15),
        *_one("all histograms distinct", read_histograms(alone), np.arange(servers), at_most=1.2),
        *_whole_day(day, shared),
        Figure(name="reading the day's answers", measured=reading, unit="s"),
    ]
    return RowResult(
        figures=tuple(figures),
        facts={
            "seed": bench.seed,
            "servers": servers,
            "shared by": distinct,
            "moments": moments,
            "labels in all": len(np.unique(day[-1].rates)),
            "bins each": float(day[-1].bins.mean()),
        },
    )


def _day(mempools: int, moments: int, chance: np.random.Generator) -> list[Sequence[bytes]]:
    return [tick.histograms for tick in islice(ticks(mempools, moments, chance), moments)]


def _one(words: str, histograms: Histograms, which: Numbers, *, at_most: float) -> tuple[Figure, ...]:
    ours_s, ours = min((_timed(lambda rows: divergences(histograms, rows), which) for _ in range(_TURNS)), key=_time)
    scipy_s, theirs = _by_scipy(histograms, which)
    return (
        Figure(name=f"one matrix, {words}", measured=ours_s, unit="s", at_most=at_most),
        Figure(name=f"one matrix, {words}, scipy", measured=scipy_s, unit="s"),
        Figure(
            name=f"largest difference, {words}",
            measured=float(np.abs(ours - theirs).max()) * 1e12,
            unit="10⁻¹² bit",
            at_most=1,
            always=True,
        ),
    )


def _whole_day(day: Sequence[Histograms], which: Numbers) -> tuple[Figure, ...]:
    ours_s, _ = _timed(lambda moments: [divergences(one, which).mean() for one in moments], day)
    some = [_by_scipy(one, which)[0] for one in day[:: max(1, len(day) // _BY_SCIPY)][:_BY_SCIPY]]
    return (
        Figure(name="all matrices of the day", measured=ours_s, unit="s", at_most=25),
        Figure(name="all matrices of the day, scipy", measured=float(np.mean(some)) * len(day), unit="s"),
    )


def _by_scipy(histograms: Histograms, which: Numbers) -> tuple[float, Floats]:
    """Return scipy's time for the condensed matrix, and its answer as a matrix in bits."""
    labels, column = np.unique(histograms.rates, return_inverse=True)
    dense = np.zeros((len(histograms), len(labels)))
    dense[histograms.bin_of, column] = histograms.sizes
    took, distance = _timed(lambda rows: pdist(rows, "jensenshannon"), dense[which])
    # Of equal rows scipy takes the root of what rounding left, which may lie below 0.
    return took, np.asarray(squareform(np.nan_to_num(distance)) ** 2 / np.log(2))


def _timed(work: Callable[[_Given], _Made], given: _Given) -> tuple[float, _Made]:
    started = perf_counter()
    made = work(given)
    return perf_counter() - started, made


def _time(timed: tuple[float, object]) -> float:
    return timed[0]
