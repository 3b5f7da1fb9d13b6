"""Which server has which unconfirmed transaction, once for each pair of them.

A transaction is looked at while at least a quarter of those list it that do when most do: what still spreads or was
just mined is not contested, what a server's index learns some seconds late is not missing, and one server that never
forgets what was mined does not make all others waver. In a round in which a server lists less than half of what it
usually does of that which most others list for a script, its node was just started or its reply cut short, and nothing
is concluded from what is not there; likewise where a script is too busy for a program, which then lists nothing at all.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from electrum_observatory.datasets.watch.answers import Floats
from electrum_observatory.datasets.watch.pending import PendingTable, pending_of
from electrum_observatory.datasets.watch.table import WatchTable
from electrum_observatory.model.watch_ports import NOTHING, Numbers

HAS, LACKS = 1, 0

SETTLES_US = 30_000_000
"""Programs ask their nodes every 2 to 10 seconds, and take a while to index what they were told."""

_PART = 16_384  # transactions at a time: what is counted for each server takes memory
_FEWER = 4  # times than at most: who lists a transaction alone before or after the others says nothing of these
_THIN = 0.5
_FEWEST_COMMON = 5


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PendingTransactions:
    """K transactions as N servers have them.

    Attributes:
        txids: As displayed.
        numbers: Their places in the table's ``txids``; shape (K,).
        seen: ``HAS`` or ``LACKS`` by the majority of a server's answers while the transaction was looked at, and
            ``NOTHING`` where it gave none, or as many of either; shape (K, N).
        wavering: Where a server's answers were not all the same; shape (K, N).
        first: The round, of the watch's, from which on it is looked at; shape (K,).
        last: The last one; shape (K,).
    """

    txids: Sequence[str]
    numbers: Numbers
    seen: NDArray[np.int8]
    wavering: NDArray[np.bool_]
    first: Numbers
    last: Numbers

    def of_servers(self, servers: Numbers) -> "PendingTransactions":
        """Return the same of some of the servers, in this order."""
        return replace(self, seen=self.seen[:, servers], wavering=self.wavering[:, servers])


def pending_transactions(table: WatchTable, pending: PendingTable | None = None) -> PendingTransactions:
    """Return who had which transactions; ``pending`` is the table's, where somebody has read it before."""
    pending = pending or pending_of(table)
    first, last, share = _surveyed(pending)
    thin = share < _THIN * _usual(share)
    thin = thin[:, :, :-1] | thin[:, :, -1:]
    begin, end = _looked_at(pending.at_us, first, last)
    chosen = np.flatnonzero(end > begin)
    chosen = chosen[np.argsort(first[chosen], kind="stable")]
    parts = [
        _counted(pending, chosen[start : start + _PART], begin, end, thin) for start in range(0, len(chosen), _PART)
    ]
    none = np.zeros((0, pending.list_at.shape[1]))
    return PendingTransactions(
        txids=[pending.txids[one] for one in chosen.tolist()],
        numbers=chosen,
        seen=np.concatenate([none.astype(np.int8), *(seen for seen, _ in parts)]),
        wavering=np.concatenate([none.astype(bool), *(wavering for _, wavering in parts)]),
        first=pending.rounds[first[chosen]],
        last=pending.rounds[last[chosen]],
    )


def _surveyed(pending: PendingTable) -> tuple[Numbers, Numbers, Floats]:
    """Return from which moment to which each transaction is seen, and each server's share of what most list.

    Shares are by script and at last of all scripts, NaN where too little is listed by most or a server answered
    nothing; shapes (K,), (K,), (P, N, S + 1).
    """
    moments, servers, scripts = pending.list_at.shape
    sightings = []
    share = np.full((moments, servers, scripts + 1), np.nan)
    for moment in range(moments):
        listed, by = pending.sightings(moment)
        counts = np.bincount(listed, minlength=len(pending.txids))
        sighted = np.flatnonzero(counts)
        sightings.append((sighted, counts[sighted]))
        told = pending.list_at[moment] >= 0
        common = 2 * counts[sighted] > told.sum(axis=0)[pending.script_of[sighted]]
        is_common = np.zeros(len(pending.txids), bool)
        is_common[sighted[common]] = True
        of_script = np.bincount(pending.script_of[sighted[common]].astype(np.int64), minlength=scripts)
        kept = is_common[listed]
        place = by[kept] * scripts + pending.script_of[listed[kept]]
        having = np.bincount(place, minlength=servers * scripts).reshape(servers, scripts)
        having = np.append(having, having.sum(axis=1, keepdims=True), axis=1)
        common_of = told * of_script
        common_of = np.append(common_of, common_of.sum(axis=1, keepdims=True), axis=1)
        enough = common_of >= _FEWEST_COMMON
        share[moment][enough] = having[enough] / common_of[enough]
    return *_seen_from_to(sightings, len(pending.txids)), share


def _seen_from_to(sightings: Sequence[tuple[Numbers, Numbers]], number: int) -> tuple[Numbers, Numbers]:
    """Return the first and the last moment at which enough list each transaction; ``NOTHING`` for the last if never.

    Args:
        sightings: By moment: transactions, and how many list each.
        number: How many transactions there are.
    """
    most = np.zeros(number, np.int64)
    for sighted, counts in sightings:
        most[sighted] = np.maximum(most[sighted], counts)
    first, last = np.full(number, len(sightings)), np.full(number, NOTHING)
    for moment, (sighted, counts) in enumerate(sightings):
        seen = sighted[_FEWER * counts >= most[sighted]]
        first[seen], last[seen] = np.minimum(first[seen], moment), moment
    return first, last


def _usual(share: Floats) -> Floats:
    """Return each server's median share for each script; infinite where it has nothing at all; shape (N, S + 1)."""
    told = np.isfinite(share)
    usual = np.full(share.shape[1:], np.nan)
    some = told.any(axis=0)
    usual[some] = np.nanmedian(share[:, some], axis=0)
    return np.where(usual > 0, usual, np.where(some, np.inf, np.nan))


def _looked_at(at_us: Numbers, first: Numbers, last: Numbers) -> tuple[Numbers, Numbers]:
    """Return the first moment at which a transaction is looked at, and the one after the last."""
    if not len(at_us):
        return first, first
    moments = len(at_us) - 1
    begin = np.searchsorted(at_us, at_us[np.minimum(first, moments)] + SETTLES_US, side="left")
    end = np.searchsorted(at_us, at_us[np.maximum(last, 0)] - SETTLES_US, side="right")
    return np.maximum(begin, first + 1), np.minimum(end, last)


def _counted(
    pending: PendingTable, chosen: Numbers, begin: Numbers, end: Numbers, thin: NDArray[np.bool_]
) -> tuple[NDArray[np.int8], NDArray[np.bool_]]:
    """Return what servers had of the chosen transactions by majority, and where they wavered."""
    shape = (len(chosen), pending.list_at.shape[1])
    having, answers = np.zeros(shape, np.uint16), np.zeros(shape, np.uint16)
    for rows, has, told in _moments(pending, chosen, begin[chosen], end[chosen], thin):
        having[rows] += has & told
        answers[rows] += told
    twice = 2 * having.astype(np.int32) - answers
    seen = np.where(twice > 0, HAS, np.where(twice < 0, LACKS, NOTHING)).astype(np.int8)
    return seen, (having > 0) & (having < answers)


def _moments(
    pending: PendingTable, chosen: Numbers, begin: Numbers, end: Numbers, thin: NDArray[np.bool_]
) -> Iterator[tuple[Numbers, NDArray[np.bool_], NDArray[np.bool_]]]:
    """Yield, moment by moment, the rows that are looked at, who lists them, and who said anything of them."""
    place = np.full(len(pending.txids), NOTHING)
    for moment in range(int(begin.min(initial=0)), int(end.max(initial=0))):
        rows = np.flatnonzero((begin <= moment) & (moment < end))
        if not len(rows):
            continue
        place[chosen[rows]] = np.arange(len(rows))
        listed, by = pending.sightings(moment)
        at = place[listed]
        has = np.zeros((len(rows), pending.list_at.shape[1]), bool)
        has[at[at != NOTHING], by[at != NOTHING]] = True
        told = ((pending.list_at[moment] >= 0) & ~thin[moment])[:, pending.script_of[chosen[rows]]].T
        place[chosen[rows]] = NOTHING
        yield rows, has, told
