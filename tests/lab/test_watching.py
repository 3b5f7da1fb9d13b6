"""A whole lab watched: programs, transports, hostile acts beside them, news of blocks, and the loss of everything.

One world is watched for a few rounds, then its only process is killed; every test looks at what the sink was told.
"""

import asyncio
import os
import random
import signal
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

import pytest

from electrum_observatory.bitcoin.header import parse_header
from electrum_observatory.lab.process import RunningLab, run_lab
from electrum_observatory.lab.truth import Fate
from electrum_observatory.lab.world_yaml import parse_world
from electrum_observatory.model.endpoint import Endpoint, Transport
from electrum_observatory.model.failure import FailureKind
from electrum_observatory.model.watch import USUAL_QUESTIONS, Availability, Blindness, Question, Reading, Stint, Watch
from electrum_observatory.net.clock import SystemClock
from electrum_observatory.net.dial import Dialer
from electrum_observatory.net.policy import AddressPolicy
from electrum_observatory.scanner.watching.config import WATCH_LIMITS, Cadences, Dials, WatchingConfig
from electrum_observatory.scanner.watching.monitor import Monitor
from tests.lab.world_files import NOON
from tests.unit.scanner.watching.scene import MemorySink

WORLD = """\
schema_version: 1
name: watched
time_scale: 20
chain: {height: 50, block_interval_s: 12}
mempool: {initial: 20, transactions_per_s: 0.1}
servers:
  - id: everything
    software: {personality: electrumx_1_16}
    addresses: [88.198.43.21]
    listen: {tcp: 50001, ssl: 50002, ws: 50003, wss: 50004}
  - {id: endless, software: {personality: hostile_never_ending_line}, addresses: [88.198.43.31]}
  - {id: ids, software: {personality: hostile_wrong_ids}, addresses: [88.198.43.32]}
  - {id: storm, software: {personality: hostile_notification_storm}, addresses: [88.198.43.33]}
  - {id: fat, software: {personality: hostile_fat_answers}, addresses: [88.198.43.34]}
  - {id: early, software: {personality: hostile_early_replies}, addresses: [88.198.43.35]}
  - {id: nothing, software: {personality: hostile_null_results}, addresses: [88.198.43.36]}
groups:
  - id: others
    machines: 6
    software:
      - {personality: electrumx_1_18}
      - {personality: fulcrum_1}
      - {personality: fulcrum_2}
      - {personality: electrs_romanz}
      - {personality: electrs_esplora}
      - {personality: electrumx_1_20}
    providers: [{provider: hetzner}]
    nodes: [{node: default}]
  - id: broken
    machines: 3
    software: [{personality: fulcrum_2}]
    providers: [{provider: ovh}]
    faults: [{fault: dead, share: 0.34}, {fault: mute, share: 0.33}, {fault: silent, share: 0.33}]
"""
ROUNDS = 2
PATIENCE_S = 60
HOSTILE = {
    "88.198.43.31": {FailureKind.LINE_TOO_LONG},
    "88.198.43.32": {FailureKind.BAD_MESSAGE},
    "88.198.43.33": {FailureKind.TOO_MANY_MESSAGES, FailureKind.BAD_MESSAGE},
    "88.198.43.35": {FailureKind.BAD_MESSAGE, FailureKind.TOO_MANY_MESSAGES},
    "88.198.43.36": {FailureKind.UNEXPECTED_RESULT, FailureKind.BAD_MESSAGE},
}
CONFIG = WatchingConfig(
    cadences=Cadences(histogram_s=40, tip_s=40, fee_floor_s=40, estimates_s=40, ping_s=40),
    dials=Dials(held_per_machine=4, spacing_s=1, dial_s=50),
    jitter_s=2,
)


@dataclass(frozen=True)
class Watched:
    """What came of it."""

    sink: MemorySink
    lab: RunningLab
    rounds_before: int

    def readings(self, number: int) -> Mapping[str, Reading]:
        return {one.endpoint.canonical: one for one in self.sink.rounds[number - 1][1]}

    def endpoints(self, fate: Fate) -> set[str]:
        hostile = tuple(f"@{address}" for address in (*HOSTILE, "88.198.43.34"))
        return {one for one in self.lab.truth.endpoints(fate, announced_only=False) if not one.endswith(hostile)}


async def watch() -> Watched:
    sink = MemorySink()
    async with asyncio.timeout(PATIENCE_S), run_lab(parse_world(WORLD, "watched.yaml"), now=NOON, workers=1) as lab:
        clock = SystemClock(lab.overlay.time_scale)
        monitor = Monitor(
            watch=Watch(
                watch_id="20261120T120000Z-local-0a1b2c",
                vantage="local",
                network="bitcoin",
                started_at_us=clock.now_us(),
                config={},
                config_sha256="00" * 32,
            ),
            stint=Stint(
                started_at_us=clock.now_us(),
                started_monotonic_ns=clock.monotonic_ns(),
                boot_id=clock.boot_id,
                tool_version="0",
            ),
            dialer=Dialer(clock=clock, policy=AddressPolicy(), overlay=lab.overlay, limits=WATCH_LIMITS),
            sink=sink,
            clock=clock,
            rng=random.Random(3),
            config=CONFIG.in_time_of(lab.overlay.time_scale),
        )
        everybody = {endpoint for fate in Fate for endpoint in lab.truth.endpoints(fate, announced_only=False)}
        monitor.set_watched(Endpoint.parse(one) for one in sorted(everybody))
        running = asyncio.create_task(monitor.run())
        await made(sink, ROUNDS)
        os.kill(lab.worker_pids[0], signal.SIGKILL)
        before = len(sink.rounds)
        await made(sink, before + 1)
        running.cancel()
        await asyncio.wait([running])
    return Watched(sink=sink, lab=lab, rounds_before=before)


async def made(sink: MemorySink, rounds: int) -> None:
    while len(sink.rounds) < rounds:
        sink.round_came.clear()
        await sink.round_came.wait()


@pytest.fixture(scope="module")
def watched() -> Watched:
    return asyncio.run(watch())


def test_every_healthy_server_answers_everything_in_every_round_over_every_transport(watched: Watched) -> None:
    healthy = watched.endpoints(Fate.ANSWERS)

    assert {Endpoint.parse(one).transport for one in healthy} == set(Transport)
    for number in range(1, ROUNDS + 1):
        readings = watched.readings(number)
        for one in healthy:
            assert readings[one].availability is Availability.UP
            assert readings[one].answers.keys() == set(USUAL_QUESTIONS)
            assert readings[one].answers[Question.ESTIMATES].data.count(b"\n") == 7


def test_who_refuses_and_who_says_nothing_are_told_apart(watched: Watched) -> None:
    for number in range(1, ROUNDS + 1):
        readings = watched.readings(number)
        assert {readings[one].availability for one in watched.endpoints(Fate.REFUSES)} == {Availability.REFUSED}
        quiet = watched.endpoints(Fate.STAYS_MUTE) | watched.endpoints(Fate.DROPS)
        assert {readings[one].availability for one in quiet if one in readings} == {Availability.UNKNOWN}


def test_a_hostile_server_ends_its_own_connection_only_and_its_failure_is_kept(watched: Watched) -> None:
    failures: dict[str, set[FailureKind]] = {}
    for number in range(1, ROUNDS + 1):
        for one, reading in watched.readings(number).items():
            if reading.failure is not None:
                failures.setdefault(one.rpartition("@")[2], set()).add(reading.failure.kind)

    assert {address: kinds for address, kinds in failures.items() if address in HOSTILE}.keys() == HOSTILE.keys()
    assert all(failures[address] <= kinds for address, kinds in HOSTILE.items())


def test_new_blocks_are_news_of_every_healthy_server(watched: Watched) -> None:
    healthy = watched.endpoints(Fate.ANSWERS)
    told: dict[str, list[tuple[int, bytes]]] = {}
    for news in watched.sink.news:
        if news.endpoint.canonical in healthy and not news.first:
            told.setdefault(news.endpoint.canonical, []).append((news.height, news.header))

    assert told.keys() == healthy
    for tips in told.values():
        heights = [height for height, _ in tips]
        assert heights == sorted(set(heights))
        assert len(heights) >= 2
        for (height, before), (next_height, after) in pairwise(tips):
            linked = parse_header(after).previous_hash == parse_header(before).block_hash
            assert linked is (next_height == height + 1)  # programs that poll miss one of two that come together


def test_when_everything_is_gone_at_once_the_gap_is_ours(watched: Watched) -> None:
    last, readings = watched.sink.rounds[-1]

    assert readings == []
    assert Counter(watched.sink.why_blind())[Blindness.NO_NETWORK] >= 1
    assert len(watched.sink.why_blind()) == Counter(watched.sink.why_blind())[Blindness.NO_NETWORK]
    assert watched.sink.spells[-1].to_us >= last.started_at_us
    assert watched.sink.stints == ["begun", "ended"]
