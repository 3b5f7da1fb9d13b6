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
        first: Round from which on it is looked at, as an index; what the two said after it counts.
        last: Round until which it is; what they said before it counts.
        words: What there is to see.
    """

    moment: int
    first: int
    last: int
    words: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Holders:
    """Who has what, counted once for all pairs.

    Attributes:
        found: The transactions, columns as machines.
        pending: What was listed.
        having: How many machines have each; shape (K,).
        told: How many said anything of it; shape (K,).
        alike: Equal numbers where the holders are the same; shape (K,).
        number: How many transactions have each such number.
    """

    found: PendingTransactions
    pending: PendingTable
    having: NDArray[np.int64]
    told: NDArray[np.int64]
    alike: NDArray[np.int64]
    number: NDArray[np.int64]


def holders_of(material: Material) -> Holders | None:
    """Count who has what; None where the watch did not ask, or no transaction lasted."""
    found, pending = material.contested, material.pending
    if found is None or pending is None or not len(found.seen):
        return None
    _, alike, number = np.unique(found.seen, axis=0, return_inverse=True, return_counts=True)
    return Holders(
        found=found,
        pending=pending,
        having=(found.seen == HAS).sum(axis=1),
        told=(found.seen != NOTHING).sum(axis=1),
        alike=alike.reshape(-1),
        number=number,
    )


def contested_facts(material: Material, holders: Holders, pair: tuple[int, int], most: int) -> Iterator[ContestedFact]:
    """Yield transactions on which two machines agree and few others do, then those that one of them lists only.

    Of transactions with the same holders, or with exactly the others, the first stands for all.
    """
    teller = _Teller(holders, pair, (int(material.servers[pair[0]]), int(material.servers[pair[1]])))
    yield from teller.facts(teller.both_told & teller.agree, teller.rarity, most)
    yield from teller.facts(teller.both_told & ~teller.agree, -teller.rarity, most)


class _Teller:
    def __init__(self, holders: Holders, pair: tuple[int, int], servers: tuple[int, int]) -> None:
        self._holders, self._servers = holders, servers
        found = holders.found
        self._ours = found.seen[:, pair]
        steady = ~found.wavering[:, pair].any(axis=1)
        contested = np.minimum(holders.having, holders.told - holders.having) >= _FEWEST_ON_A_SIDE
        alike = np.where(self._ours[:, 0] == HAS, holders.having, holders.told - holders.having)
        self.both_told: Mask = (self._ours != NOTHING).all(axis=1) & steady & contested
        self.agree: Mask = self._ours[:, 0] == self._ours[:, 1]
        self.rarity: Floats = np.asarray(1 - alike / np.maximum(holders.told, 1))

    def facts(self, chosen: Mask, order: Floats, most: int) -> Iterator[ContestedFact]:
        """Yield so many facts of the chosen transactions, those first whose order is highest."""
        known: set[bytes] = set()
        rows = np.flatnonzero(chosen)
        rows = rows[np.sort(np.unique(self._holders.alike[rows], return_index=True)[1])]
        for row in rows[np.argsort(-order[rows], kind="stable")]:
            if len(known) == most:
                return
            seen = self._holders.found.seen[row]
            if np.where(seen == NOTHING, seen, 1 - seen).astype(np.int8).tobytes() not in known:
                known.add(seen.tobytes())
                yield self._fact(int(row))

    def _fact(self, row: int) -> ContestedFact:
        found, pending = self._holders.found, self._holders.pending
        told = [pending.lists_it(int(found.numbers[row]), server) for server in self._servers]
        within = [
            (moments[inside], listed[inside])
            for moments, listed in told
            for inside in [(pending.rounds[moments] > found.first[row]) & (pending.rounds[moments] < found.last[row])]
        ]
        common = np.intersect1d(within[0][0], within[1][0])
        shown = common[len(common) // 2] if len(common) else within[0][0][0]
        counts = " and ".join(f"{int(listed.sum())} of {len(listed)}" for _, listed in within)
        like = int(self._holders.number[self._holders.alike[row]]) - 1
        words = (
            f"transaction {found.txids[row]}: {_WHO[tuple(self._ours[row].tolist())]} ({counts} answers); "
            f"{self._holders.having[row]} of {self._holders.told[row]} machines have it"
        )
        return ContestedFact(
            moment=int(pending.rounds[shown]),
            first=int(found.first[row]),
            last=int(found.last[row]),
            words=f"{words}, {like} more with the same holders" if like else words,
        )


_WHO = {
    (1, 1): "both list it",
    (0, 0): "neither lists it",
    (1, 0): "only the first lists it",
    (0, 1): "only the second lists it",
}
