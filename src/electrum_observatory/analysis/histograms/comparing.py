"""One comparison of all pairs, at a moment or over a span, with all that a figure must say of itself."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from electrum_observatory.analysis.histograms.divergence import Unit, divergences, in_unit
from electrum_observatory.analysis.histograms.published import groups_of, matrix_at, states_of, window_us
from electrum_observatory.analysis.histograms.windows import PairWindow
from electrum_observatory.datasets.watch.answers import Floats
from electrum_observatory.datasets.watch.histograms import HistogramTable
from electrum_observatory.datasets.watch.table import WatchTable
from electrum_observatory.model.watch_ports import NOTHING, Numbers


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Comparison:
    """All pairs of n servers.

    Attributes:
        names: Of the servers.
        vantage: Where the watch ran.
        from_us: UTC microseconds of the first moment.
        to_us: Of the last one; the same for a moment.
        moments: How many there were.
        window_us: How far apart in time histograms of one moment were asked for, at most.
        statistic: ``at one moment``, ``mean`` or ``quantile 0.9``.
        unit: What the numbers are.
        threshold: At most which links two servers.
        matrix: Shape (n, n); NaN without data.
        groups: Number of each server's group, ``NOTHING`` without data; shape (n,).
        states: What each server's answer held; at the last moment of a span.
    """

    names: Sequence[str]
    vantage: str
    from_us: int
    to_us: int
    moments: int
    window_us: int
    statistic: str
    unit: Unit
    threshold: float
    matrix: Floats
    groups: Numbers
    states: Sequence[str]

    @property
    def known(self) -> int:
        """How many servers have data."""
        return int((self.groups != NOTHING).sum())

    @property
    def title(self) -> str:
        """What the figure is of, in words."""
        return f"Fee histograms of {self.known} servers, pair by pair: {self.unit.words}, {self.statistic}"

    @property
    def caption(self) -> str:
        """When, from where, and who is not in it."""
        when = _words(self.from_us) if self.moments == 1 else f"{_words(self.from_us)} to {_words(self.to_us)}"
        moments = "" if self.moments == 1 else f", {self.moments} moments"
        absent = Counter(state for state, group in zip(self.states, self.groups, strict=True) if group == NOTHING)
        without = ", ".join(f"{number} {state}" for state, number in sorted(absent.items())) or "none"
        return (
            f"{when} UTC{moments}, replies of a moment within {self.window_us / 1e6:.1f} s, vantage {self.vantage}\n"
            f"of {len(self.names)} servers without a histogram and left out: {without}; linked up to {self.threshold:g}"
        )


def compare(
    table: WatchTable,
    histograms: HistogramTable,
    rounds: Numbers,
    *,
    names: Sequence[str],
    vantage: str,
    unit: Unit,
    threshold: float,
    quantile: float | None = None,
) -> Comparison:
    """Compare all pairs over some rounds: of one its matrix, of more the mean of each pair or a quantile."""
    alone = len(rounds) == 1
    if alone:
        matrix, statistic = matrix_at(table, histograms, int(rounds[0]), unit=unit).matrix, "at one moment"
    else:
        matrix = _over(histograms, rounds, unit, quantile)
        statistic = "mean" if quantile is None else f"quantile {quantile:g}"
    return Comparison(
        names=names,
        vantage=vantage,
        from_us=int(table.at_us[rounds[0]]),
        to_us=int(table.at_us[rounds[-1]]),
        moments=len(rounds),
        window_us=max(window_us(table, int(one)) for one in rounds),
        statistic=statistic,
        unit=unit,
        threshold=threshold,
        matrix=matrix,
        groups=groups_of(matrix, threshold),
        states=states_of(histograms, histograms.at[rounds[-1]]),
    )


def groups_over(histograms: HistogramTable, rounds: Numbers, unit: Unit, threshold: float) -> Iterator[Numbers]:
    """Yield the groups of each round's threshold graph."""
    for one in rounds:
        yield groups_of(in_unit(divergences(histograms.distinct, histograms.at[one]), unit), threshold)


def _over(histograms: HistogramTable, rounds: Numbers, unit: Unit, quantile: float | None) -> Floats:
    window = PairWindow(histograms.at.shape[1], len(rounds))
    for one in rounds:
        window.add(in_unit(divergences(histograms.distinct, histograms.at[one]), unit) / unit.most)
    return np.asarray((window.mean() if quantile is None else window.quantile(quantile)) * unit.most)


def _words(at_us: int) -> str:
    return f"{datetime.fromtimestamp(at_us / 1e6, tz=UTC):%Y-%m-%d %H:%M:%S}"
