"""Unconfirmed transactions by column: each distinct list once, and who gave which for which script in which round."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from electrum_observatory.datasets.watch.histograms import distinct_texts
from electrum_observatory.datasets.watch.pending_lines import ListState, is_txid, read_pending_line
from electrum_observatory.datasets.watch.table import WatchTable
from electrum_observatory.model.watch import Question
from electrum_observatory.model.watch_ports import NOTHING, Numbers
from electrum_observatory.protocol.watch_questions import PENDING_IDS

FAILED = -2
"""In ``list_at``: the server answered with an error, unlike ``NOTHING``, where no readable list came at all."""

_DIGEST = 16


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PendingTable:
    """Who listed which transactions, in the P rounds that asked, for S scripts.

    Attributes:
        rounds: Which of the watch's rounds asked; shape (P,).
        at_us: When they began; shape (P,).
        list_at: Number of the list that a server gave for a script, ``FAILED`` or ``NOTHING``; shape (P, N, S).
        starts: Where each list begins in ``listed``, and where the last one ends; shape (lists + 1,).
        listed: Transactions of all lists, one after the other, as indices of ``txids``.
        txids: As displayed.
        script_of: The script under which each transaction is followed: of several that under which it is listed most
            often, so that no single server can claim one for another script; shape (transactions,).
    """

    rounds: Numbers
    at_us: Numbers
    list_at: NDArray[np.int32]
    starts: Numbers
    listed: NDArray[np.int32]
    txids: Sequence[str]
    script_of: NDArray[np.int8]

    def sightings(self, moment: int) -> tuple[Numbers, Numbers]:
        """Return who listed what in one of the P rounds: transactions, and beside each the server."""
        servers, scripts = np.nonzero(self.list_at[moment] >= 0)
        lists = self.list_at[moment, servers, scripts]
        starts, lengths = self.starts[lists], self.starts[lists + 1] - self.starts[lists]
        within = np.arange(int(lengths.sum())) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        return self.listed[np.repeat(starts, lengths) + within].astype(np.int64), np.repeat(servers, lengths)

    def lists_it(self, number: int, server: int) -> tuple[Numbers, NDArray[np.bool_]]:
        """Return the moments at which a server answered for a transaction's script, and whether it listed it."""
        lists = self.list_at[:, server, int(self.script_of[number])]
        moments = np.flatnonzero(lists >= 0)
        listed = [number in self.listed[self.starts[one] : self.starts[one + 1]] for one in lists[moments]]
        return moments, np.array(listed, dtype=bool)


def pending_of(table: WatchTable) -> PendingTable:
    """Read what servers listed, each distinct line once. Of a watch without the question there are no rounds."""
    at, texts = distinct_texts(table, Question.PENDING)
    asked = np.flatnonzero((at != NOTHING).any(axis=1))
    reader = _Reader()
    of_text = [reader.lists_of(text) for text in texts]
    list_at = np.array([*of_text, (NOTHING,) * len(PENDING_IDS)], dtype=np.int32)
    lengths = [len(one) for one in reader.lists]
    listed = np.concatenate([np.zeros(0, np.int32), *reader.lists])
    list_at = list_at[at[asked]]
    times = np.bincount(list_at[list_at >= 0], minlength=len(lengths))
    under = np.repeat(np.array(reader.script_of_list, dtype=np.int64), lengths)
    script_of = _most_often(listed, under, np.repeat(times, lengths), len(reader.numbers))
    followed = script_of[listed] == under
    kept = np.append(0, np.cumsum(followed))
    return PendingTable(
        rounds=asked,
        at_us=table.at_us[asked],
        list_at=list_at,
        starts=kept[np.append(0, np.cumsum(lengths, dtype=np.int64))],
        listed=listed[followed],
        txids=tuple(reader.numbers),
        script_of=script_of,
    )


def _most_often(listed: NDArray[np.int32], under: Numbers, times: Numbers, transactions: int) -> NDArray[np.int8]:
    """Return under which script each transaction is listed most often."""
    scripts = len(PENDING_IDS)
    votes = np.bincount(listed * np.int64(scripts) + under, weights=times, minlength=transactions * scripts)
    return np.asarray(votes.reshape(transactions, scripts).argmax(axis=1), dtype=np.int8)


class _Numbers(dict[str, int]):
    """Transactions to numbers: one that is not known gets the next, and what is no transaction's id ``NOTHING``."""

    def __missing__(self, txid: str) -> int:
        if not is_txid(txid):
            return NOTHING
        self[txid] = number = len(self)
        return number


class _Reader:
    """Reads texts; what two of them have in common is read once.

    Attributes:
        numbers: Of transactions.
        lists: Transactions of each distinct list.
        script_of_list: Script of each list.
    """

    def __init__(self) -> None:
        self.numbers = _Numbers()
        self.lists: list[NDArray[np.int32]] = []
        self.script_of_list: list[int] = []
        self._known: dict[bytes, tuple[int, int] | None] = {}

    def lists_of(self, text: bytes) -> tuple[int, ...]:
        """Return the number of each script's list, ``FAILED`` or ``NOTHING``."""
        told = [NOTHING] * len(PENDING_IDS)
        for line in text.split(b"\n"):
            digest = hashlib.blake2b(line, digest_size=_DIGEST).digest()  # lines themselves would be kept twice
            if digest not in self._known:
                self._known[digest] = self._read(line)
            if (found := self._known[digest]) is not None:
                told[found[0]] = found[1]
        return tuple(told)

    def _read(self, line: bytes) -> tuple[int, int] | None:
        """Return script and list of a line, None where it is no reply to the question."""
        read = read_pending_line(line) if line else None
        if read is None:
            return None
        script = PENDING_IDS.index(read.request_id)
        if read.state is not ListState.LISTED:
            return script, FAILED if read.state is ListState.ERROR else NOTHING
        numbers = self.numbers
        listed = np.unique(np.array([numbers[txid] for txid in read.txids], dtype=np.int32))  # twice is once
        if (listed == NOTHING).any():
            return script, NOTHING
        self.lists.append(listed)
        self.script_of_list.append(script)
        return script, len(self.lists) - 1
