"""What servers say of public scripts: which of their transactions are pending, to the byte.

A server lists what its index holds: its node's mempool, the very one that its histogram is cut from, as of its last
poll. Packages are left out of the lab, so every transaction stands at height 0.
"""

from collections.abc import Sequence
from dataclasses import dataclass

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
from electrum_observatory.lab.time.scripts import Touched, touching
from electrum_observatory.model.watch import Question
from electrum_observatory.model.watch_ports import NOTHING

_OLDEST_INDEX_S = 60
"""No index is older than a poll."""
_BATCHES = ("blockstream_electrs",)
"""Programs that keep a script's transactions by their coming, those of one poll in no order (esplora mempool.rs)."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Waiting:
    """The transactions of a chunk that touch scripts; M of them, by id."""

    touches: NDArray[np.bool_]
    txids: Sequence[str]
    fees_sat: Sequence[int]
    lot: Lots


class PendingAnswers:
    """The answers to PENDING of a world with public scripts."""

    def __init__(self, plan: WorldPlan, mempools: Mempools, lives: Lives) -> None:
        self._plan = plan
        self._mempools = mempools
        self._views = Views(plan, mempools, lives)
        self._touched: Touched = touching(plan, mempools.history.flow)
        keys = [(one.personality, one.version, one.negotiated) for one in plan.servers]
        writers = {
            key: PendingWriter(LineWriter(personality=key[0], version=key[1], negotiated=key[2]), key[2], plan.scripts)
            for key in dict.fromkeys(keys)
        }
        self._writers = [writers[key] for key in keys]

    @property
    def hang_up(self) -> NDArray[np.bool_]:
        """Which servers close the connection over this question."""
        return np.array([one.hangs_up for one in self._writers])

    def said(self, chunk: Chunk) -> Said:
        """Return every server's lists in every round that asks for them, whether or not it is up."""
        asking = np.flatnonzero([Question.PENDING in one.questions for one in chunk.rounds])
        texts: dict[bytes, int] = {}
        text_at = np.full(chunk.asked_s.shape, NOTHING, dtype=np.int64)
        waiting, presences = self._waiting(chunk)
        items = {writer: writer.items(waiting.txids, waiting.fees_sat) for writer in set(self._writers)}
        for server, writer in enumerate(self._writers):
            if writer.hangs_up:
                continue
            for node in np.unique(chunk.node_at[asking, server]).tolist():
                rows = asking[chunk.node_at[asking, server] == node]
                index = self._views.indexed(server, node, chunk.asked_s[rows, server])
                lists = self._lists(server, node, index, waiting, presences[node])
                for row, listed in zip(rows.tolist(), lists, strict=True):
                    text = writer.lines([[items[writer][place] for place in one] for one in listed])
                    text_at[row, server] = texts.setdefault(text, len(texts))
        return Said(texts=list(texts), text_at=text_at)

    def _waiting(self, chunk: Chunk) -> tuple[_Waiting, list[Presence]]:
        """Return what touches scripts around a chunk, and when each node has it; by id."""
        flow, touched = self._mempools.history.flow, self._touched
        stretch = self._mempools.stretch(
            chunk.from_s - _OLDEST_INDEX_S, chunk.to_s + _OLDEST_INDEX_S, among=touched.rows
        )
        places = np.searchsorted(touched.rows, stretch.rows).tolist()
        by_id = sorted(range(len(places)), key=lambda place: touched.txids[places[place]])
        rows = stretch.rows[by_id]
        here = [places[place] for place in by_id]
        found = [self._mempools.presence(node, stretch) for node in range(len(self._plan.nodes))]
        return _Waiting(
            touches=touched.scripts[here],
            txids=[touched.txids[place] for place in here],
            fees_sat=flow.fee_sat[rows].tolist(),
            lot=flow.lot[rows],
        ), [Presence(enters=one.enters[by_id], leaves=one.leaves[by_id]) for one in found]

    def _lists(
        self, server: int, node: int, index: Indexed, waiting: _Waiting, presence: Presence
    ) -> list[list[list[int]]]:
        """Return the places of what a server lists, by moment and script, in its order."""
        at = index.second[:, None]
        there = (presence.enters <= at) & (at < presence.leaves) & index.ready[:, None]
        found = []
        for moment, has in enumerate(there):
            places = np.flatnonzero(has)
            if not self._writers[server].sorts:
                places = places[
                    self._memory_order(server, node, index, moment, presence.enters[places], waiting.lot[places])
                ]
            touches = waiting.touches[places]
            found.append([places[touches[:, script]].tolist() for script in range(touches.shape[1])])
        return found

    def _memory_order(
        self, server: int, node: int, index: Indexed, moment: int, enters: NDArray[np.int32], lot: Lots
    ) -> Numbers:
        """The order in which a process holds these transactions: a hash table's, or by the poll they came with."""
        planned = self._plan.servers[server]
        about = (planned.server_id, self._plan.nodes[node].node_id, int(index.process[moment]))
        salt = np.uint32(stream(self._plan.seed, "order of a set", *about).getrandbits(32))
        polls = np.zeros(len(enters))
        if planned.implementation in _BATCHES:
            polls = np.maximum(np.ceil((enters - index.polls_from[moment]) / index.poll_s), 0)
        return np.lexsort((mix(lot, salt), polls))
