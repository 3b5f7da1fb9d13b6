"""What servers say of public scripts: which of their transactions are pending, to the byte.

A server lists what its index holds: its node's mempool, the very one that its histogram is cut from, as of its last
poll. Packages are left out of the lab, so every transaction stands at height 0.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from electrum_observatory.lab.chance import stream
from electrum_observatory.lab.time.histogram_views import Indexed, Views
from electrum_observatory.lab.time.mempools import Mempools, Presence
from electrum_observatory.lab.time.pending_lines import PendingWriter
from electrum_observatory.lab.time.plans import WorldPlan
from electrum_observatory.lab.time.relay import Lots, mix
from electrum_observatory.lab.time.reply_lines import LineWriter
from electrum_observatory.lab.time.rounds import Chunk, Lives, Numbers, Said
from electrum_observatory.lab.time.scripts import touching
from electrum_observatory.model.watch import Question
from electrum_observatory.model.watch_ports import NOTHING

_OLDEST_INDEX_S = 60
"""No index is older than a poll."""
_BY_POLL = ("blockstream_electrs",)
"""Programs that keep a script's transactions as polls brought them, those of one poll in no order (``mempool.rs``)."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Waiting:
    """The transactions around a chunk that touch scripts, by id; M of them.

    Attributes:
        touches: Whether it touches each script; shape (M, scripts).
        txids: Their ids.
        fees_sat: Their fees.
        lot: 32 random bits each.
        presences: When each node of the world has them.
    """

    touches: NDArray[np.bool_]
    txids: Sequence[str]
    fees_sat: Sequence[int]
    lot: Lots
    presences: Sequence[Presence]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Stay:
    """The rounds of a chunk in which one process of a server answers from one node; R of them.

    Attributes:
        server: Its place in the plan.
        node: Likewise.
        process: Which of its processes it is.
        rows: Rows of the chunk.
        index: What its index holds then.
    """

    server: int
    node: int
    process: int
    rows: Numbers
    index: Indexed


class PendingAnswers:
    """The answers to PENDING of a world with public scripts."""

    def __init__(self, plan: WorldPlan, mempools: Mempools, lives: Lives) -> None:
        self._plan = plan
        self._mempools = mempools
        self._views = Views(plan, mempools, lives)
        self._touched = touching(plan, mempools.history.flow)
        builds = [(one.personality, one.version, one.negotiated) for one in plan.servers]
        writers = {build: _writer(*build, plan.scripts) for build in dict.fromkeys(builds)}
        self._writers = [writers[build] for build in builds]

    @property
    def hang_up(self) -> NDArray[np.bool_]:
        """Which servers close the connection over this question."""
        return np.array([one.hangs_up for one in self._writers])

    def said(self, chunk: Chunk) -> Said:
        """Return every server's lists in every round that asks for them, whether or not it is up."""
        texts: dict[bytes, int] = {}
        text_at = np.full(chunk.asked_s.shape, NOTHING, dtype=np.int64)
        waiting = self._waiting(chunk)
        items = {writer: writer.items(waiting.txids, waiting.fees_sat) for writer in dict.fromkeys(self._writers)}
        for stay in self._stays(chunk):
            writer = self._writers[stay.server]
            for row, listed in zip(stay.rows.tolist(), self._listed(stay, waiting, items[writer]), strict=True):
                text_at[row, stay.server] = texts.setdefault(writer.lines(listed), len(texts))
        return Said(texts=list(texts), text_at=text_at)

    def _stays(self, chunk: Chunk) -> Iterator[_Stay]:
        asking = np.flatnonzero([Question.PENDING in one.questions for one in chunk.rounds])
        for server in np.flatnonzero(~self.hang_up).tolist():
            answering = chunk.node_at[asking, server]
            for node in np.unique(answering).tolist():
                rows = asking[answering == node]
                index = self._views.indexed(server, node, chunk.asked_s[rows, server])
                for process in np.unique(index.process).tolist():
                    own = index.process == process
                    yield _Stay(server=server, node=node, process=process, rows=rows[own], index=index.at(own))

    def _waiting(self, chunk: Chunk) -> _Waiting:
        flow, touched = self._mempools.history.flow, self._touched
        low, high = chunk.from_s - _OLDEST_INDEX_S, chunk.to_s + _OLDEST_INDEX_S
        stretch = self._mempools.stretch(low, high, among=touched.rows)
        place = np.searchsorted(touched.rows, stretch.rows)
        by_id = sorted(range(len(place)), key=lambda number: touched.txids[place[number]])
        rows, place = stretch.rows[by_id], place[by_id]
        found = (self._mempools.presence(node, stretch) for node in range(len(self._plan.nodes)))
        return _Waiting(
            touches=touched.scripts[place],
            txids=[touched.txids[number] for number in place.tolist()],
            fees_sat=flow.fee_sat[rows].tolist(),
            lot=flow.lot[rows],
            presences=[Presence(enters=one.enters[by_id], leaves=one.leaves[by_id]) for one in found],
        )

    def _listed(self, stay: _Stay, waiting: _Waiting, items: Sequence[bytes]) -> Iterator[Sequence[Sequence[bytes]]]:
        """Yield what is listed in each round, by script, in the order of the build."""
        order = self._order(stay, waiting)
        presence, at = waiting.presences[stay.node], stay.index.second[:, None]
        there = (presence.enters[order] <= at) & (at < presence.leaves[order]) & stay.index.ready[:, None]
        by_script = []
        for touches in waiting.touches[order].T:
            moment, place = np.nonzero(there & touches)
            found = [items[number] for number in order[place].tolist()]
            ends = np.searchsorted(moment, np.arange(len(there) + 1)).tolist()
            by_script.append([found[first:last] for first, last in pairwise(ends)])
        return zip(*by_script, strict=True)

    def _order(self, stay: _Stay, waiting: _Waiting) -> Numbers:
        """The order in which a process lists transactions: by id, or as its hash tables and polls made it."""
        if self._writers[stay.server].sorts:
            return np.arange(len(waiting.txids))
        planned = self._plan.servers[stay.server]
        about = (planned.server_id, self._plan.nodes[stay.node].node_id, stay.process)
        salt = np.uint32(stream(self._plan.seed, "order of a set", *about).getrandbits(32))
        polls = np.zeros(len(waiting.txids))
        if planned.implementation in _BY_POLL:
            since = waiting.presences[stay.node].enters - stay.index.polls_from[0]
            polls = np.maximum(np.ceil(since / stay.index.poll_s), 0)
        return np.lexsort((mix(waiting.lot, salt), polls))


def _writer(personality: str, version: str, negotiated: str, scripts: Sequence[str]) -> PendingWriter:
    writer = LineWriter(personality=personality, version=version, negotiated=negotiated)
    return PendingWriter(writer, negotiated, scripts)
