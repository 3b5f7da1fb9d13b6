"""Machines that stand on two nodes by turns, as a balancer does: what they say is always one node's or the other's.

As a pair with either node's servers such a machine agrees half of the time, which speaks against one node. What gives
it away is that its estimates, whenever the two nodes differ, are nearly always one of the two, and each of them often.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from electrum_observatory.datasets.watch.answers import Floats
from electrum_observatory.model.watch_ports import NOTHING, Numbers

_EITHER, _EACH = 0.8, 0.15
_FEWEST = 12
_FEW = 0.5  # of one group that says what the other says: the balancer itself may be in it
_MOST_MOMENTS = 24.0
_SPREAD = 10.0
_MOST_BITS = 24.0
_EXPECTED_SHARE = 0.02  # of machines that are balancers, beforehand


@dataclass(frozen=True, slots=True, kw_only=True)
class Balancer:
    """A machine that is consistent with two nodes.

    Attributes:
        machine: Which.
        groups: Numbers of the two groups.
        each: Share of the moments at which it agreed with the first only, and with the second only.
        posterior: Of standing on both.
    """

    machine: int
    groups: tuple[int, int]
    each: tuple[float, float]
    posterior: float


def balancers_of(estimates: Numbers, groups: Sequence[Sequence[int]]) -> Iterator[Balancer]:
    """Yield balancers, for each machine its likeliest pair of nodes.

    Args:
        estimates: By horizon, coded as in ``Material``; shape (H, T, N).
        groups: Members of each group.
    """
    if len(groups) < 2:
        return
    codes = estimates.reshape(-1, estimates.shape[2])
    told = codes != NOTHING
    agrees = np.stack([_agrees(codes, told, members) for members in groups])
    speaks = np.stack([told[:, list(members)].any(axis=1) for members in groups])
    changes = (np.diff(np.sort(codes, axis=0), axis=0) != 0).sum(axis=0)
    needed = np.log2(len(groups) * (len(groups) - 1) / 2 / _EXPECTED_SHARE)
    best: dict[int, Balancer] = {}
    for one, other in combinations(range(len(groups)), 2):
        apart = speaks[one] & speaks[other] & (agrees[other][:, list(groups[one])].mean(axis=1) <= _FEW)
        rows = told & apart[:, None]
        number = rows.sum(axis=0)
        first, second = ((agrees[group] & rows).sum(axis=0) / np.maximum(number, 1) for group in (one, other))
        moments = np.minimum(np.minimum(number, changes), _MOST_MOMENTS)
        outside = np.ones(codes.shape[1], bool)
        outside[[*groups[one], *groups[other]]] = False
        others = (first + second)[outside & (moments >= _FEWEST)]
        usual = float(np.median(others)) if len(others) else 1.0
        likely = (first >= _EACH) & (second >= _EACH) & (first + second >= _EITHER) & (moments >= _FEWEST)
        for machine in np.flatnonzero(likely & (usual < _EITHER / 2)):
            bits = _bits(first[machine] + second[machine], float(moments[machine]), usual)
            found = Balancer(
                machine=int(machine),
                groups=(one, other),
                each=(float(first[machine]), float(second[machine])),
                posterior=float(1 / (1 + np.exp2(needed - bits))),
            )
            best[found.machine] = max(best.get(found.machine, found), found, key=lambda each: sum(each.each))
    yield from best.values()


def _agrees(codes: Numbers, told: NDArray[np.bool_], members: Sequence[int]) -> NDArray[np.bool_]:
    """Return when each machine says what most of the other members say: one of them may be a balancer; shape (T, N)."""
    same, others = np.zeros(codes.shape, np.int16), np.zeros(codes.shape, np.int16)
    for member in members:
        both = told & told[:, [member]]
        both[:, member] = False
        others += both
        same += both & (codes == codes[:, [member]])
    return np.asarray(2 * same > others)


def _bits(share: Floats | float, moments: float, usual: float) -> float:
    """Weigh agreement with either: nearly always, against as often as other machines do."""
    from scipy.special import betaln

    hits, misses = share * moments, (1 - share) * moments
    null = (max(usual, 0.05) * _SPREAD, (1 - max(usual, 0.05)) * _SPREAD)
    related = betaln(hits + 29, misses + 1) - betaln(29, 1)
    unrelated = betaln(hits + null[0], misses + null[1]) - betaln(*null)
    return float(min((related - unrelated) / np.log(2), _MOST_BITS))
