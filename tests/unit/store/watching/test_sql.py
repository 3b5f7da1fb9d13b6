"""A watch in SQL: the views show live and sealed facts once each, whatever columns the files have."""

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from electrum_observatory.model.errors import UsageError
from electrum_observatory.model.watch import Question
from electrum_observatory.store.live import LiveStore
from electrum_observatory.store.watching.histogram_text import take_apart
from electrum_observatory.store.watching.source import WatchReader
from electrum_observatory.store.watching.sql import open_sql, selected
from tests.unit.store.clock import StillClock
from tests.unit.store.watching.facts import WATCH_ID
from tests.unit.store.watching.recorded import record

_BINS = """
SELECT round, endpoint, rates, sizes FROM readings JOIN histograms USING (piece, histogram) ORDER BY round, endpoint
"""


def test_views_show_every_fact_once(data_dir: Path) -> None:
    with LiveStore.open(data_dir, StillClock()) as live:
        facts = record(live, 3, per_day=2)
        (piece, _) = live.seal_watches("2026-11-22", apart=False)
        path = data_dir / "obs" / str(piece.path("readings"))
        pq.write_table(pq.ParquetFile(path).read().drop_columns(["lag_us"]), path)

        with WatchReader.open(data_dir) as reader:
            bins = selected(open_sql(reader, WATCH_ID), _BINS)[1]
            counts = selected(
                open_sql(reader, WATCH_ID),
                "SELECT piece, count(*), count(lag_us) > 0 FROM readings GROUP BY piece ORDER BY piece",
            )
            news = selected(open_sql(reader, WATCH_ID), "SELECT count(DISTINCT number) FROM news")[1]
            spells = selected(open_sql(reader, WATCH_ID), "SELECT count(*) FROM spells")[1]

    asked = [
        (made.number, reading.endpoint.canonical, take_apart(reading.answers[Question.HISTOGRAM].data))
        for made, reading in facts.readings
        if Question.HISTOGRAM in reading.answers
    ]
    assert bins == sorted((one, name, list(parts.rates), list(parts.sizes)) for one, name, parts in asked if parts)
    assert counts[1] == [("day=2026-11-20", 14, False), ("day=2026-11-21", 14, True), ("live", 14, True)]
    assert news == [(42,)]
    assert spells == [(0,)]


def test_what_is_no_query_is_refused(data_dir: Path) -> None:
    with LiveStore.open(data_dir, StillClock()) as live:
        record(live, 1, per_day=1)
        with WatchReader.open(data_dir) as reader, pytest.raises(UsageError, match="nowhere"):
            selected(open_sql(reader, WATCH_ID), "SELECT nothing FROM nowhere")
