"""What servers say of fees at a moment: which of their node's estimates they still hold, and the floor they know.

ElectrumX keeps an answer from the first question after a new tip, whoever asked, until the next tip; the Blockstream
line keeps a batch for a minute; Fulcrum and romanz ask each time. Where answers are kept, a server's other users decide
how old ours is.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from electrum_observatory.lab.chance import draws, stream
from electrum_observatory.lab.personalities.electrumx import ElectrumX
from electrum_observatory.lab.personalities.registry import PERSONALITIES
from electrum_observatory.lab.time.mempools import Mempools
from electrum_observatory.lab.time.node_fees import Estimates
from electrum_observatory.lab.time.plans import ServerPlan, WorldPlan
from electrum_observatory.lab.time.ranges import RANGES, draw, draw_log
from electrum_observatory.lab.time.rounds import Floats, Lives, Numbers
from electrum_observatory.lab.time.tips import Timeline, Tips
from electrum_observatory.protocol.watch_questions import ESTIMATE_TARGETS

ATTENDED_S, WITHIN_S = 300.0, 2.0
"""The cadence of an ordinary watch, and how far into a round a server is asked: whose question came first is decided by
these rather than by a chunk's own rounds, of which the earlier ones may be in another chunk."""

_POPULAR = 2
_HOUR_S = 3600.0


class NodeFees:
    """What nodes say of fees at any moment."""

    def __init__(self, mempools: Mempools, estimates: Estimates) -> None:
        """Args: ``estimates`` are those of :func:`~electrum_observatory.lab.time.node_fees.estimate_history`."""
        self._mempools = mempools
        self._estimates = estimates

    def minimum(self, node: int, moments: Floats) -> Numbers:
        """Return ``mempoolminfee`` in sat/kvB at world times."""
        return np.rint(self._mempools.floors.at(node, moments).astype(np.float64) * 1000).astype(np.int64)

    def estimates(self, node: int, moments: Floats, target: int) -> Numbers:
        """Return ``estimatesmartfee`` in sat/kvB at world times for a place in ESTIMATE_TARGETS; 0 for nothing.

        No estimate is below the node's minimum at that moment (``rpc/fees.cpp``).
        """
        block = np.searchsorted(self._mempools.block_s[node][:-1], moments, side="right") - 1
        found = self._estimates[np.maximum(block, 0), node, target].astype(np.int64)
        known = (found > 0) & (block >= 0)
        return np.where(known, np.maximum(found, self.minimum(node, moments)), 0)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Asked:
    """Questions to one server that stands on one node.

    Attributes:
        server: Place in the plan.
        node: Place in the plan.
        moments: World times at which they reached it.
        rounds: Numbers of their rounds.
    """

    server: int
    node: int
    moments: Floats
    rounds: NDArray[np.uint64]


class ServerFees:
    """What servers say of fees."""

    def __init__(self, plan: WorldPlan, nodes: NodeFees, tips: Tips, lives: Lives) -> None:
        self._plan = plan
        self._nodes = nodes
        self._tips = tips
        self._lives = lives

    def estimates(self, asked: Asked) -> Numbers:
        """Return question × target: sat/kvB, 0 for no estimate."""
        server = self._plan.servers[asked.server]
        fetched = np.repeat(asked.moments[:, None], len(ESTIMATE_TARGETS), axis=1)
        if freezes(server):
            fetched = self._frozen_at(asked)
        elif server.implementation in {"blockstream_electrs", "mempool_electrs"}:
            fetched -= self._cache_age(asked, "server.estimate_cache")[:, None]
        columns = [self._nodes.estimates(asked.node, fetched[:, place], place) for place in range(fetched.shape[1])]
        return np.stack(columns, axis=1)

    def minimum(self, asked: Asked) -> Numbers:
        """Return the mempool minimum that the server tells, sat/kvB: ElectrumX keeps it for a minute."""
        moments = asked.moments
        if self._plan.servers[asked.server].implementation == "electrumx":
            moments = moments - self._cache_age(asked, "server.daemon_cache")
        return self._nodes.minimum(asked.node, moments)

    def _frozen_at(self, asked: Asked) -> Floats:
        """World time of the first question since the tip that the server has now, or since its start, by target."""
        timeline = self._tips.timeline(asked.server, asked.node)
        tip = timeline.at(asked.moments)
        starts = self._lives.starts(asked.server)
        started = starts[np.maximum(np.searchsorted(starts, asked.moments, side="right") - 1, 0)]
        since = np.minimum(np.maximum(timeline.told_s[tip], started), asked.moments)
        ours = np.ceil((since - WITHIN_S) / ATTENDED_S) * ATTENDED_S + WITHIN_S
        theirs = since[:, None] + self._waits(asked, timeline)[tip]
        return np.minimum(np.minimum(theirs, ours[:, None]), asked.moments[:, None])

    def _waits(self, asked: Asked, timeline: Timeline) -> Floats:
        """Tip × target: how long after a new tip some other client asks first."""
        server = self._plan.servers[asked.server]
        rng = np.random.default_rng(stream(self._plan.seed, "fee clients", server.server_id).getrandbits(64))
        rare = draw("server.rare_target_share", self._plan.seed, server.server_id)
        shares = np.array([1.0 if target == _POPULAR else rare for target in ESTIMATE_TARGETS])
        waits: Floats = rng.exponential(1.0, (len(timeline.told_s), len(shares))) / (self._rate(server) * shares)
        return waits

    def _cache_age(self, asked: Asked, cache: str) -> Floats:
        """How old a kept value is: anything up to its time to live where others ask too, 0 where we are the first."""
        server = self._plan.servers[asked.server]
        seconds = RANGES[cache].low
        asked_by_others = 1 - np.exp(-self._rate(server) * seconds)
        lot = draws(self._plan.seed, cache, "others", server.server_id, among=asked.rounds)
        share = draws(self._plan.seed, cache, "age", server.server_id, among=asked.rounds)
        return np.where(lot < asked_by_others, share * seconds, 0.0)

    def _rate(self, server: ServerPlan) -> float:
        return draw_log("server.fee_clients", self._plan.seed, server.server_id) / _HOUR_S


def freezes(server: ServerPlan) -> bool:
    """Return whether its build keeps an estimate until the tip changes: ElectrumX from 1.16 on."""
    personality = PERSONALITIES[server.personality]
    return isinstance(personality, ElectrumX) and personality.release.caches_estimates
