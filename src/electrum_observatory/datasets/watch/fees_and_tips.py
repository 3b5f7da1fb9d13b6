"""Tips, fee floors and estimates of a watch as matrices of rounds by servers."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from electrum_observatory.datasets.watch.answers import (
    EstimateLines,
    EstimateState,
    FeeFloorReading,
    Floats,
    read_estimates,
    read_fee_floor,
    read_tip,
)
from electrum_observatory.datasets.watch.histograms import distinct_texts
from electrum_observatory.datasets.watch.table import WatchTable
from electrum_observatory.model.watch import Question
from electrum_observatory.model.watch_ports import NOTHING, Numbers
from electrum_observatory.protocol.watch_questions import ESTIMATE_IDS


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TipTable:
    """Tips as asked for in rounds.

    Attributes:
        height: ``NOTHING`` where none was told; shape (T, N).
        header_at: Index of ``headers``, or ``NOTHING``; shape (T, N).
        headers: Distinct headers, 80 bytes each.
    """

    height: Numbers
    header_at: Numbers
    headers: Sequence[bytes]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FeeFloorTable:
    """Fee floors in BTC/kvB, NaN where not told; shape (T, N) each. See :class:`FeeFloorReading`."""

    relay: Floats
    mempool_minimum: Floats
    incremental: Floats


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class EstimateTable:
    """Estimates for the K targets of a watch.

    Attributes:
        fee: BTC/kvB, NaN where ``state`` is not ``FEE``; shape (T, N, K).
        state: Values of :class:`EstimateState`; shape (T, N, K).
        text_at: Equal where the whole answers are equal bytes, ``NOTHING`` without one; shape (T, N).
    """

    fee: Floats
    state: NDArray[np.int8]
    text_at: Numbers


def tips_of(table: WatchTable) -> TipTable:
    """Read the tips of a watch."""
    at, texts = distinct_texts(table, Question.TIP)
    read = [read_tip(text) for text in texts]
    headers = list(dict.fromkeys(one.header for one in read if one is not None))
    place = {header: index for index, header in enumerate(headers)}
    height = np.array([*(NOTHING if one is None else one.height for one in read), NOTHING], dtype=np.int64)
    header_at = np.array([*(NOTHING if one is None else place[one.header] for one in read), NOTHING], dtype=np.int64)
    return TipTable(height=height[at], header_at=header_at[at], headers=headers)


def fee_floors_of(table: WatchTable) -> FeeFloorTable:
    """Read the fee floors of a watch."""
    at, texts = distinct_texts(table, Question.FEE_FLOOR)
    read = [*(read_fee_floor(text) for text in texts), FeeFloorReading()]
    return FeeFloorTable(
        relay=np.array([one.relay for one in read])[at],
        mempool_minimum=np.array([one.mempool_minimum for one in read])[at],
        incremental=np.array([one.incremental for one in read])[at],
    )


def estimates_of(table: WatchTable) -> EstimateTable:
    """Read the estimates of a watch."""
    at, texts = distinct_texts(table, Question.ESTIMATES)
    none = ((EstimateState.ABSENT,) * len(ESTIMATE_IDS), (np.nan,) * len(ESTIMATE_IDS))
    known: EstimateLines = {}
    read = [*(read_estimates(text, known) for text in texts), none]
    return EstimateTable(
        fee=np.array([fees for _, fees in read], dtype=np.float64)[at],
        state=np.array([states for states, _ in read], dtype=np.int8)[at],
        text_at=at,
    )
