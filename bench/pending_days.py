"""Lists of pending transactions as a thousand servers tell them: what do they take, live and sealed?

Three busy scripts with sixty transactions each, asked for every hour, by which time seven of ten are others. A server
lacks one in a hundred. Nearly half list them as their memory holds them (ElectrumX before 1.19), so no two answers are
equal; the others by id.
"""

import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from electrum_observatory.model.endpoint import Endpoint
from electrum_observatory.model.watch import Question, Round, Stint, Watch
from electrum_observatory.model.watch_ports import NOTHING, ReadingColumns
from electrum_observatory.net.clock import SystemClock
from electrum_observatory.protocol.watch_questions import PENDING_IDS
from electrum_observatory.store.files import disk_use
from electrum_observatory.store.live import LiveStore
from electrum_observatory.store.watching.source import WatchReader

_SCRIPTS, _WAITING = 3, 60
_MINED, _LACKED = 0.7, 0.01
_HOUR_US = 3_600_000_000
_AFTER = "2027-01-01"
_SPELLINGS = ("as held", "canonical", "fulcrum")
_SHARES = (0.45, 0.15, 0.4)

Transaction = tuple[str, int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingKept:
    """What keeping some hours cost.

    Attributes:
        hours: How many.
        raw_bytes: The answers as they came.
        live_bytes: The live database with them.
        sealed_bytes: What the sealed files take.
        seal_s: Time of sealing.
        lost: Distinct answers that were handed over and not read back.
    """

    hours: int
    raw_bytes: int
    live_bytes: int
    sealed_bytes: int
    seal_s: float
    lost: int

    @property
    def gb_a_year(self) -> float:
        """What a year of such hours takes."""
        return self.sealed_bytes / self.hours * 24 * 365 / 1e9


def keep_pending(
    data_dir: Path, watch: Watch, stint: Stint, endpoints: Sequence[Endpoint], *, hours: int, seed: int
) -> PendingKept:
    """Record some hours of lists, seal them, and read them back."""
    raw, told = 0, set[bytes]()
    with LiveStore.open(data_dir, SystemClock()) as store:
        sink = store.watching()
        sink.begin_stint_now(watch, stint)
        for number, answers in enumerate(_hours(len(endpoints), hours, random.Random(seed)), 1):
            raw += sum(map(len, answers))
            told.update(answers)
            sink.record_columns(_columns(stint, number, endpoints, answers))
        live_bytes = disk_use(data_dir).database
        begun = time.perf_counter()
        pieces = store.seal_watches(_AFTER, apart=False)
        seal_s = time.perf_counter() - begun
    with WatchReader.open(data_dir) as reader:
        told -= set(reader.readings(watch.watch_id, questions=(Question.PENDING,)).texts)
    return PendingKept(
        hours=hours,
        raw_bytes=raw,
        live_bytes=live_bytes,
        sealed_bytes=sum(file.bytes for piece in pieces for file in piece.files),
        seal_s=seal_s,
        lost=len(told),
    )


def _hours(servers: int, hours: int, chance: random.Random) -> Iterator[list[bytes]]:
    """Yield every server's answer, hour by hour."""
    spellings = chance.choices(_SPELLINGS, _SHARES, k=servers)
    pending: list[list[Transaction]] = [[_transaction(chance) for _ in range(_WAITING)] for _ in range(_SCRIPTS)]
    for _ in range(hours):
        pending = [[_transaction(chance) if chance.random() < _MINED else one for one in some] for some in pending]
        yield [b"".join(_lines(spelling, pending, chance)) for spelling in spellings]


def _transaction(chance: random.Random) -> Transaction:
    return f"{chance.getrandbits(256):064x}", -(chance.random() < 0.2), chance.randint(141, 90_000)


def _lines(spelling: str, pending: Sequence[Sequence[Transaction]], chance: random.Random) -> Iterator[bytes]:
    for request_id, some in zip(PENDING_IDS, pending, strict=False):
        known = sorted(one for one in some if chance.random() >= _LACKED)
        if spelling == "as held":
            chance.shuffle(known)
        if spelling == "fulcrum":
            items = ",".join(f'{{"fee":{fee},"height":{height},"tx_hash":"{txid}"}}' for txid, height, fee in known)
            yield f'{{"id":{request_id},"jsonrpc":"2.0","result":[{items}]}}\n'.encode()
        else:
            items = ", ".join(
                f'{{"tx_hash": "{txid}", "height": {height}, "fee": {fee}}}' for txid, height, fee in known
            )
            yield f'{{"jsonrpc": "2.0", "result": [{items}], "id": {request_id}}}\n'.encode()


def _columns(stint: Stint, number: int, endpoints: Sequence[Endpoint], answers: Sequence[bytes]) -> ReadingColumns:
    texts = list(dict.fromkeys(answers))
    place = {text: at for at, text in enumerate(texts)}
    at_us = stint.started_at_us + (number - 1) * _HOUR_US
    rows, nought = np.arange(len(endpoints)), np.zeros(len(endpoints), dtype=np.int64)
    made = Round(
        number=number,
        due_at_us=at_us,
        started_at_us=at_us,
        started_monotonic_ns=at_us * 1_000,
        boot_id=stint.boot_id,
        duration_us=5_000_000,
        questions=(Question.PENDING,),
        lag_max_us=0,
    )
    return ReadingColumns(
        rounds=(made,),
        endpoints=endpoints,
        texts=texts,
        failures=(),
        round_at=nought,
        endpoint_at=rows,
        availability=nought,
        failure_at=nought + NOTHING,
        sent_us=rows,
        lag_us=nought,
        text_at={Question.PENDING: np.array([place[one] for one in answers], dtype=np.int64)},
        after_us={Question.PENDING: nought + 80_000},
    )
