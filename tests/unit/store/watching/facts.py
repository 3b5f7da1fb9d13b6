"""Facts of a watch, made up: a few servers, readings with every kind of absence, news, all of them reproducible."""

import random
from collections.abc import Mapping, Sequence
from typing import Any

from electrum_observatory.model.endpoint import Endpoint, Transport
from electrum_observatory.model.failure import Failure, FailureKind, Stage
from electrum_observatory.model.watch import (
    Answer,
    Availability,
    Question,
    Reading,
    Round,
    Stint,
    TipNews,
    Watch,
)

WATCH_ID = "20261120T221500Z-local-0a1b2c"
MIDNIGHT_US = 1_795_132_800_000_000  # 2026-11-20T00:00:00Z
DAY_US = 86_400_000_000
EVERY_US = 300_000_000
BOOT = "boot-0"
_START_NS = 5_000_000_000_000


def make_watch(**overrides: Any) -> Watch:
    """A watch of mainnet from "local"."""
    values = {
        "watch_id": WATCH_ID,
        "vantage": "local",
        "network": "bitcoin",
        "started_at_us": MIDNIGHT_US,
        "config": {"every": {"histogram": 300}},
        "config_sha256": "11" * 32,
        "overlay": None,
        "note": "made up",
    }
    return Watch(**(values | overrides))


def make_stint(at_us: int = MIDNIGHT_US, **overrides: Any) -> Stint:
    """A stint that begins at a moment."""
    values = {
        "started_at_us": at_us,
        "started_monotonic_ns": monotonic_ns(at_us),
        "boot_id": BOOT,
        "tool_version": "0.1.0",
        "config": {"every": {"histogram": 300}},
    }
    return Stint(**(values | overrides))


def monotonic_ns(at_us: int) -> int:
    """The monotonic clock of the boot at a moment."""
    return _START_NS + (at_us - MIDNIGHT_US) * 1000


def make_round(number: int, at_us: int, **overrides: Any) -> Round:
    """A round that begins at a moment."""
    values = {
        "number": number,
        "due_at_us": at_us - 1_500,
        "started_at_us": at_us,
        "started_monotonic_ns": monotonic_ns(at_us),
        "boot_id": BOOT,
        "duration_us": 5_250_000,
        "questions": tuple(Question),
        "lag_max_us": 730,
    }
    return Round(**(values | overrides))


def servers(count: int) -> list[Endpoint]:
    """Servers with names and addresses (data only)."""
    return [
        Endpoint(host=f"s{n}.example.org", port=50002, transport=Transport.SSL, address=f"5.9.{n // 250}.{n % 250 + 1}")
        for n in range(count)
    ]


HISTOGRAMS: tuple[bytes, ...] = (
    b'{"jsonrpc":"2.0","result":[[12.3,45012],[8.0,30511],[1.0,102400]],"id":20}\n',
    b'{"id":20,"jsonrpc":"2.0","result":[[53,30120],[9,61000],[1,250000]]}\n',
    b'{"jsonrpc": "2.0", "result": [[3.0, 100200], [1.0, 0]], "id": 20}\r\n',
    b'{"jsonrpc":"2.0","result":[],"id":20}\n',
    b'{"id":20,"jsonrpc":"2.0","result":[[63,0],[31,1200],[15,88000],[0,5]]}\n',
    b'{"jsonrpc":"2.0","id":20,"result":[[3.003911,50123],[2.0050001,50001]]}\n',
    b'{"jsonrpc":"2.0","id":20,"result":[[1.2,-5],[1e3,7],[0.30,12],[1.0,1.5]]}\n',
    b'{"jsonrpc":"2.0","error":{"code":-32601,"message":"unknown method"},"id":20}\n',
    b"\xff\xfe not even JSON\n",
    b"",
)
"""Histograms as programs write them, and what is none."""
_OTHERS: Mapping[Question, Sequence[bytes]] = {
    Question.TIP: (b'{"id":21,"result":{"height":920000,"hex":"00"}}\n', b'{"id":21,"result":{"height":920001}}\n'),
    Question.FEE_FLOOR: (b'{"id":22,"result":0.00001}\n', b'{"id":23,"result":{"mempoolminfee":0.00002}}\n'),
    Question.ESTIMATES: (b'{"id":30,"result":0.0001}\n{"id":31,"result":-1}\n', b'{"id":30,"result":0.00012}\n'),
    Question.PING: (b'{"id":24,"result":null}\n',),
    Question.PENDING: (
        b'{"jsonrpc":"2.0","result":[{"tx_hash":"%s","height":0,"fee":141}],"id":40}\n' % (b"0a" * 32),
        b'{"id": 40, "error": {"code": 1, "message": "history too large"}, "jsonrpc": "2.0"}\n',
    ),
}
_FAILURES = (
    Failure(stage=Stage.CONNECT, kind=FailureKind.CONNECT_REFUSED, detail=""),
    Failure(stage=Stage.REQUEST, kind=FailureKind.READ_TIMEOUT, detail="nothing for 8 s: \u202e, ∅"),
)


def make_readings(
    endpoints: Sequence[Endpoint], chance: random.Random, questions: Sequence[Question] = tuple(Question)
) -> list[Reading]:
    """One reading of each server: most are up and answer most questions."""
    return [_reading(endpoint, chance, questions) for endpoint in endpoints]


def _reading(endpoint: Endpoint, chance: random.Random, questions: Sequence[Question]) -> Reading:
    if chance.random() < 0.2:
        away = chance.choice((Availability.REFUSED, Availability.UNKNOWN))
        failure = chance.choice((None, *_FAILURES))
        return Reading(endpoint=endpoint, availability=away, failure=failure, lag_us=chance.randrange(50))
    base = chance.randrange(20_000, 200_000)
    answers = {
        question: Answer(data=chance.choice(_OTHERS.get(question, HISTOGRAMS)), after_us=base + chance.randrange(3_000))
        for question in questions
        if chance.random() < 0.9
    }
    return Reading(
        endpoint=endpoint,
        availability=Availability.UP,
        failure=_FAILURES[1] if len(answers) < len(questions) else None,
        sent_us=chance.randrange(5_000_000),
        lag_us=chance.randrange(900),
        answers=answers,
    )


def make_news(endpoints: Sequence[Endpoint], at_us: int, height: int, chance: random.Random) -> list[TipNews]:
    """A block that each of the servers tells of, in some order."""
    header = height.to_bytes(4, "little") * 20
    moments = sorted(at_us + chance.randrange(8_000_000) for _ in endpoints)
    return [
        TipNews(
            endpoint=endpoint,
            received_at_us=moment,
            received_monotonic_ns=monotonic_ns(moment) + chance.randrange(1000),
            boot_id=BOOT,
            lag_us=chance.randrange(400),
            height=height,
            header=header,
            first=chance.random() < 0.1,
        )
        for endpoint, moment in zip(chance.sample(list(endpoints), len(endpoints)), moments, strict=True)
    ]
