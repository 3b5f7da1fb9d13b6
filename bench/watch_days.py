"""Days of a watch as its readings would be: a thousand servers, some behind one node, latencies as of real paths."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from bench.mempools import TICK_S, Tick, ticks
from electrum_observatory.model.endpoint import Endpoint, Transport
from electrum_observatory.model.failure import Failure, FailureKind, Stage
from electrum_observatory.model.watch import USUAL_QUESTIONS, Question, Round
from electrum_observatory.model.watch_ports import AVAILABILITIES, NOTHING, NewsColumns, Numbers, ReadingColumns
from electrum_observatory.protocol.watch_questions import ESTIMATE_IDS

MIDNIGHT_US = 1_795_132_800_000_000  # 2026-11-20T00:00:00Z
DAY_US = 86_400_000_000
TICKS_A_DAY = 86_400 // TICK_S
BOOT = "5f8a6c1e-4f0e-4d55-9f57-2a7d7cbb0c11"
_WINDOW_US = 4_500_000
_AT_ONCE = 24
_AWAY = 0.03
T = TypeVar("T", int, Numbers)
_FAILURE = Failure(stage=Stage.CONNECT, kind=FailureKind.CONNECT_TIMEOUT)
_PINGS = (b'{"jsonrpc": "2.0", "result": null, "id": 24}\n', b'{"id":24,"jsonrpc":"2.0","result":null}\n')
_FLOORS = (b'{"jsonrpc": "2.0", "result": 1e-05, "id": 22}\n', b'{"id":22,"jsonrpc":"2.0","result":0.00001}\n')


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What is watched.

    Attributes:
        servers: Number of servers.
        distinct: Number of mempools, and so of distinct histograms a tick.
        days: Days of 288 ticks; at least one tick.
        seed: Chance.
        every: Take only every so manieth tick of a day, for small twins.
    """

    servers: int
    distinct: int
    days: int
    seed: int
    every: int = 1

    @property
    def endpoints(self) -> list[Endpoint]:
        """The servers."""
        return [
            Endpoint(host=f"e{n}.example.org", port=50002, transport=Transport.SSL, address=f"5.{n >> 8}.{n & 255}.9")
            for n in range(self.servers)
        ]


def days(scene: Scene) -> Iterator[tuple[ReadingColumns, NewsColumns]]:
    """Yield readings and news, some two hours at a time."""
    chance = np.random.default_rng(scene.seed)
    endpoints = scene.endpoints
    mempool = np.arange(scene.servers) % scene.distinct
    path_us = np.exp(chance.normal(np.log(60_000), 0.8, scene.servers))
    moments = [
        MIDNIGHT_US + day * DAY_US + tick * TICK_S * 1_000_000
        for day in range(scene.days)
        for tick in range(0, TICKS_A_DAY, scene.every)
    ]
    told = 0
    pending: list[tuple[int, Tick]] = []
    for number, one in enumerate(ticks(scene.distinct, len(moments), chance)):
        pending.append((number, one))
        if len(pending) == _AT_ONCE or number == len(moments) - 1:
            rounds = [_round(number + 1, moments[number], chance) for number, _ in pending]
            found = [tick for _, tick in pending]
            news = _news(endpoints, rounds, [tick.blocks for tick in found], told, path_us, chance)
            yield _readings(endpoints, rounds, found, mempool, path_us, chance), news
            told, pending = found[-1].blocks, []


def _round(number: int, due_us: int, chance: np.random.Generator) -> Round:
    started_us = due_us + int(chance.integers(0, 10_000_000))
    return Round(
        number=number,
        due_at_us=started_us - int(chance.integers(100, 2_000)),
        started_at_us=started_us,
        started_monotonic_ns=_monotonic_ns(started_us) + int(chance.integers(0, 1_000)),
        boot_id=BOOT,
        duration_us=int(chance.integers(5_000_000, 8_000_000)),
        questions=USUAL_QUESTIONS,
        lag_max_us=int(chance.exponential(3_000)),
    )


def _readings(
    endpoints: Sequence[Endpoint],
    rounds: Sequence[Round],
    found: Sequence[Tick],
    mempool: Numbers,
    path_us: NDArray[np.float64],
    chance: np.random.Generator,
) -> ReadingColumns:
    texts: list[bytes] = [*_PINGS, *_FLOORS]
    shape = (len(rounds), len(endpoints))
    count, half = int(mempool.max()) + 1, (int(mempool.max()) + 1) // 2
    dialect = np.broadcast_to((mempool >= half).astype(np.int64), shape)
    histogram, tip, estimates = (np.empty(shape, dtype=np.int64) for _ in range(3))
    known: dict[int, int] = {}
    for row, tick in enumerate(found):
        histogram[row] = len(texts) + mempool
        texts += tick.histograms
        if tick.blocks not in known:
            known[tick.blocks] = len(texts)
            texts += _tips(tick.blocks)
            texts += [_estimates(one < half, chance) for one in range(count)]
        tip[row] = known[tick.blocks] + dialect[row]
        estimates[row] = known[tick.blocks] + 2 + mempool
    of_question = {
        Question.HISTOGRAM: histogram,
        Question.TIP: tip,
        Question.FEE_FLOOR: dialect + len(_PINGS),
        Question.ESTIMATES: estimates,
        Question.PING: dialect,
    }
    away = chance.random(shape) < _AWAY
    after = path_us + chance.exponential(4_000, shape)
    after_us: dict[Question, Numbers] = {}
    for question in USUAL_QUESTIONS:
        after_us[question] = np.where(away, NOTHING, after.astype(np.int64)).ravel()
        after = after + chance.gamma(2.0, 60.0, shape)
    sent_us = (chance.random(shape) * _WINDOW_US).astype(np.int64)
    return ReadingColumns(
        rounds=rounds,
        endpoints=endpoints,
        texts=texts,
        failures=[_FAILURE],
        round_at=np.repeat(np.arange(shape[0]), shape[1]),
        endpoint_at=np.tile(np.arange(shape[1]), shape[0]),
        availability=np.where(away, len(AVAILABILITIES) - 1, 0).ravel(),
        failure_at=np.where(away, 0, NOTHING).ravel(),
        sent_us=np.where(away, NOTHING, sent_us).ravel(),
        lag_us=chance.exponential(150, shape).astype(np.int64).ravel(),
        text_at={one: np.where(away, NOTHING, text_at).ravel() for one, text_at in of_question.items()},
        after_us=after_us,
    )


def _tips(blocks: int) -> list[bytes]:
    header = _header(blocks).hex().encode()
    return [
        b'{"jsonrpc": "2.0", "result": {"hex": "%s", "height": %d}, "id": 21}\n' % (header, 920_000 + blocks),
        b'{"id":21,"jsonrpc":"2.0","result":{"height":%d,"hex":"%s"}}\n' % (920_000 + blocks, header),
    ]


def _header(blocks: int) -> bytes:
    return np.random.default_rng(blocks).bytes(80)


def _estimates(spaced: bool, chance: np.random.Generator) -> bytes:  # noqa: FBT001 (one of two ways to write)
    """Return the answers for every target, falling; two of them are often alike, as bitcoind's horizons are."""
    fees = np.sort(np.exp(chance.normal(np.log(12_000), 0.6, len(ESTIMATE_IDS))))[::-1].astype(np.int64)
    fees[chance.integers(1, len(fees), 2)] = fees[0]
    line = b'{"jsonrpc": "2.0", "result": %s, "id": %d}\n' if spaced else b'{"id":%d,"jsonrpc":"2.0","result":%s}\n'
    parts = []
    for request_id, fee in zip(ESTIMATE_IDS, fees.tolist(), strict=True):
        spelled = (b"%.8f" % (fee / 1e8)).rstrip(b"0")
        parts.append(line % ((spelled, request_id) if spaced else (request_id, spelled)))
    return b"".join(parts)


def _news(
    endpoints: Sequence[Endpoint],
    rounds: Sequence[Round],
    blocks: Sequence[int],
    told: int,
    path_us: NDArray[np.float64],
    chance: np.random.Generator,
) -> NewsColumns:
    heights: list[int] = []
    at_us: list[NDArray[np.float64]] = []
    for made, until in zip(rounds, blocks, strict=True):
        for block in range(told + 1, until + 1):
            heights.append(block)
            found_us = made.started_at_us - chance.integers(0, TICK_S * 1_000_000)
            at_us.append(found_us + path_us / 2 + chance.gamma(2.0, 1_500_000, len(endpoints)))
        told = max(told, until)
    received_us = np.concatenate([np.zeros(0), *at_us]).astype(np.int64)
    order = np.argsort(received_us, kind="stable")
    received_us = received_us[order]
    block_at = order // len(endpoints)
    return NewsColumns(
        endpoints=endpoints,
        headers=[_header(block) for block in heights],
        boot_ids=[BOOT],
        endpoint_at=order % len(endpoints),
        header_at=block_at,
        boot_at=np.zeros(len(order), dtype=np.int64),
        height=920_000 + np.array(heights, dtype=np.int64)[block_at],
        received_at_us=received_us,
        received_monotonic_ns=_monotonic_ns(received_us) + chance.integers(0, 1_000, len(order)),
        lag_us=chance.exponential(150, len(order)).astype(np.int64),
        first=np.zeros(len(order), dtype=np.int64),
    )


def _monotonic_ns(at_us: T) -> T:
    """Return the boot's monotonic clock."""
    return (at_us - MIDNIGHT_US) * 1000 + 4_000_000_000_000
