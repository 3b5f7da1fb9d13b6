"""When each server learns of a block and tells of it, and which of two rival blocks it tells.

A block reaches the node (``relay``); the program notices at its next poll, or at once; it works the block in; ElectrumX
then waits for its mempool to be as high. Polls sleep and then work, so their phases drift against each other. Periods:
``implementations.md`` §5.3.
"""

from dataclasses import dataclass

import numpy as np

from electrum_observatory.lab.chance import stream
from electrum_observatory.lab.merkle import double_sha256
from electrum_observatory.lab.time.mempools import Mempools
from electrum_observatory.lab.time.mining import FIRST_HEIGHT, Blocks
from electrum_observatory.lab.time.plans import ServerPlan, WorldPlan
from electrum_observatory.lab.time.ranges import RANGES
from electrum_observatory.lab.time.rounds import Floats, Lives, Numbers

_VERSION, _BITS = 0x20000000, 0x17021A91
_MEMPOOL_EVENTS_SINCE = (2,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Noticing:
    """How a program learns of a block.

    Attributes:
        poll: Row of ``ranges`` with the period of its poll; None: it is told at once.
        work: Row of ``ranges`` with the time it takes to work a block in.
        mempool_poll: Row with the period of the mempool refresh that must follow; None where none must.
    """

    poll: str | None
    work: str
    mempool_poll: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Timeline:
    """The tips that a server on one node tells, by time.

    Attributes:
        told_s: World times from which it tells the next one, rising.
        header: Places in ``Headers.raw``.
        height: Heights.
    """

    told_s: Floats
    header: Numbers
    height: Numbers

    def at(self, moments: Floats) -> Numbers:
        """Return what it tells at world times, as places; the first tip for what is before it."""
        return np.maximum(np.searchsorted(self.told_s, moments, side="right") - 1, 0)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Headers:
    """The headers of a world.

    Attributes:
        raw: 80 bytes each: of the winners by height, then of the losers by height (empty where there is none). They
            are linked and dated; nobody did the work.
        winners: How many winners there are.
    """

    raw: tuple[bytes, ...]
    winners: int


def make_headers(plan: WorldPlan, blocks: Blocks) -> Headers:
    """Make the headers of all blocks."""
    before = double_sha256(f"{plan.seed}/block before".encode())
    winners, losers = [], []
    for height, found_s, rival_s in zip(blocks.heights.tolist(), blocks.found_s, blocks.rival_s, strict=True):
        seconds = plan.start_us / 1e6
        winner = _header(before, f"{plan.seed}/{height}", int(seconds + found_s))
        loser = _header(before, f"{plan.seed}/{height}/rival", int(seconds + rival_s)) if rival_s == rival_s else b""
        winners.append(winner)
        losers.append(loser)
        before = double_sha256(winner)
    return Headers(raw=(*winners, *losers), winners=len(winners))


class Tips:
    """The timelines of a world."""

    def __init__(self, plan: WorldPlan, mempools: Mempools, lives: Lives) -> None:
        self._plan = plan
        self._mempools = mempools
        self._lives = lives
        self.headers = make_headers(plan, mempools.history.blocks)
        self._known: dict[int, tuple[Floats, Numbers]] = {}
        self._timelines: dict[tuple[int, int], Timeline] = {}

    def timeline(self, server: int, node: int) -> Timeline:
        """Return what a server tells as long as it stands on this node (places in the plan)."""
        found = self._timelines.get((server, node))
        if found is None:
            found = self._timelines[server, node] = self._tell(server, node)
        return found

    def _tell(self, server: int, node: int) -> Timeline:
        planned = self._plan.servers[server]
        known_s, header = self._known_to(node)
        noticing = noticing_of(planned)
        rng = np.random.default_rng(stream(self._plan.seed, "tips", planned.server_id, node).getrandbits(64))
        starts = self._lives.starts(server)
        noticed = known_s if noticing.poll is None else next_poll(known_s, noticing.poll, starts, rng)
        work = RANGES[noticing.work]
        told = np.maximum.accumulate(noticed + rng.uniform(work.low, work.high, len(noticed)))
        if noticing.mempool_poll is not None:
            told = next_poll(told, noticing.mempool_poll, starts, rng)
        # Blocks that one poll finds together are told as one: the highest.
        last_of_poll = np.append(told[:-1] < told[1:], True) & np.append(noticed[:-1] < noticed[1:], True)
        shown = np.flatnonzero(last_of_poll)
        return Timeline(told_s=told[shown], header=header[shown], height=FIRST_HEIGHT + shown)

    def _known_to(self, node: int) -> tuple[Floats, Numbers]:
        """Return when a node has a tip of each height, and which header it is: of two rivals, what came first."""
        found = self._known.get(node)
        if found is None:
            winner_s, rival_s = self._mempools.relay.rivals(node, self._mempools.history.blocks)
            known = np.maximum.accumulate(np.fmin(winner_s, rival_s))
            for restart in self._plan.nodes[node].restarts:
                back = restart.at_s + restart.down_s
                known = np.where((known >= restart.at_s) & (known < back), back, known)
            places = np.arange(len(known), dtype=np.int64)
            found = known, np.where(rival_s < winner_s, places + len(known), places)
            self._known[node] = found
        return found


def noticing_of(server: ServerPlan) -> Noticing:
    """Return how a server's program learns of blocks. Raises KeyError for one that worlds in time do not hold."""
    if server.implementation == "fulcrum":
        return Noticing(poll=None if server.zmq else "poll.fulcrum", work="tip.fulcrum_work")
    if server.implementation == "electrumx":
        by_events = tuple(int(part) for part in server.version.split(".")[:1]) >= _MEMPOOL_EVENTS_SINCE
        mempool_poll = None if by_events else "poll.electrumx_mempool"
        return Noticing(poll="poll.electrumx", work="tip.electrumx_work", mempool_poll=mempool_poll)
    return {
        "romanz_electrs": Noticing(poll=None, work="tip.romanz_work"),
        "blockstream_electrs": Noticing(poll="poll.esplora", work="tip.esplora_work"),
        "mempool_electrs": Noticing(poll="poll.mempool", work="tip.esplora_work"),
    }[server.implementation]


def next_poll(moments: Floats, period: str, starts: Floats, rng: np.random.Generator) -> Floats:
    """Return the first poll at or after each world time.

    A poll begins when its process starts and repeats after its period and its own work, which is what lets it drift.
    """
    drift = RANGES["poll.drift"]
    every = RANGES[period].low * (1 + rng.uniform(drift.low, drift.high))
    phases = starts + rng.uniform(0, every, len(starts))
    began = phases[np.maximum(np.searchsorted(phases, moments, side="right") - 1, 0)]
    polls: Floats = began + np.ceil((moments - began) / every) * every
    return polls


def _header(before: bytes, name: str, timestamp: int) -> bytes:
    root = double_sha256(name.encode())
    nonce = root[:4]
    return (
        _VERSION.to_bytes(4, "little")
        + before
        + root
        + timestamp.to_bytes(4, "little")
        + _BITS.to_bytes(4, "little")
        + nonce
    )
