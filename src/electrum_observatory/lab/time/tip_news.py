"""The news of tips as it reaches us: over a connection that lasts as long as both ends do.

A connection begins at the first round in which the server is there; the reply to its subscription dates nothing, what
follows does. It ends when the server goes away or when we become blind.
"""

import numpy as np

from electrum_observatory.lab.chance import stream
from electrum_observatory.lab.personalities.electrumx import ElectrumX
from electrum_observatory.lab.personalities.registry import PERSONALITIES
from electrum_observatory.lab.time.fees import ATTENDED_S, WITHIN_S
from electrum_observatory.lab.time.life import Absences, blind_spells
from electrum_observatory.lab.time.plans import ServerPlan, WorldPlan
from electrum_observatory.lab.time.ranges import RANGES
from electrum_observatory.lab.time.rounds import BOOT_ID, Chunk, Floats, Numbers
from electrum_observatory.lab.time.tips import Tips
from electrum_observatory.model.watch_ports import NewsColumns

_MONOTONIC_0_NS = 10**15
_LAG_US = 200.0
_Heard = tuple[Floats, Numbers, Numbers, Numbers]
"""Arrival, header, height and "first" of news."""


class TipNews:
    """All news of a world, by arrival."""

    def __init__(self, plan: WorldPlan, tips: Tips, absences: list[Absences]) -> None:
        self._plan = plan
        self._tips = tips
        blind = _blind_s(plan)
        parts = [self._of(server, absences[server], blind) for server in range(len(plan.servers))]
        arrived = np.concatenate([part[0] for part in parts])
        order = np.argsort(arrived, kind="stable")
        self._arrived_s = arrived[order]
        self._header = np.concatenate([part[1] for part in parts])[order]
        self._height = np.concatenate([part[2] for part in parts])[order]
        self._first = np.concatenate([part[3] for part in parts])[order]
        counts = [len(part[0]) for part in parts]
        self._server = np.repeat(np.arange(len(parts)), counts)[order]
        rng = np.random.default_rng(stream(plan.seed, "news lag").getrandbits(64))
        self._lag_us = rng.exponential(_LAG_US, len(order)).astype(np.int64)

    def columns(self, chunk: Chunk) -> NewsColumns:
        """Return what arrives in a chunk's time."""
        rows = slice(*np.searchsorted(self._arrived_s, (chunk.from_s, chunk.to_s)))
        arrived = self._arrived_s[rows]
        used, header_at = np.unique(self._header[rows], return_inverse=True)
        return NewsColumns(
            endpoints=[server.endpoint for server in self._plan.servers],
            headers=[self._tips.headers.raw[place] for place in used.tolist()],
            boot_ids=[BOOT_ID],
            endpoint_at=self._server[rows],
            header_at=header_at.astype(np.int64),
            boot_at=np.zeros(len(arrived), dtype=np.int64),
            height=self._height[rows],
            received_at_us=self._plan.start_us + np.rint(arrived * 1e6).astype(np.int64),
            received_monotonic_ns=np.rint(arrived * 1e9).astype(np.int64) + _MONOTONIC_0_NS,
            lag_us=self._lag_us[rows],
            first=self._first[rows],
        )

    def _of(
        self, server: int, absences: Absences, blind: tuple[Floats, Floats]
    ) -> tuple[Floats, Numbers, Numbers, Numbers]:
        """Return one server's news, greetings first."""
        planned = self._plan.servers[server]
        timeline = self._tips.timeline(server, self._plan.node_number(planned.nodes[0]))
        begins, ends = _connections(float(self._plan.seconds), absences, blind)
        session = np.searchsorted(begins, timeline.told_s, side="right") - 1
        heard = (session >= 0) & (timeline.told_s < ends[session]) if len(begins) else np.zeros(len(session), np.bool_)
        told = np.flatnonzero(heard)
        rng = np.random.default_rng(stream(self._plan.seed, "news", planned.server_id).getrandbits(64))
        sent = timeline.told_s[told] + _kept_back(planned, len(told), rng)
        arrived = sent + _way(planned, len(told), rng)
        # One connection keeps order: nothing overtakes what was sent before.
        arrived = np.maximum.accumulate(arrived) + np.arange(len(arrived)) * 1e-6
        greeted, greeting = begins + _way(planned, len(begins), rng), timeline.at(begins)
        places = np.concatenate([greeting, told])
        return (
            np.concatenate([greeted, arrived]),
            timeline.header[places],
            timeline.height[places],
            np.concatenate([np.ones(len(begins), np.int64), np.zeros(len(told), np.int64)]),
        )


def _connections(seconds: float, absences: Absences, blind: tuple[Floats, Floats]) -> tuple[Floats, Floats]:
    """Return when each of our connections to a server begins and ends."""
    away_from = np.concatenate([[-np.inf], absences.from_s, blind[0], [seconds]])
    away_to = np.concatenate([[0.0], absences.to_s, blind[1], [np.inf]])
    order = np.argsort(away_from, kind="stable")
    ends, free = away_from[order][1:], np.maximum.accumulate(away_to[order])[:-1]
    begins = np.ceil((free - WITHIN_S) / ATTENDED_S) * ATTENDED_S + WITHIN_S
    lasts = begins < ends
    return begins[lasts], ends[lasts]


def _blind_s(plan: WorldPlan) -> tuple[Floats, Floats]:
    spells = blind_spells(plan)
    begins = np.array([(spell.from_us - plan.start_us) / 1e6 for spell in spells])
    ends = np.array([(spell.to_us - plan.start_us) / 1e6 for spell in spells])
    return begins, ends


def _kept_back(server: ServerPlan, count: int, rng: np.random.Generator) -> Floats:
    """What ElectrumX waits from 1.18 on, lest the size of what it sends tells something."""
    personality = PERSONALITIES[server.personality]
    padded = isinstance(personality, ElectrumX) and personality.release.padded
    padding = RANGES["tip.padding"]
    return rng.uniform(padding.low, padding.high, count) * padded


def _way(server: ServerPlan, count: int, rng: np.random.Generator) -> Floats:
    """One way, with jitter; what is lost is sent again."""
    resent = RANGES["tip.resent"]
    lost = rng.random(count) < server.loss
    way = server.path_s / 2 * (1 + rng.exponential(RANGES["server.path_jitter"].high, count))
    return way + np.where(lost, rng.uniform(resent.low, resent.high, count), 0.0)
