"""The transactions behind a pair's bits: who listed which in which rounds, the most unexpected first."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from electrum_observatory.analysis.backends.material import Material
from electrum_observatory.datasets.watch.answers import Floats
from electrum_observatory.datasets.watch.pending import PendingTable
from electrum_observatory.datasets.watch.pending_seen import HAS, PendingTransactions
from electrum_observatory.model.watch_ports import NOTHING

Mask = NDArray[np.bool_]

_FEWEST_ON_A_SIDE = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class ContestedFact:
    """One transaction, and what the two servers of a pair said of it.

    Attributes:
        moment: Round of the watch, as an index, in which both answered, so that their answers show it.
        words: What there is to see.
    """

    moment: int
    words: str


def contested_facts(material: Material, one: int, other: int, most: int) -> Iterator[ContestedFact]:
    """Yield transactions on which two machines agree and few others do, then those that one of them lists only.

    Of transactions with the same holders, or with exactly the others, the first stands for all.
    """
    found, pending = material.contested, material.pending
    if found is None or pending is None or not len(found.seen):
        return
    teller = _Teller(found, pending, (one, other), (int(material.servers[one]), int(material.servers[other])))
    both = teller.both_told & (found.seen[:, one] == found.seen[:, other])
    yield from teller.facts(both, teller.rarity, most)
    yield from teller.facts(teller.both_told & ~both, -teller.rarity, most)


class _Teller:
    def __init__(
        self, found: PendingTransactions, pending: PendingTable, pair: tuple[int, int], servers: tuple[int, int]
    ) -> None:
        self._found, self._pending, self._servers = found, pending, servers
        self._ours = found.seen[:, pair]
        steady = ~found.wavering[:, pair].any(axis=1)
        having, lacking = (found.seen == HAS).sum(axis=1), (found.seen != NOTHING).sum(axis=1)
        lacking = lacking - having
        contested = np.minimum(having, lacking) >= _FEWEST_ON_A_SIDE
        self._having, self._told = having, having + lacking
        self.both_told: Mask = (self._ours != NOTHING).all(axis=1) & steady & contested
        share = np.where(self._ours[:, 0] == HAS, having, lacking) / np.maximum(self._told, 1)
        self.rarity: Floats = np.asarray(1 - share)

    def facts(self, chosen: Mask, order: Floats, most: int) -> Iterator[ContestedFact]:
        """Yield so many facts of the chosen transactions, those first whose order is highest."""
        known: set[bytes] = set()
        rows = np.flatnonzero(chosen)
        for row in rows[np.argsort(-order[rows], kind="stable")]:
            if len(known) == most:
                return
            seen = self._found.seen[row]
            holders, others = seen.tobytes(), np.where(seen == NOTHING, seen, 1 - seen).astype(np.int8).tobytes()
            if holders not in known and others not in known:
                known.add(holders)
                yield self._fact(int(row))

    def _fact(self, row: int) -> ContestedFact:
        found, pending = self._found, self._pending
        told = [pending.lists_it(int(found.numbers[row]), server) for server in self._servers]
        within = [
            (moments[inside], listed[inside])
            for moments, listed in told
            for inside in [(pending.rounds[moments] > found.first[row]) & (pending.rounds[moments] < found.last[row])]
        ]
        common = np.intersect1d(within[0][0], within[1][0])
        shown = common[len(common) // 2] if len(common) else within[0][0][0]
        counts = " and ".join(f"{int(listed.sum())} of {len(listed)}" for _, listed in within)
        like = int((found.seen == found.seen[row]).all(axis=1).sum()) - 1
        words = (
            f"transaction {found.txids[row]}: {_WHO[tuple(self._ours[row].tolist())]}, in {counts} rounds that tell; "
            f"{self._having[row]} of {self._told[row]} machines have it"
        )
        return ContestedFact(
            moment=int(pending.rounds[shown]), words=f"{words}; {like} more with the same holders" if like else words
        )


_WHO = {
    (1, 1): "both list it",
    (0, 0): "neither lists it",
    (1, 0): "only the first lists it",
    (0, 1): "only the second lists it",
}
