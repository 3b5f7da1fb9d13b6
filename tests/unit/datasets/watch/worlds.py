"""A small watch table from plain values."""

from collections.abc import Sequence

import numpy as np

from electrum_observatory.datasets.watch.table import WatchTable, table_of
from electrum_observatory.model.endpoint import Endpoint, Transport
from electrum_observatory.model.watch import Availability, Question, Round
from electrum_observatory.model.watch_ports import AVAILABILITIES, NOTHING, ReadingColumns

EVERY_US = 300_000_000


def endpoints(number: int) -> tuple[Endpoint, ...]:
    return tuple(Endpoint(host=f"s{one}.example", port=50002, transport=Transport.SSL) for one in range(number))


def histogram_text(bins: Sequence[tuple[float, float]]) -> bytes:
    rows = ",".join(f"[{rate},{size}]" for rate, size in bins)
    return f'{{"id":20,"jsonrpc":"2.0","result":[{rows}]}}\n'.encode()


def columns_of(answers: Sequence[Sequence[bytes | None]], question: Question = Question.HISTOGRAM) -> ReadingColumns:
    """Return readings, a row of answers for each round."""
    rounds = [
        Round(
            number=number + 1,
            due_at_us=number * EVERY_US,
            started_at_us=number * EVERY_US,
            started_monotonic_ns=number * EVERY_US * 1_000,
            boot_id="b",
            duration_us=1_000_000,
            questions=(question,),
            lag_max_us=0,
        )
        for number in range(len(answers))
    ]
    servers = len(answers[0])
    flat = [answer for row in answers for answer in row]
    texts = list(dict.fromkeys(answer for answer in flat if answer is not None))
    text_at = np.array([NOTHING if answer is None else texts.index(answer) for answer in flat], dtype=np.int64)
    up, down = AVAILABILITIES.index(Availability.UP), AVAILABILITIES.index(Availability.UNKNOWN)
    return ReadingColumns(
        rounds=rounds,
        endpoints=endpoints(servers),
        texts=texts,
        failures=(),
        round_at=np.repeat(np.arange(len(answers)), servers),
        endpoint_at=np.tile(np.arange(servers), len(answers)),
        availability=np.where(text_at == NOTHING, down, up),
        failure_at=np.full(len(flat), NOTHING),
        sent_us=np.full(len(flat), 1_000),
        lag_us=np.zeros(len(flat), dtype=np.int64),
        text_at={question: text_at},
        after_us={question: np.where(text_at == NOTHING, NOTHING, 20_000)},
    )


def watch_table(answers: Sequence[Sequence[bytes | None]], question: Question = Question.HISTOGRAM) -> WatchTable:
    return table_of(columns_of(answers, question))
