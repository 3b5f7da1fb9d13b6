"""Machines that stand on two nodes by turns, as a balancer does: what they say is always one node's or the other's.

As a pair with either node's servers such a machine agrees half of the time, which speaks against one node. What gives
it away is that its estimates, whenever the two nodes differ, are nearly always one of the two, and each of them often.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from electrum_observatory.model.watch_ports import NOTHING, Numbers

_EITHER, _EACH = 0.8, 0.15
_FEWEST = 12
_FEW = 0.5  # of one group that says what the other says: the balancer itself may be in it
_MOST_MOMENTS = 24.0
_SPREAD = 30.0  # what pairs differ by is in the upper value of the others already
_RARE = 0.1  # of the others say what either group says: elsewhere agreement is no news
_UPPER = 0.98  # of the others: where some of them agree as often, it is a class and no balancer
_MOST_BITS = 24.0
_MORE, _ALWAYS, _MOST_GROUPS = 0.1, 0.97, 3
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
    seen = _Seen.of(codes, groups)
    best: dict[int, Balancer] = {}
    for pair, machines in _candidates(seen, groups).items():
        for found in _judge(seen, groups, pair, machines):
            before = best.get(found.machine, found)
            best[found.machine] = max(before, found, key=lambda each: sum(each.each))
    yield from best.values()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Seen:
    """What agrees with what.

    Attributes:
        told: Whether a machine said something that weighs; shape (T, N).
        agrees: When a machine says what most of a group say; shape (G, T, N).
        speaks: When anybody of a group said something; shape (G, T).
        changes: How often a machine's words changed; shape (N,).
    """

    told: NDArray[np.bool_]
    agrees: NDArray[np.bool_]
    speaks: NDArray[np.bool_]
    changes: Numbers

    @classmethod
    def of(cls, codes: Numbers, groups: Sequence[Sequence[int]]) -> "_Seen":
        told = codes != NOTHING
        return cls(
            told=told,
            agrees=np.stack([_agrees(codes, told, members) for members in groups]),
            speaks=np.stack([told[:, list(members)].any(axis=1) for members in groups]),
            changes=(np.diff(np.sort(codes, axis=0), axis=0) != 0).sum(axis=0),
        )


def _candidates(seen: _Seen, groups: Sequence[Sequence[int]]) -> dict[tuple[int, int], list[int]]:
    """Return, for pairs of groups, the machines that agree with each of them oftener than most, and never always.

    Who is in a third group stands on that node.
    """
    both = seen.told[None] & seen.speaks[:, :, None]
    share = seen.agrees.sum(axis=1) / np.maximum(both.sum(axis=1), 1)
    above = share - np.median(share, axis=1)[:, None]
    home = {member: number for number, members in enumerate(groups) for member in members}
    found: dict[tuple[int, int], list[int]] = {}
    for machine in range(share.shape[1]):
        likely = [int(group) for group in np.argsort(-above[:, machine]) if above[group, machine] >= _MORE]
        for one, other in combinations(sorted(likely[:_MOST_GROUPS]), 2):
            if home.get(machine, one) in (one, other) and share[[one, other], machine].max() < _ALWAYS:
                found.setdefault((one, other), []).append(machine)
    return found


def _judge(
    seen: _Seen, groups: Sequence[Sequence[int]], pair: tuple[int, int], machines: Sequence[int]
) -> Iterator[Balancer]:
    """Yield the machines that say what one of two groups says wherever the two differ and few others do."""
    one, other = pair
    outside = np.ones(seen.told.shape[1], bool)
    outside[[*groups[one], *groups[other]]] = False
    either = (seen.agrees[one] | seen.agrees[other])[:, outside]
    rare = either.sum(axis=1) <= _RARE * seen.told[:, outside].sum(axis=1) + 1
    apart = seen.agrees[other][:, list(groups[one])].mean(axis=1) <= _FEW
    rows = seen.told & (seen.speaks[one] & seen.speaks[other] & apart & rare)[:, None]
    number = rows.sum(axis=0)
    first, second = ((seen.agrees[group] & rows).sum(axis=0) / np.maximum(number, 1) for group in pair)
    moments = np.minimum(np.minimum(number, seen.changes), _MOST_MOMENTS)
    others = (first + second)[outside & (moments >= _FEWEST)]
    usual = float(np.quantile(others, _UPPER)) if len(others) else 1.0
    needed = np.log2(len(groups) * (len(groups) - 1) / 2 / _EXPECTED_SHARE)
    likely = (first >= _EACH) & (second >= _EACH) & (first + second >= _EITHER) & (moments >= _FEWEST)
    for machine in machines:
        if likely[machine] and usual < _EITHER / 2:
            bits = _bits(float(first[machine] + second[machine]), float(moments[machine]), usual)
            yield Balancer(
                machine=machine,
                groups=pair,
                each=(float(first[machine]), float(second[machine])),
                posterior=float(1 / (1 + np.exp2(needed - bits))),
            )


def _agrees(codes: Numbers, told: NDArray[np.bool_], members: Sequence[int]) -> NDArray[np.bool_]:
    """Return when each machine says what most of the other members say: one of them may be a balancer; shape (T, N)."""
    same, others = np.zeros(codes.shape, np.int16), np.zeros(codes.shape, np.int16)
    for member in members:
        both = told & told[:, [member]]
        both[:, member] = False
        others += both
        same += both & (codes == codes[:, [member]])
    return np.asarray(2 * same > others)


def _bits(share: float, moments: float, usual: float) -> float:
    """Weigh agreement with either: nearly always, against as often as other machines do."""
    from scipy.special import betaln

    hits, misses = share * moments, (1 - share) * moments
    null = (max(usual, 0.05) * _SPREAD, (1 - max(usual, 0.05)) * _SPREAD)
    related = betaln(hits + 29, misses + 1) - betaln(29, 1)
    unrelated = betaln(hits + null[0], misses + null[1]) - betaln(*null)
    return float(min((related - unrelated) / np.log(2), _MOST_BITS))
