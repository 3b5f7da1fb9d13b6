"""How ``estimatesmartfee`` combines its horizons: ``estimateSmartFee`` of bitcoind's ``policy/fees.cpp``.

Pure rules over medians that somebody looks up; targets are arrays, one for each node.
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from electrum_observatory.lab.time.estimator_counters import HORIZONS, LONG, MEDIUM, SHORT, Counts, Rates

HALF_SUCCESS, SUCCESS, DOUBLE_SUCCESS = 0.60, 0.85, 0.95
_SHORT, _MEDIUM, _LONG = range(len(HORIZONS))

Question = tuple[int, int, float]
"""Number of a horizon, target in blocks, share that must be confirmed in time."""

Look = Callable[[int, Counts, float, NDArray[np.bool_]], Rates]
"""Returns a horizon's medians for each node's target and a share, for nodes that want it; -1 where there is none."""


def smart_fees(look: Look, targets: Counts, conservative: NDArray[np.bool_]) -> Rates:
    """Return the dearest of the estimates for half the target, the target and twice the target; -1 for none."""
    found = _combined(look, targets // 2, HALF_SUCCESS, np.True_)
    found = np.maximum(found, _combined(look, targets, SUCCESS, np.True_))
    found = np.maximum(found, _combined(look, 2 * targets, DOUBLE_SUCCESS, ~conservative))
    return np.maximum(found, _conservative(look, 2 * targets, conservative | (found == -1)))


def questions(targets: Sequence[int], *, economical: bool = False) -> tuple[Question, ...]:
    """Return all that may be looked up for some targets, each once; ``economical``: by a node of that mode.

    Such a node looks further only where it finds nothing.
    """
    asked: dict[Question, None] = {}
    answer = 1.0 if economical else -1.0

    def note(horizon: int, target: Counts, share: float, _: NDArray[np.bool_]) -> Rates:
        asked[horizon, int(target[0]), share] = None
        return np.full(1, answer)

    for target in targets:
        smart_fees(note, np.array([max(target, 2)]), np.array([False]))
    return tuple(asked)


def _combined(look: Look, targets: Counts, share: float, shorter: NDArray[np.bool_] | np.bool_) -> Rates:
    """``estimateCombinedFee``: the freshest horizon that reaches the target, or what a fresher one says if less."""
    found = np.full(len(targets), -1.0)
    reached = 0
    for number, horizon in enumerate(HORIZONS):
        mine = (targets > reached) & (targets <= horizon.longest)
        if mine.any():
            found = np.where(mine, look(number, targets, share, mine), found)
        reached = horizon.longest
    for number, horizon in ((_MEDIUM, MEDIUM), (_SHORT, SHORT)):
        beyond = shorter & (targets > horizon.longest) & (targets <= LONG.longest)
        if beyond.any():
            limit = look(number, np.full(len(targets), horizon.longest), share, beyond)
            found = np.where(beyond & (limit > 0) & ((found == -1) | (limit < found)), limit, found)
    return found


def _conservative(look: Look, doubled: Counts, wanted: NDArray[np.bool_]) -> Rates:
    """``estimateConservativeFee``: what the longer memories say of a short target."""
    found = np.full(len(doubled), -1.0)
    for number, reach in ((_MEDIUM, SHORT.longest), (_LONG, MEDIUM.longest)):
        mine = wanted & (doubled <= reach)
        if mine.any():
            found = np.where(mine, np.maximum(found, look(number, doubled, DOUBLE_SUCCESS, mine)), found)
    return found
