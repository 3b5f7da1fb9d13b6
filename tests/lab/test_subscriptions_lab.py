"""Subscriptions held with a whole lab: a new block reaches every holder, over all transports and from all programs."""

import asyncio
from collections import defaultdict

from electrum_observatory.bitcoin.header import parse_header
from electrum_observatory.lab.process import run_lab
from electrum_observatory.lab.truth import Fate
from electrum_observatory.lab.world_yaml import parse_world
from electrum_observatory.model.endpoint import Endpoint, Transport
from electrum_observatory.model.failure import Failure, FailureKind
from electrum_observatory.net.clock import SystemClock
from electrum_observatory.net.dial import Dialer
from electrum_observatory.net.policy import AddressPolicy
from electrum_observatory.scanner.subscription import Notice, SubscriptionRules
from electrum_observatory.scanner.subscriptions import SUBSCRIPTION_LIMITS, Subscriptions
from tests.lab.world_files import NOON

WORLD = """\
schema_version: 1
name: blocks
time_scale: 20
chain: {height: 50, block_interval_s: 20}
mempool: {initial: 20, transactions_per_s: 0.1}
servers:
  - id: everything
    software: {personality: electrumx_1_16}
    addresses: [88.198.43.21]
    listen: {tcp: 50001, ssl: 50002, ws: 50003, wss: 50004}
groups:
  - id: others
    machines: 5
    software:
      - {personality: electrumx_1_18}
      - {personality: fulcrum_1}
      - {personality: fulcrum_2}
      - {personality: electrs_romanz}
      - {personality: electrs_esplora}
    providers: [{provider: hetzner}]
    nodes: [{node: default}]
  - id: broken
    machines: 2
    software: [{personality: fulcrum_2}]
    providers: [{provider: ovh}]
    faults: [{fault: dead, share: 0.5}, {fault: mute, share: 0.5}]
"""
ENOUGH_NEWS = 2
PATIENCE_S = 60


class Watcher:
    """Collects, and says when every healthy endpoint has told of enough blocks and every broken one has failed."""

    def __init__(self, healthy: frozenset[str], broken: frozenset[str]) -> None:
        self.notices: dict[str, list[Notice]] = defaultdict(list)
        self.failures: dict[str, Failure] = {}
        self.done = asyncio.Event()
        self._healthy = healthy
        self._broken = broken

    def told(self, notice: Notice) -> None:
        self.notices[notice.endpoint.canonical].append(notice)
        self._look()

    def ended(self, endpoint: Endpoint, failure: Failure) -> None:
        self.failures[endpoint.canonical] = failure
        self._look()

    def _look(self) -> None:
        enough = all(len(self.notices[endpoint]) > ENOUGH_NEWS for endpoint in self._healthy)
        if enough and self.failures.keys() >= self._broken:
            self.done.set()


def tip_of(notice: Notice) -> tuple[int, str]:
    tip = notice.content if notice.first else notice.content[0]
    return tip["height"], parse_header(bytes.fromhex(tip["hex"])).block_hash


async def test_a_new_block_reaches_every_holder_and_the_broken_are_told_apart() -> None:
    async with run_lab(parse_world(WORLD, "blocks.yaml"), now=NOON, workers=1) as lab:
        healthy = lab.truth.endpoints(Fate.ANSWERS, announced_only=False)
        refusing = lab.truth.endpoints(Fate.REFUSES, announced_only=False)
        mute = lab.truth.endpoints(Fate.STAYS_MUTE, announced_only=False)
        watcher = Watcher(healthy, refusing | mute)
        dialer = Dialer(
            clock=SystemClock(lab.overlay.time_scale),
            policy=AddressPolicy(),
            overlay=lab.overlay,
            limits=SUBSCRIPTION_LIMITS,
        )
        rules = SubscriptionRules(reply_s=3, keepalive_s=0.5)

        async with asyncio.timeout(PATIENCE_S), Subscriptions(dialer=dialer, watcher=watcher, rules=rules) as held:
            for endpoint in sorted(healthy | refusing | mute):
                held.add(Endpoint.parse(endpoint))
            await watcher.done.wait()
            still_held = set(held.held)

        header = lab.world.state("everything", 0).node.header

    assert {Endpoint.parse(endpoint).transport for endpoint in healthy} == set(Transport)
    assert still_held == healthy
    for endpoint in healthy:
        tips = [tip_of(notice) for notice in watcher.notices[endpoint]]
        assert [notice.first for notice in watcher.notices[endpoint]] == [True] + [False] * (len(tips) - 1)
        assert tips == sorted(set(tips)), f"{endpoint} told of a tip twice or backwards"
        assert all(parse_header(header(height)).block_hash == block for height, block in tips)
    assert {watcher.failures[endpoint].kind for endpoint in refusing} == {FailureKind.CONNECT_REFUSED}
    assert {watcher.failures[endpoint].kind for endpoint in mute} == {FailureKind.READ_TIMEOUT}
