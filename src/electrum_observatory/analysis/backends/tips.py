"""Evidence from blocks: whose tip came first in a race, and who hears late together.

When a server tells a tip is its node's moment plus a poll phase, a send delay and a path, so milliseconds say nothing.
What counts is whether two are late at the same blocks, each against its own usual delay, over many blocks. And where
two blocks compete, each node has one of them first: a bit for each race.
"""

import numpy as np

from electrum_observatory.analysis.backends.agreement import Moment, said_same
from electrum_observatory.analysis.backends.coherence import Coherence, coherence_of
from electrum_observatory.analysis.backends.material import Material
from electrum_observatory.datasets.watch.answers import Floats
from electrum_observatory.model.watch_ports import NOTHING, NewsColumns, Numbers

_POLL_VARIANCE_S2 = 25 / 12  # uniform over ElectrumX's five seconds, the longest poll in use
_LATE_S = 60.0  # after a minute it is no delay but an outage
_MOST_SIGNAL = 0.5
_FEWEST_TOLD = 5


def races_of(material: Material) -> tuple[Numbers, list[Moment]]:
    """Return which of the competing blocks each told first, by race; shape (R, N), and the agreements."""
    rows = race_news(material)
    if material.news is None:
        return rows, []
    found = np.where(rows == NOTHING, NOTHING, material.news.header_at[rows])
    return found, list(said_same(found))


def race_news(material: Material) -> Numbers:
    """Return the news by which each machine first told of a height at which blocks competed.

    Rows of ``news``, ``NOTHING`` where a machine told nothing; by race, the lowest first; shape (R, N).
    """
    news, machines = material.news, len(material.facts)
    if news is None or not len(news.height):
        return np.full((0, machines), NOTHING, dtype=np.int64)
    rows, machine = _rows(news, material.column)
    heights, block = np.unique(news.height[rows], return_inverse=True)
    first = np.full((len(heights), machines), NOTHING, dtype=np.int64)
    first[block[::-1], machine[::-1]] = rows[::-1]  # the earliest is written last
    header = np.where(first == NOTHING, NOTHING, news.header_at[first])
    races = [len(np.unique(row[row != NOTHING])) > 1 for row in header]
    contested: Numbers = first[np.array(races, dtype=bool)]
    return contested


def delays_of(material: Material) -> Coherence:
    """Correlate how late servers were, block by block.

    Delays become normal scores within each server, so slow servers and outliers count no more than others.
    """
    _, delays = late_blocks(material)
    scores = np.stack([_normal_scores(column) for column in delays.T], axis=1) if len(delays) else delays
    found = coherence_of(scores.astype(np.float32)[:, :, None])
    variance = _robust_variance(delays)
    signal = np.clip(1 - _POLL_VARIANCE_S2 / np.maximum(variance, 1e-9), 0.05, _MOST_SIGNAL)
    return Coherence(r=found.r, error=found.error, signal=signal)


def _rows(news: NewsColumns, column: Numbers) -> tuple[Numbers, Numbers]:
    """Return the rows that date something, by arrival, and their machines."""
    machine = column[news.endpoint_at]
    kept = np.flatnonzero((news.first == 0) & (machine != NOTHING))
    kept = kept[np.argsort(news.received_at_us[kept], kind="stable")]
    return kept, machine[kept]


def late_blocks(material: Material) -> tuple[Numbers, Floats]:
    """Return heights, and seconds after the median server by block and machine; NaN for outages.

    Blocks that few told are left out; shape (B,), (B, N).
    """
    news = material.news
    if news is None or not len(news.height):
        return np.zeros(0, dtype=np.int64), np.zeros((0, len(material.facts)))
    rows, machine = _rows(news, material.column)
    headers, first, block = np.unique(news.header_at[rows], return_index=True, return_inverse=True)
    at = np.full((len(headers), len(material.facts)), np.nan)
    at[block[::-1], machine[::-1]] = news.received_at_us[rows][::-1] / 1e6
    told = np.isfinite(at).sum(axis=1) >= _FEWEST_TOLD
    at = at[told]
    delays = at - np.nanmedian(at, axis=1)[:, None] if len(at) else at
    return news.height[rows][first][told], np.where(np.abs(delays) < _LATE_S, delays, np.nan)


def _normal_scores(delays: Floats) -> Floats:
    from scipy.special import ndtri

    out = np.full(len(delays), np.nan)
    told = np.flatnonzero(np.isfinite(delays))
    order = np.argsort(np.argsort(delays[told], kind="stable"), kind="stable")
    out[told] = ndtri((order + 0.5) / max(len(told), 1))
    return out


def _robust_variance(delays: Floats) -> Floats:
    if not len(delays):
        return np.zeros(delays.shape[1])
    low, high = np.full(delays.shape[1], np.nan), np.full(delays.shape[1], np.nan)
    told = np.isfinite(delays).sum(axis=0) >= _FEWEST_TOLD
    if told.any():
        low[told], high[told] = np.nanquantile(delays[:, told], [0.16, 0.84], axis=0)
    return np.asarray(np.nan_to_num(((high - low) / 2) ** 2))
