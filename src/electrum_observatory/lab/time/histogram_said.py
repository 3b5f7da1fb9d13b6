"""What all servers of a chunk say to ``mempool.get_fee_histogram``.

One pass over the transactions for each node, shared by its servers; tables then gather by algorithm until there are
enough to be cut side by side.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from electrum_observatory.lab.time.algorithms import Algorithm, algorithm_of
from electrum_observatory.lab.time.cutting import Ints, Table
from electrum_observatory.lab.time.exact import ExactAlgorithm, cut_exact
from electrum_observatory.lab.time.flow import Flow
from electrum_observatory.lab.time.histogram_texts import Layout, empty_text, exact_texts_of, layout_of, texts_of
from electrum_observatory.lab.time.histogram_views import Views
from electrum_observatory.lab.time.mempools import Mempools, Stretch
from electrum_observatory.lab.time.plans import WorldPlan
from electrum_observatory.lab.time.rounds import Chunk, Lives, Said
from electrum_observatory.lab.time.snapshots import (
    Alive,
    Keyed,
    Rated,
    Spanned,
    alive_in,
    key_all,
    rate_all,
    spanned,
    table_of,
)
from electrum_observatory.model.watch_ports import NOTHING

_SIDE_BY_SIDE = 2_000
"""Snapshots that are cut together: enough to keep the walk over keys busy, few enough for the cache."""
_TOGETHER = 6
"""Servers of one node that are looked up together: as many snapshots as the cache likes."""
_OLDEST_VIEW_S = 400
"""No server shows a mempool older than this, but for one that has no histogram yet."""


class HistogramAnswers:
    """The histograms of a world."""

    def __init__(self, plan: WorldPlan, mempools: Mempools, lives: Lives) -> None:
        self._mempools = mempools
        self._views = Views(plan, mempools, lives)
        self._algorithms = [algorithm_of(server.personality, server.version) for server in plan.servers]
        self._layouts = [layout_of(server.personality) for server in plan.servers]
        self._on_node: dict[int, list[int]] = defaultdict(list)
        for number, server in enumerate(plan.servers):
            for node in server.nodes:
                self._on_node[plan.node_number(node)].append(number)

    def said(self, chunk: Chunk, heard: NDArray[np.bool_] | None = None) -> Said:
        """Return every server's histogram in every round of a chunk, whether or not it is up.

        Args:
            chunk: When servers are asked.
            heard: Round by server: which answers matter; the others are left out. None: all.
        """
        if heard is None:
            heard = np.ones(chunk.lost.shape, dtype=np.bool_)
        low, high = _span(chunk)
        stretch = self._mempools.stretch(low, high)
        cutter = _Cutter(self._mempools.history.flow, stretch, chunk.node_at.shape)
        for node, servers in sorted(self._on_node.items()):
            places = [self._place(chunk, heard, server, node) for server in servers]
            if heard_of := [place for place in places if len(place.rows)]:
                cutter.add(alive_in(self._mempools.presence(node, stretch), low, high), heard_of)
        return cutter.said()

    def _place(self, chunk: Chunk, heard: NDArray[np.bool_], server: int, node: int) -> "_Place":
        rows = np.flatnonzero(chunk.node_at[:, server] == node)
        shown = self._views.shown(server, node, chunk.asked_s[rows, server])
        mine = heard[rows, server]
        return _Place(
            server=server,
            rows=rows[mine],
            ready=shown.ready[mine],
            second=np.clip(shown.second[mine], *_span(chunk)),
            algorithm=self._algorithms[server],
            layout=self._layouts[server],
        )


def _span(chunk: Chunk) -> tuple[int, int]:
    return int(chunk.from_s) - _OLDEST_VIEW_S, int(chunk.to_s) + _OLDEST_VIEW_S


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Place:
    """What one server shows of one node, and where it belongs.

    Attributes:
        server: Place in the plan.
        rows: Rounds in which this node answers and is heard.
        ready: Whether it has a histogram then.
        second: Which world second's mempool it shows, rising.
        algorithm: Of its program.
        layout: Of its program.
    """

    server: int
    rows: Ints
    ready: NDArray[np.bool_]
    second: Ints
    algorithm: Algorithm | ExactAlgorithm
    layout: Layout


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Summed:
    """What some servers of one node and program show.

    Attributes:
        table: By key and moment, the moments rising and each once.
        places: The servers.
        column: Moment of each of their rows, one server behind the other.
    """

    table: Table
    places: Sequence[_Place]
    column: Ints


class _Cutter:
    """Cuts tables as they come, many at once, and keeps each distinct text once."""

    def __init__(self, flow: Flow, stretch: Stretch, shape: tuple[int, ...]) -> None:
        self._flow = flow
        self._stretch = stretch
        self._keyed: dict[str, Keyed] = {}
        self._rated: dict[str, Rated] = {}
        self._waiting: dict[tuple[Algorithm, Layout], list[_Summed]] = defaultdict(list)
        self._texts: dict[bytes, int] = {}
        self._text_at: NDArray[np.int64] = np.full(shape, NOTHING, dtype=np.int64)

    def add(self, alive: Alive, places: Sequence[_Place]) -> None:
        """Take the servers of one node; those of one program together, since most of the work is the node's."""
        together: dict[tuple[Algorithm, Layout], list[_Place]] = defaultdict(list)
        for place in places:
            if isinstance(place.algorithm, ExactAlgorithm):
                self._keep(place, self._exact(place.algorithm, spanned(alive, place.second), place.layout))
            else:
                together[place.algorithm, place.layout].append(place)
        for (algorithm, layout), mine in together.items():
            for begin in range(0, len(mine), _TOGETHER):
                self._wait(alive, algorithm, layout, mine[begin : begin + _TOGETHER])

    def said(self) -> Said:
        """Cut what still waits and return everything."""
        for algorithm, layout in list(self._waiting):
            self._cut(algorithm, layout)
        return Said(texts=list(self._texts), text_at=self._text_at)

    def _wait(self, alive: Alive, algorithm: Algorithm, layout: Layout, places: Sequence[_Place]) -> None:
        """Sum up what some servers show, and cut when enough has come together."""
        if algorithm.name not in self._keyed:
            self._keyed[algorithm.name] = key_all(self._flow, self._stretch, algorithm)
        seconds, column = np.unique(np.concatenate([place.second for place in places]), return_inverse=True)
        table = table_of(spanned(alive, seconds), self._keyed[algorithm.name])
        waiting = self._waiting[algorithm, layout]
        waiting.append(_Summed(table=table, places=places, column=column))
        if sum(one.table.shape[1] for one in waiting) >= _SIDE_BY_SIDE:
            self._cut(algorithm, layout)

    def _cut(self, algorithm: Algorithm, layout: Layout) -> None:
        waiting = self._waiting.pop((algorithm, layout))
        table = np.concatenate([one.table for one in waiting], axis=1)
        bins = algorithm.cut(table, self._keyed[algorithm.name].keys)
        texts = texts_of(bins, layout, tenths=algorithm.tenths)
        begin = 0
        for one in waiting:
            shown = iter((one.column + begin).tolist())
            for place in one.places:
                self._keep(place, [texts[at] for at in islice(shown, len(place.rows))])
            begin += one.table.shape[1]

    def _exact(self, algorithm: ExactAlgorithm, spans: Spanned, layout: Layout) -> list[bytes]:
        if algorithm.name not in self._rated:
            self._rated[algorithm.name] = rate_all(self._flow, self._stretch, algorithm)
        rated = self._rated[algorithm.name]
        rank = rated.rank[spans.kept]
        order = np.argsort(rank)
        rank, first, last = rank[order], spans.first[order].astype(np.int64), spans.last[order].astype(np.int64)
        bins = cut_exact(rated.rates[rank], rated.sizes[rank], first, last, spans.count)
        return exact_texts_of(bins, layout)

    def _keep(self, place: _Place, texts: list[bytes]) -> None:
        empty = empty_text(place.layout)
        known = self._texts
        at = [
            known.setdefault(text if ready else empty, len(known))
            for text, ready in zip(texts, place.ready.tolist(), strict=True)
        ]
        self._text_at[place.rows, place.server] = at
