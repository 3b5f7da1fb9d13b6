"""Servers of many programs in front of nodes that were recorded: what each would have said of what these nodes said.

Nothing about the nodes is simulated: mempools, tips, floors and estimates are what real nodes told at each look. What
stands in front of them is: programs with their own histogram, caches, poll phases and paths. A recording of minutes
holds few refreshes of 120 s, so the programs' periods may be divided (``hasten``), as the recorded servers' were.
"""

import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from electrum_observatory.bitcoin.networks import NETWORKS
from electrum_observatory.lab.chance import stream
from electrum_observatory.lab.personalities.registry import PERSONALITIES
from electrum_observatory.lab.state import NodeState
from electrum_observatory.lab.time.drawing_servers import BUILDS
from electrum_observatory.lab.time.histogram_views import rhythm_of
from electrum_observatory.lab.time.plans import ServerPlan
from electrum_observatory.lab.time.recorded import NodeMoment, Recording, tips
from electrum_observatory.lab.time.rendering import Rendered
from electrum_observatory.lab.time.reply_lines import SAT, LineWriter, NodeFacts
from electrum_observatory.lab.time.rounds import BOOT_ID, Numbers
from electrum_observatory.model.endpoint import Endpoint, Transport
from electrum_observatory.model.watch import USUAL_QUESTIONS, Availability, Question, Round
from electrum_observatory.model.watch_ports import AVAILABILITIES, NewsColumns, ReadingColumns
from electrum_observatory.protocol.watch_questions import ESTIMATE_TARGETS, requests_of

_VERSION = 210_201
_SPREAD_S = 0.05
_FASTEST_S, _SLOWEST_S = 0.005, 0.3  # path there and back, as everywhere in the lab in time
_UP = AVAILABILITIES.index(Availability.UP)


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """A cast of servers in front of recorded nodes.

    Attributes:
        recording: The nodes.
        servers: Who stands on which; each on one.
        seed: Chance of phases and paths.
        start_us: UTC microseconds of the recording's beginning.
        every_s: From one round to the next.
        hasten: What the programs' periods are divided by.
    """

    recording: Recording
    servers: tuple[ServerPlan, ...]
    seed: int
    start_us: int
    every_s: float
    hasten: float


def cast(recording: Recording, seed: int) -> tuple[ServerPlan, ...]:
    """Put one server of every build on every node; in a random order."""
    rng = stream(seed, "replayed cast")
    places = [(node, build) for node in sorted(recording.moments) for build in BUILDS]
    rng.shuffle(places)
    return tuple(
        ServerPlan(
            server_id=f"server-{index:03}",
            endpoint=Endpoint(
                host=f"replayed{index:03}.example",
                address=f"198.51.100.{index + 1}",
                port=50002,
                transport=Transport.SSL,
            ),
            personality=build.personality,
            implementation=PERSONALITIES[build.personality].implementation,
            version=PERSONALITIES[build.personality].default_version,
            negotiated=build.negotiated,
            nodes=(node,),
            operator=f"operator-{index:04}",
            provider="recorded",
            path_s=rng.uniform(_FASTEST_S, _SLOWEST_S),
            loss=0.0,
        )
        for index, (node, build) in enumerate(places)
    )


def replay(asked: Replay) -> Rendered:
    """Render all rounds of a recording."""
    rounds = int(asked.recording.seconds / asked.every_s)
    servers = [_Server(asked, planned) for planned in asked.servers]
    texts: dict[bytes, int] = {}
    shape = (rounds, len(servers))
    text_at = {question: np.empty(shape, dtype=np.int64) for question in USUAL_QUESTIONS}
    for number in range(rounds):
        for place, server in enumerate(servers):
            for question, text in server.said(number * asked.every_s + _SPREAD_S).items():
                text_at[question][number, place] = texts.setdefault(text, len(texts))
    return Rendered(readings=_readings(asked, list(texts), text_at), news=_news(asked, servers), spells=())


class _Server:
    """One server in front of one recorded node: what it shows is as old as its program's habits make it."""

    def __init__(self, asked: Replay, planned: ServerPlan) -> None:
        rng = stream(asked.seed, "replayed", planned.server_id)
        rhythm = rhythm_of(planned)
        self.planned = planned
        self._node = planned.nodes[0]
        self._recording = asked.recording
        self._refresh_s, self._refresh_phase = _period(rhythm.refresh_s / asked.hasten, rng)
        self.poll_s, self.poll_phase = _period(rhythm.poll_s / asked.hasten, rng)
        self._writer = LineWriter.of(planned)
        self._histograms: dict[float, bytes] = {}
        self._frozen: NodeMoment | None = None

    @cached_property
    def tips(self) -> list[tuple[float, int, bytes]]:
        """When the server told of each tip of its node: at the poll that saw it, and the way to us."""
        known = tips(self._recording.moments[self._node])
        way = self.planned.path_s / 2
        return [(self._poll_after(at) + way, height, raw) for at, height, raw in known]

    def _poll_after(self, at_s: float) -> float:
        return math.ceil((at_s - self.poll_phase) / self.poll_s) * self.poll_s + self.poll_phase

    def said(self, at_s: float) -> Mapping[Question, bytes]:
        """Answer everything that a round asks, as of a moment."""
        arrives = at_s + self.planned.path_s / 2
        polled = self._seen(arrives, self.poll_s, self.poll_phase)
        shown = self._seen(arrives, self._refresh_s, self._refresh_phase)
        now = self._recording.at(self._node, arrives)
        if self.planned.implementation == "electrumx":  # frozen at the first question after a tip
            if self._frozen is None or self._frozen.header != polled.header:
                self._frozen = now
            now = self._frozen
        of = {Question.HISTOGRAM: shown, Question.TIP: polled, Question.ESTIMATES: now}
        return {question: self._line(question, of.get(question, polled)) for question in USUAL_QUESTIONS}

    def _seen(self, at_s: float, period_s: float, phase: float) -> NodeMoment:
        """The node as it was at the last beat of a period."""
        return self._recording.at(self._node, math.floor((at_s - phase) / period_s) * period_s + phase)

    def _line(self, question: Question, moment: NodeMoment) -> bytes:
        match question:
            case Question.HISTOGRAM:
                return self._histogram(moment)
            case Question.TIP:
                return self._writer.tip(moment.height, moment.header)
            case Question.FEE_FLOOR:
                return self._writer.fee_floor(_facts(moment))
            case Question.ESTIMATES:
                return self._writer.estimates(tuple(moment.estimates.get(target, 0) for target in ESTIMATE_TARGETS))
            case Question.PING:
                return self._writer.ping()
            case Question.PENDING:
                raise ValueError("a recording names no public scripts")

    def _histogram(self, moment: NodeMoment) -> bytes:
        """What the personality itself says of this mempool."""
        if moment.at_s not in self._histograms:
            (asked,) = requests_of(Question.HISTOGRAM, self.planned.negotiated)
            self._histograms[moment.at_s] = self._writer.said(asked, _state(moment))
        return self._histograms[moment.at_s]


def _period(seconds: float, rng: random.Random) -> tuple[float, float]:
    return seconds, rng.uniform(-seconds, 0)


def _state(moment: NodeMoment) -> NodeState:
    return NodeState(
        network=NETWORKS["litecoin-regtest"],
        height=moment.height,
        header=lambda _height: moment.header,
        mempool=moment.mempool,
        relay_fee=round(moment.relay * SAT, 8),
        incremental_relay_fee=None,
        mempool_min_fee=round(moment.minimum * SAT, 8),
        estimate=lambda _target: None,
        version=_VERSION,
        subversion="",
    )


def _facts(moment: NodeMoment) -> NodeFacts:
    return NodeFacts(
        relay=moment.relay, increment=moment.relay, minimum=moment.minimum, version=_VERSION, full_rbf=None
    )


def _readings(asked: Replay, texts: Sequence[bytes], text_at: Mapping[Question, Numbers]) -> ReadingColumns:
    rounds, servers = text_at[Question.PING].shape
    path_us = np.array([round(one.path_s * 1e6) for one in asked.servers])
    every = np.tile(path_us, rounds)
    return ReadingColumns(
        rounds=[_round(asked, number) for number in range(rounds)],
        endpoints=[one.endpoint for one in asked.servers],
        texts=texts,
        failures=[],
        round_at=np.repeat(np.arange(rounds), servers),
        endpoint_at=np.tile(np.arange(servers), rounds),
        availability=np.full(rounds * servers, _UP),
        failure_at=np.full(rounds * servers, -1),
        sent_us=np.full(rounds * servers, round(_SPREAD_S * 1e6)),
        lag_us=np.zeros(rounds * servers, dtype=np.int64),
        text_at={question: at.ravel() for question, at in text_at.items()},
        after_us=dict.fromkeys(text_at, every),
    )


def _round(asked: Replay, number: int) -> Round:
    at_s = number * asked.every_s
    at_us = asked.start_us + round(at_s * 1e6)
    return Round(
        number=number + 1,
        due_at_us=at_us,
        started_at_us=at_us,
        started_monotonic_ns=round(at_s * 1e9) + 10**15,
        boot_id=BOOT_ID,
        duration_us=1_000_000,
        questions=USUAL_QUESTIONS,
        lag_max_us=0,
    )


def _news(asked: Replay, servers: Sequence[_Server]) -> NewsColumns:
    rows = sorted(
        (at_s, place, height, raw, number == 0)
        for place, server in enumerate(servers)
        for number, (at_s, height, raw) in enumerate(server.tips)
        if at_s < asked.recording.seconds
    )
    headers = list(dict.fromkeys(raw for _, _, _, raw, _ in rows))
    at_us = np.array([round(at_s * 1e6) for at_s, *_ in rows], dtype=np.int64)
    return NewsColumns(
        endpoints=[server.planned.endpoint for server in servers],
        headers=headers,
        boot_ids=[BOOT_ID],
        endpoint_at=np.array([place for _, place, *_ in rows], dtype=np.int64),
        header_at=np.array([headers.index(raw) for *_, raw, _ in rows], dtype=np.int64),
        boot_at=np.zeros(len(rows), dtype=np.int64),
        height=np.array([height for _, _, height, *_ in rows], dtype=np.int64),
        received_at_us=asked.start_us + at_us,
        received_monotonic_ns=at_us * 1000 + 10**15,
        lag_us=np.zeros(len(rows), dtype=np.int64),
        first=np.array([int(first) for *_, first in rows], dtype=np.int64),
    )
