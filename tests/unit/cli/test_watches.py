"""What a person does with watches that were kept: list, seal, compact, forget, hand over."""

import csv
import io
import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from electrum_observatory.cli.exits import Exit
from electrum_observatory.model.watch import Blindness, BlindSpell, Question
from electrum_observatory.net.loop import run
from electrum_observatory.store.live import LiveStore
from electrum_observatory.store.times import to_iso
from tests.unit.store.clock import StillClock
from tests.unit.store.watching.facts import WATCH_ID, make_stint, make_watch
from tests.unit.store.watching.recorded import Facts, record

LONG_AGO_US = 1_580_342_400_000_000  # 2020-01-30T00:00:00Z


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def facts(data: Path) -> Facts:
    """Four days around the end of a month."""
    with LiveStore.open(data, StillClock()) as live:
        return record(live, 4, per_day=2, begin_us=LONG_AGO_US)


def test_days_are_sealed_compacted_and_forgotten(observatory, data: Path, facts: Facts) -> None:
    (before,) = observatory("watches", "list", "--data", data, "--json").json
    sealed = observatory("watches", "seal", "--data", data)
    compacted = observatory("watches", "compact", "--data", data, "--json").json
    (after,) = observatory("watches", "list", "--data", data, "--json").json
    unconfirmed = observatory("watches", "forget", "--before", "2020-02-01", "--data", data)
    forgotten = observatory("watches", "forget", "--before", "2020-02-01", "--data", data, "--yes", "--json").json
    shown = observatory("watches", "list", "--data", data).out

    assert (before["live"], before["sealed"]["bytes"]) == ({"rounds": 8, "readings": 56}, 0)
    assert "2020-01-30, 2 rounds, 14 readings" in sealed.err
    assert [(one["from_day"], one["to_day"]) for one in compacted] == [
        ("2020-01-01", "2020-01-31"),
        ("2020-02-01", "2020-02-29"),
    ]
    assert after["live"]["rounds"] == 0
    assert after["sealed"]["readings"] == 56
    assert after["sealed"]["bytes"] > 0
    assert unconfirmed.code == Exit.USAGE
    assert "28 readings" in unconfirmed.err
    assert (forgotten["sealed_readings"], len(forgotten["pieces"])) == (28, 1)
    assert "\t4\t28\t" in shown
    assert observatory("watches", "forget", "--before", "2020-02-01", "--data", data).err.startswith("Nothing is older")


def test_a_list_counts_blind_hours_once_and_none_for_a_clock_that_was_set(
    observatory, data: Path, facts: Facts
) -> None:
    begin_us, hour_us = LONG_AGO_US, 3_600_000_000
    with LiveStore.open(data, StillClock()) as live:
        sink = live.watching()
        sink.begin_stint_now(make_watch(), make_stint(begin_us))  # as long ago as the first: no time between them
        for why, hours, step_us in (
            (Blindness.NO_NETWORK, (1, 3), 0),
            (Blindness.SUSPENDED, (2, 5), 0),
            (Blindness.CLOCK_STEP, (9, 6), -3 * hour_us),
        ):
            from_us, to_us = (begin_us + one * hour_us for one in hours)
            run(sink.record_blind(BlindSpell(why=why, from_us=from_us, to_us=to_us, step_us=step_us)))

    assert observatory("watches", "list", "--data", data).out.splitlines()[1].split("\t")[-1] == "4.0"


def test_a_compacted_month_stays_until_all_of_it_is_older(observatory, data: Path, facts: Facts) -> None:
    observatory("watches", "seal", "--data", data)
    observatory("watches", "compact", "--data", data)

    kept = observatory("watches", "forget", "--before", "2020-01-31", "--data", data, "--yes")

    assert "stays until 2020-01-31 is older too" in kept.err
    assert "Nothing is older than 2020-01-31" in kept.err


def test_one_watch_is_forgotten_by_its_name(observatory, data: Path, facts: Facts) -> None:
    words = ("forget", "--before", "2020-02-01", "--data", data, "--yes", "--json")

    assert observatory("watches", *words, "--watch", "2019").code == Exit.USAGE
    assert observatory("watches", *words, "--watch", WATCH_ID).json["live_rounds"] == 4


def test_wrong_words_and_empty_folders_are_refused(observatory, data: Path, tmp_path: Path, facts: Facts) -> None:
    assert observatory("watches", "forget", "--before", "soon", "--data", data).code == Exit.USAGE
    for words in (("list",), ("seal",), ("compact",), ("forget", "--before", "2020-01-01")):
        assert observatory("watches", *words, "--data", tmp_path / "none").code == Exit.UNREADABLE_INPUT
    assert not (tmp_path / "none").exists()
    assert observatory("export", "watch", "--format", "parquet", "--data", data).code == Exit.USAGE
    assert observatory("export", "watch", "--json", "--data", data).code == Exit.USAGE
    before = observatory("export", "--data", data, "jsonl")
    assert (before.code, before.err.split(":")[1]) == (Exit.USAGE, " options belong behind the command")
    assert observatory("watches", "query", "SELECT", "--data", data).code == Exit.USAGE


def test_a_watch_answers_in_sql(observatory, data: Path, facts: Facts) -> None:
    observatory("watches", "seal", "--data", data)
    statement = "SELECT started_at, endpoint, failure_kind FROM readings JOIN rounds USING (piece, round) ORDER BY ALL"

    rows = observatory("watches", "query", statement, "--data", data, "--json").json

    assert len(rows) == len(facts.readings)
    assert rows[0]["started_at"].startswith("2020-01-30T00:00:00")
    assert set(rows[0]) == {"started_at", "endpoint", "failure_kind"}


def test_a_watch_is_handed_over_as_parquet_whole(observatory, data: Path, tmp_path: Path, facts: Facts) -> None:
    file = tmp_path / "watch.parquet"
    observatory("watches", "seal", "--data", data)

    told = observatory(
        *("export", "--from", "2020-01-31", "--to", "2020-02-01"),
        *("--format", "parquet", "--output", file, "--data", data, "--json"),
    ).json

    rows = pq.read_table(file).to_pylist()
    wanted = sorted(facts.readings[14:42], key=lambda one: (one[0].number, one[1].endpoint.canonical))
    rows.sort(key=lambda row: (row["round"], row["endpoint"]))
    assert (told["rows"], told["watch_id"]) == (28, WATCH_ID)
    assert [(row["round"], row["endpoint"], row["availability"], row["sent_us"]) for row in rows] == [
        (made.number, reading.endpoint.canonical, reading.availability, reading.sent_us) for made, reading in wanted
    ]
    for row, (_, reading) in zip(rows, wanted, strict=True):
        found = {one: (row[one], row[f"{one}_us"]) for one in Question if row[one] is not None}
        assert found == {one: (answer.data, answer.after_us) for one, answer in reading.answers.items()}
        assert (row["failure_kind"] is None) == (reading.failure is None)


def test_a_watch_is_handed_over_as_text(observatory, data: Path, facts: Facts) -> None:
    lines = observatory("export", "watch", "--format", "jsonl", "--data", data).out.splitlines()
    cells = list(csv.DictReader(io.StringIO(observatory("export", "watch", "--question", "tip", "--data", data).out)))

    assert len(lines) == len(cells) == len(facts.readings)
    for line, cell, (made, reading) in zip(map(json.loads, lines), cells, facts.readings, strict=True):
        assert (line["round"], line["endpoint"]) == (made.number, reading.endpoint.canonical)
        assert line["started_at"] == cell["started_at"] == to_iso(made.started_at_us)
        assert set(line) & set(Question) == set(reading.answers)
        assert "ping" not in cell
        if Question.TIP in reading.answers:
            assert cell["tip"] == line["tip"].rstrip("\n")
