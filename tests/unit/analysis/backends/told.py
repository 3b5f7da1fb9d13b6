"""Planted material as servers would tell it: texts in columns, two endpoints for the first machine."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from electrum_observatory.analysis.backends.material import HORIZONS, Material
from electrum_observatory.model.endpoint import Endpoint, Transport
from electrum_observatory.model.watch import Availability, Question, Round
from electrum_observatory.model.watch_ports import AVAILABILITIES, NOTHING, NewsColumns, ReadingColumns
from electrum_observatory.protocol.watch_questions import (
    ESTIMATE_IDS,
    HISTOGRAM_ID,
    PENDING_IDS,
    RELAY_FEE_ID,
    TIP_ID,
)
from tests.unit.analysis.backends.contested_planted import Mempools, had

ASKED = (Question.HISTOGRAM, Question.TIP, Question.FEE_FLOOR, Question.ESTIMATES)


def endpoint_of(column: int) -> Endpoint:
    """Return the endpoint of a column: the last one is the first machine's, on another port."""
    return Endpoint(host=f"s{column}.example", port=50002, transport=Transport.SSL, address=f"5.9.1.{column + 1}")


def told_columns(material: Material) -> ReadingColumns:
    """Return readings of all machines, and of a second endpoint of the first one."""
    rounds, machines = material.content.shape
    columns = [*range(machines), 0]
    texts: dict[bytes, int] = {}
    text_at = {question: [] for question in ASKED}
    for moment in range(rounds):
        for column in columns:
            for question, text in zip(ASKED, _texts(material, moment, column), strict=True):
                text_at[question].append(texts.setdefault(text, len(texts)))
    size = rounds * len(columns)
    second = Endpoint(host="alias.example", port=50001, transport=Transport.TCP, address="5.9.1.1")
    return ReadingColumns(
        rounds=[_round(number, int(at_us)) for number, at_us in enumerate(material.at_us)],
        endpoints=[*map(endpoint_of, range(machines)), second],
        texts=list(texts),
        failures=(),
        round_at=np.repeat(np.arange(rounds), len(columns)),
        endpoint_at=np.tile(np.arange(len(columns)), rounds),
        availability=np.full(size, AVAILABILITIES.index(Availability.UP)),
        failure_at=np.full(size, NOTHING),
        sent_us=np.full(size, 1_000),
        lag_us=np.zeros(size, dtype=np.int64),
        text_at={question: np.array(at, dtype=np.int64) for question, at in text_at.items()},
        after_us={question: np.full(size, 20_000) for question in ASKED},
    )


def with_pending(columns: ReadingColumns, nodes: Sequence[int]) -> ReadingColumns:
    """Let every server list what its node has of 150 transactions, in every round."""
    found = had(Mempools(nodes=nodes, transactions=150, mishaps=0, untold=0), 3)
    texts = [
        _reply(
            PENDING_IDS[0],
            [{"tx_hash": txid, "height": 0, "fee": 1} for txid, one in zip(found.txids, row, strict=True) if one == 1],
        )
        for row in found.seen.T
    ]
    at = len(columns.texts) + np.where(columns.endpoint_at < len(nodes), columns.endpoint_at, 0)
    return replace(
        columns,
        rounds=[replace(one, questions=(*one.questions, Question.PENDING)) for one in columns.rounds],
        texts=[*columns.texts, *texts],
        text_at={**columns.text_at, Question.PENDING: at},
        after_us={**columns.after_us, Question.PENDING: np.full(len(at), 20_000)},
    )


def news_of(columns: ReadingColumns, on_nodes: Sequence[int], *, races: int, blocks: int = 60) -> NewsColumns:
    """Let nodes hear of blocks at moments of their own; in the first heights two compete."""
    chance = np.random.default_rng(4)
    nodes, machines = np.array(on_nodes), len(on_nodes)
    late = chance.exponential(8.0, (blocks, nodes.max() + 1))[:, nodes] + chance.uniform(0, 1, (blocks, machines))
    second = (np.arange(blocks) < races)[:, None] & (chance.random((blocks, nodes.max() + 1)) < 0.5)[:, nodes]
    block, machine = np.divmod(np.arange(blocks * machines), machines)
    at_us = (600_000_000 * block + late.ravel() * 1e6).astype(np.int64)
    order = np.argsort(at_us, kind="stable")
    return NewsColumns(
        endpoints=columns.endpoints,
        headers=[bytes([number % 256, number // 256] * 40) for number in range(2 * blocks)],
        boot_ids=["b"],
        endpoint_at=machine[order],
        header_at=(2 * block + second.ravel())[order],
        boot_at=np.zeros(len(block), np.int64),
        height=(900_000 + block)[order],
        received_at_us=at_us[order],
        received_monotonic_ns=at_us[order] * 1_000,
        lag_us=np.zeros(len(block), np.int64),
        first=np.zeros(len(block), np.int64),
    )


def _texts(material: Material, moment: int, column: int) -> Iterator[bytes]:
    sizes = np.rint(material.curves[moment, column].astype(np.float64)).astype(np.int64)[::-1]
    rates = material.feerates[::-1]
    bins = zip(rates.tolist(), np.diff(sizes, prepend=0).tolist(), strict=True)
    yield _reply(HISTOGRAM_ID, [list(one) for one in bins])
    height = int(material.height[moment, column])
    yield _reply(TIP_ID, {"height": height, "hex": f"{height:0160x}"})
    yield _reply(RELAY_FEE_ID, material.facts[column].relay / 1e8)
    yield b"".join(_estimates(material.estimates[:, moment, column]))


def _estimates(codes: np.ndarray) -> Iterator[bytes]:
    """Yield a fee that is the same where the codes are, and above the floor."""
    fees = {
        target: (2_000 + int(code) % 10_000_019) / 1e8
        for code, of in zip(codes, HORIZONS, strict=True)
        for target in of
    }
    for request_id, target in ESTIMATE_IDS.items():
        yield _reply(request_id, fees[target])


def _reply(request_id: int, result: object) -> bytes:
    return json.dumps({"jsonrpc": "2.0", "result": result, "id": request_id}, separators=(",", ":")).encode() + b"\n"


def _round(number: int, at_us: int) -> Round:
    return Round(
        number=number + 1,
        due_at_us=at_us,
        started_at_us=at_us,
        started_monotonic_ns=at_us * 1_000,
        boot_id="b",
        duration_us=1_000_000,
        questions=ASKED,
        lag_max_us=0,
    )
