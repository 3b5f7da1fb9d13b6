"""Targets that cannot belong to one chain, and those that most backends state: a block forged at ease fits neither.

Within a period all blocks of a chain state one target, and from one period to the next it changes by a factor of four
at most. So what is known, or what most backends state, bounds what a block some periods off may state (Bitcoin Core
``pow.cpp``, PermittedDifficultyTransition). Test networks that allow the easiest target at any time bound nothing.
"""

import bisect
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, pairwise

from electrum_observatory.analysis.truth.backends import Backends, majority, votes_of
from electrum_observatory.analysis.truth.finding import Finding, finding
from electrum_observatory.analysis.truth.header_reading import HeaderSeen
from electrum_observatory.bitcoin.proof_of_work import may_follow
from electrum_observatory.bitcoin.reference import ChainReference


class Targets:
    """Targets that are taken for those of the chain, by height."""

    def __init__(self, reference: ChainReference) -> None:
        """Begin with those that are known beforehand."""
        self._reference = reference
        self._bits = dict(reference.known_bits)
        self._heights = sorted(self._bits)

    def allow(self, height: int, bits: int) -> bool:
        """Whether a block of that height may state that target, by the nearest below and above."""
        place = bisect.bisect_right(self._heights, height)
        around = self._heights[max(0, place - 1) : place + 1]
        pairs = (sorted([(one, self._bits[one]), (height, bits)]) for one in around)
        return all(possible(earlier, later, self._reference) for earlier, later in pairs)

    def into_period(self, height: int) -> int:
        """Return how many blocks a height lies behind the begin of its period."""
        return height % (self._reference.retarget_blocks or 1)

    def nearest(self, height: int) -> tuple[int, int]:
        """Return height and target of the one that lies nearest; there must be one."""
        at = min(self._heights, key=lambda one: abs(one - height))
        return at, self._bits[at]

    def add(self, height: int, bits: int) -> None:
        """Take one in; those that do not fit the ones before it are left out."""
        if height not in self._bits and self.allow(height, bits):
            self._bits[height] = bits
            bisect.insort(self._heights, height)


def agreed_targets(headers: Iterable[HeaderSeen], reference: ChainReference, backends: Backends) -> Targets:
    """Return the targets that are known or that most backends state for a period, most votes first.

    Headers of one period vote together whatever their height: everybody's newest block has a say about those near it.
    """
    targets = Targets(reference)
    if reference.retarget_blocks is None:
        return targets
    said: dict[int, dict[int, set[str]]] = {}
    first: dict[tuple[int, int], int] = {}
    for seen in headers:
        period, bits = seen.height // reference.retarget_blocks, seen.header.bits
        said.setdefault(period, {}).setdefault(bits, set()).add(seen.server)
        first[period, bits] = min(first.get((period, bits), seen.height), seen.height)
    agreed = [(period, most) for period, votes in said.items() if (most := majority(votes, backends)) is not None]
    for key in sorted(agreed, key=lambda one: (-len(votes_of(said[one[0]][one[1]], backends)), one)):
        targets.add(first[key], key[1])
    return targets


def judge_targets(
    headers: Sequence[HeaderSeen], deep: Sequence[HeaderSeen], reference: ChainReference
) -> Iterator[Finding]:
    """Judge the targets of one server: those of one reply, those that are settled, and others by what is settled below.

    Near the tip a branch may begin a period with another target, so there no visit is compared with another.
    """
    of_replies = (list(group) for _, group in groupby(headers, key=lambda seen: seen.one_reply))
    for group in (*of_replies, deep):
        yield from _compared(group, reference)
    settled = frozenset(deep)
    by_visit: dict[str, list[HeaderSeen]] = {}
    for seen in deep:
        by_visit.setdefault(seen.visit, []).append(seen)
    for seen in headers:
        below = [one for one in by_visit.get(seen.visit, ()) if one.height < seen.height]
        if below and seen not in settled:
            yield from _compared([max(below, key=lambda one: one.height), seen], reference)


def possible(earlier: tuple[int, int], later: tuple[int, int], reference: ChainReference) -> bool:
    """Whether two targets, each with its height, can be of one chain; so can what is no target at all."""
    try:
        return may_follow(
            earlier, later, easiest_bits=reference.easiest_bits, retarget_blocks=reference.retarget_blocks
        )
    except ValueError:  # such a header proves no work, which is said elsewhere
        return True


def _compared(headers: Iterable[HeaderSeen], reference: ChainReference) -> Iterator[Finding]:
    """Compare some headers of a server, by height, with each other and with the targets that are known."""
    seen = {one.height: one for one in headers}
    stated = {(height, one.header.bits) for height, one in seen.items()}
    for lower, upper in pairwise(sorted(stated | set(reference.known_bits.items()))):
        heights = dict.fromkeys((lower[0], upper[0]))  # one, where another target is known than was given
        quotes = [seen[height].quote for height in heights if height in seen]
        if quotes and not possible(lower, upper, reference):
            words = f"targets {lower[1]:#010x} at {lower[0]} and {upper[1]:#010x} at {upper[0]} cannot both be"
            yield finding("target_impossible", quotes[0].server, f"{words} in one chain", quotes)
