"""Which moment of its node's mempool a server shows: that of its last poll before its last refresh.

Every server has its own phase, drawn anew at each start of its process. ElectrumX recomputes, then sleeps 120 s, so its
period is longer by its own work and drifts against everybody's; Fulcrum recomputes every 10 s (30 s before 1.9.8) and
right after a block; romanz and esplora every 10 s. What they recompute from is as old as their last poll of bitcoind.
Periods: ``implementations.md`` §4.1 and §5.3, with sources.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from electrum_observatory.lab.chance import uniform
from electrum_observatory.lab.personalities import fulcrum_releases
from electrum_observatory.lab.time.mempools import Mempools
from electrum_observatory.lab.time.plans import ServerPlan, WorldPlan
from electrum_observatory.lab.time.ranges import RANGES, draw
from electrum_observatory.lab.time.rounds import Floats, Lives

_AFTER_BLOCK_S = 0.4
"""What Fulcrum takes to work a block in before it cuts anew (assumed)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    """The periods of one program.

    Attributes:
        refresh_s: From one histogram to the next, its work not counted.
        works: Whether its work is added to the period.
        poll_s: From one look at bitcoind's mempool to the next, likewise.
        at_blocks: Whether a block is a refresh too.
    """

    refresh_s: float
    works: bool
    poll_s: float
    at_blocks: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Shown:
    """What a server shows at some moments.

    Attributes:
        ready: Whether it has a histogram already; before, it says ``[]``.
        second: The whole world second whose mempool it shows, never falling.
    """

    ready: NDArray[np.bool_]
    second: NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Indexed:
    """What a server's index holds at some moments.

    Attributes:
        ready: Whether it has one already; before, it knows of no transaction.
        second: The whole world second whose mempool it holds, never falling.
        process: Which of its processes it is, counted from 0.
        polls_from: When that process first looked at its node.
        poll_s: From one look to the next.
    """

    ready: NDArray[np.bool_]
    second: NDArray[np.int64]
    process: NDArray[np.int64]
    polls_from: Floats
    poll_s: float

    def at(self, which: NDArray[np.bool_]) -> "Indexed":
        """Return some of the moments."""
        return Indexed(
            ready=self.ready[which],
            second=self.second[which],
            process=self.process[which],
            polls_from=self.polls_from[which],
            poll_s=self.poll_s,
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Running:
    """The process of a server at some moments: when it began, first had a histogram, and polls its node."""

    process: NDArray[np.int64]
    began: Floats
    first: Floats
    polls_from: Floats
    poll_s: float


def rhythm_of(server: ServerPlan) -> Rhythm:
    """Return the periods of a server's program. Raises KeyError for one that worlds in time do not hold."""
    if server.implementation == "fulcrum":
        seconds = fulcrum_releases.Release.of(server.version).histogram_seconds
        return Rhythm(refresh_s=seconds, works=False, poll_s=2.0, at_blocks=True)
    return {
        "electrumx": Rhythm(refresh_s=120.0, works=True, poll_s=5.0),
        "romanz_electrs": Rhythm(refresh_s=10.0, works=False, poll_s=10.0),
        "blockstream_electrs": Rhythm(refresh_s=10.0, works=True, poll_s=5.0),
        "mempool_electrs": Rhythm(refresh_s=10.0, works=True, poll_s=0.5),
    }[server.implementation]


class Views:
    """The servers' views of their nodes' mempools."""

    def __init__(self, plan: WorldPlan, mempools: Mempools, lives: Lives) -> None:
        self._plan = plan
        self._mempools = mempools
        self._lives = lives

    def shown(self, server: int, node: int, asked_s: Floats) -> Shown:
        """Return what a server that stands on this node shows at rising world times."""
        planned = self._plan.servers[server]
        rhythm = rhythm_of(planned)
        running = self._running(server, node, asked_s)
        work = draw("server.electrumx_work", self._plan.seed, server) if rhythm.works else 0.0
        refreshed = _last(asked_s, running.first, rhythm.refresh_s + work)
        if rhythm.at_blocks:
            refreshed = np.maximum(refreshed, self._last_block(planned, node, asked_s))
        polled = _last(refreshed, running.polls_from, running.poll_s)
        ready = asked_s >= running.first
        second = np.floor(np.where(ready, polled, running.began)).astype(np.int64)
        return Shown(ready=ready, second=np.maximum.accumulate(second))

    def indexed(self, server: int, node: int, asked_s: Floats) -> Indexed:
        """Return what a server's index holds at rising world times: its lists wait for no refresh, only for a poll."""
        planned = self._plan.servers[server]
        running = self._running(server, node, asked_s)
        polled = _last(asked_s, running.polls_from, running.poll_s)
        if rhythm_of(planned).at_blocks:
            polled = np.maximum(polled, self._last_block(planned, node, asked_s))
        return Indexed(
            ready=asked_s >= running.first,
            second=np.maximum.accumulate(np.floor(polled).astype(np.int64)),
            process=running.process,
            polls_from=running.polls_from,
            poll_s=running.poll_s,
        )

    def _running(self, server: int, node: int, asked_s: Floats) -> _Running:
        rhythm = rhythm_of(self._plan.servers[server])
        starts = self._lives.starts(server)
        process = np.maximum(np.searchsorted(starts, asked_s, side="right") - 1, 0)
        lots = [self._lots(server, node, number) for number in range(int(process.max(initial=0)) + 1)]
        lot = np.array(lots)[process]
        began = starts[process]
        syncing = RANGES["server.syncing"]
        poll = rhythm.poll_s + draw("server.poll_work", self._plan.seed, server) * (rhythm.poll_s > 1)
        return _Running(
            process=process,
            began=began,
            first=began + syncing.low + (syncing.high - syncing.low) * lot[:, 0],
            polls_from=began + poll * lot[:, 1],
            poll_s=poll,
        )

    def _lots(self, server: int, node: int, process: int) -> tuple[float, float]:
        about = (self._plan.servers[server].server_id, self._plan.nodes[node].node_id, process)
        return uniform(self._plan.seed, "refresh", *about), uniform(self._plan.seed, "poll", *about)

    def _last_block(self, planned: ServerPlan, node: int, asked_s: Floats) -> Floats:
        """When it last cut anew because of a block."""
        heard = self._mempools.block_s[node][:-1] + _AFTER_BLOCK_S
        heard = heard + (0.0 if planned.zmq else 2 * uniform(self._plan.seed, "block poll", planned.server_id))
        number = np.searchsorted(heard, asked_s, side="right") - 1
        found: Floats = np.where(number >= 0, heard[np.maximum(number, 0)], -np.inf)
        return found


def _last(at: Floats, first: Floats, period: float) -> Floats:
    """The last beat at or before a time."""
    found: Floats = first + np.floor((at - first) / period) * period
    return found
