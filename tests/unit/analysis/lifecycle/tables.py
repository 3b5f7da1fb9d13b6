"""Watches made of planted states."""

from collections.abc import Sequence

import numpy as np

from electrum_observatory.analysis.lifecycle.presence import Presence, presence_of
from electrum_observatory.datasets.watch.table import WatchTable, table_of
from electrum_observatory.model.endpoint import Endpoint, Transport
from electrum_observatory.model.watch import BlindSpell, Question, Round
from electrum_observatory.model.watch_ports import NOTHING, Numbers, ReadingColumns

START_US = 1_780_272_000_000_000  # midnight UTC
STEP_US = 300_000_000
DAY_US = 86_400_000_000


def endpoints(count: int) -> list[Endpoint]:
    return [
        Endpoint(host=f"s{place}.example", address=f"192.0.2.{place % 250}", port=50002, transport=Transport.SSL)
        for place in range(count)
    ]


def table(
    states: Numbers,
    *,
    spells: Sequence[BlindSpell] = (),
    step_us: int = STEP_US,
    ping_us: Numbers | None = None,
) -> WatchTable:
    """Rounds by servers; ``NOTHING`` where a server was not asked."""
    rounds, servers = states.shape
    at, who = np.nonzero(states != NOTHING)
    answered = np.zeros(len(at), dtype=np.int64) if ping_us is None else ping_us[at, who]
    columns = ReadingColumns(
        rounds=[_round(number, START_US + number * step_us) for number in range(rounds)],
        endpoints=endpoints(servers),
        texts=[b"{}\n"],
        failures=[],
        round_at=at,
        endpoint_at=who,
        availability=states[at, who],
        failure_at=np.full(len(at), NOTHING),
        sent_us=np.zeros(len(at), dtype=np.int64),
        lag_us=np.zeros(len(at), dtype=np.int64),
        text_at={Question.PING: np.zeros(len(at), dtype=np.int64)},
        after_us={Question.PING: answered},
    )
    return table_of(columns, spells=spells)


def presence(states: Numbers, *, spells: Sequence[BlindSpell] = (), step_us: int = STEP_US) -> Presence:
    return presence_of(table(states, spells=spells, step_us=step_us))


def _round(number: int, at_us: int) -> Round:
    return Round(
        number=number + 1,
        due_at_us=at_us,
        started_at_us=at_us,
        started_monotonic_ns=number * 300_000_000_000,
        boot_id="boot",
        duration_us=2_000_000,
        questions=(Question.PING,),
        lag_max_us=0,
    )
