"""Sealing: days leave the live database for Parquet, and what is read stays the same whatever happens in between."""

import random
import signal
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from electrum_observatory.model.errors import StoreError
from electrum_observatory.model.watch import (
    USUAL_QUESTIONS,
    Answer,
    Availability,
    Blindness,
    BlindSpell,
    Question,
    Reading,
)
from electrum_observatory.model.watch_ports import NOTHING
from electrum_observatory.net.loop import run
from electrum_observatory.store.live import LiveStore
from electrum_observatory.store.watching import pieces
from electrum_observatory.store.watching.apart import Child, run_apart, write_month_apart
from electrum_observatory.store.watching.columns import columns_of, joined, news_columns_of, readings_of
from electrum_observatory.store.watching.outdated import outdated
from electrum_observatory.store.watching.source import WatchReader
from tests.unit.store.clock import StillClock
from tests.unit.store.watching.facts import (
    DAY_US,
    MIDNIGHT_US,
    WATCH_ID,
    make_news,
    make_readings,
    make_round,
    make_stint,
    make_watch,
)
from tests.unit.store.watching.recorded import HOUR_US, SERVERS, check, live_rows, record


@pytest.fixture
def live(data_dir: Path) -> Iterator[LiveStore]:
    with LiveStore.open(data_dir, StillClock()) as opened:
        yield opened


def test_facts_are_the_same_live_half_sealed_and_sealed(live: LiveStore, data_dir: Path) -> None:
    facts = record(live, 3)
    check(data_dir, facts)

    assert [piece.from_day for piece in live.seal_watches("2026-11-22", apart=False)] == ["2026-11-20", "2026-11-21"]
    check(data_dir, facts)
    assert live_rows(data_dir)["watch_rounds"] == 6

    live.seal_watches("2026-11-23", apart=False)
    check(data_dir, facts)
    assert live_rows(data_dir) == {"watch_rounds": 0, "watch_readings": 0, "tip_news": 0, "watch_texts": 0}
    assert live.seal_watches("2026-11-23", apart=False) == []


def test_files_are_written_by_a_process_of_its_own_too(live: LiveStore, data_dir: Path) -> None:
    facts = record(live, 1)

    (piece,) = live.seal_watches("2026-11-21")

    assert {file.table: file.rows for file in piece.files}["readings"] == 42
    check(data_dir, facts)


def test_the_day_that_goes_on_is_not_sealed(live: LiveStore, data_dir: Path) -> None:
    facts = record(live, 3)

    assert [piece.from_day for piece in live.seal_watches(apart=False)] == []  # the store's clock stands on the first

    check(data_dir, facts)


def test_facts_that_a_sealed_day_gets_afterwards_become_a_further_piece(live: LiveStore, data_dir: Path) -> None:
    facts = record(live, 1)
    live.seal_watches("2026-11-21", apart=False)
    chance = random.Random(9)
    sink = live.watching()
    sink.begin_stint_now(make_watch(), make_stint(MIDNIGHT_US + 23 * HOUR_US))  # the clock was set back
    made, readings = make_round(100, MIDNIGHT_US + 23 * HOUR_US), make_readings(SERVERS, chance)
    sink.record_columns(columns_of(made, readings))
    news = make_news(SERVERS, made.started_at_us, 1, chance)
    sink.record_news_columns(news_columns_of(news))
    facts.readings += [(made, reading) for reading in readings]
    facts.news += news
    check(data_dir, facts)

    (piece,) = live.seal_watches("2026-11-21", apart=False)

    assert piece.part == 2
    check(data_dir, facts)


def test_what_is_not_named_is_removed(live: LiveStore, data_dir: Path) -> None:
    record(live, 1)
    stray = data_dir / "obs" / "day=2026-11-19" / f"readings-{WATCH_ID}.parquet"
    stray.parent.mkdir(parents=True)
    stray.write_bytes(b"half")

    live.seal_watches("2026-11-21", apart=False)

    assert not stray.parent.exists()
    assert len(pieces.read(data_dir)) == 1


def test_a_compacted_month_holds_the_facts_of_its_days(live: LiveStore, data_dir: Path) -> None:
    facts = record(live, 13, per_day=3)  # into December
    live.seal_watches("2026-12-03", apart=False)
    december = pieces.read(data_dir)[11:]

    (old,) = pieces.compactable(pieces.read(data_dir), "2026-12-02")
    compacted = write_month_apart(data_dir, old, Child())
    pieces.replace(data_dir, old, [compacted])

    assert (compacted.from_day, compacted.to_day) == ("2026-11-01", "2026-11-30")
    assert pieces.read(data_dir) == [compacted, *december]
    assert len(list((data_dir / "obs").glob("day=*"))) == len(december) == 2
    check(data_dir, facts)
    with WatchReader.open(data_dir) as reader:
        some = reader.readings(
            *(WATCH_ID, MIDNIGHT_US + 2 * DAY_US, MIDNIGHT_US + 3 * DAY_US),
            questions=[Question.HISTOGRAM],
            endpoints=SERVERS[2:4],
        )
    inside = [(made, one) for made, one in facts.readings if 7 <= made.number <= 9 and one.endpoint in SERVERS[2:4]]
    assert [(made, reading.endpoint) for made, reading in readings_of(some)] == [
        (made, reading.endpoint) for made, reading in inside
    ]
    assert [one.answers.get(Question.HISTOGRAM) for _, one in readings_of(some)] == [
        one.answers.get(Question.HISTOGRAM) for _, one in inside
    ]
    assert pieces.compactable(pieces.read(data_dir), "2026-12-02") == []
    assert [len(some) for some in pieces.compactable(pieces.read(data_dir), "2027-01-02")] == [2]


def test_what_is_older_than_a_day_is_forgotten_sealed_or_live(live: LiveStore, data_dir: Path) -> None:
    facts = record(live, 4)
    live.seal_watches("2026-11-22", apart=False)

    live.forget_watched(outdated(data_dir, "2026-11-21"))
    facts.readings = [one for one in facts.readings if one[0].started_at_us >= MIDNIGHT_US + DAY_US]
    facts.news = [one for one in facts.news if one.received_at_us >= MIDNIGHT_US + DAY_US]
    check(data_dir, facts)

    found = outdated(data_dir, "2026-11-23")
    assert ([one.rows("readings") for one in found.pieces], found.live_rounds) == ([42], 6)
    live.forget_watched(found)
    facts.readings = [one for one in facts.readings if one[0].started_at_us >= MIDNIGHT_US + 3 * DAY_US]
    facts.news = [one for one in facts.news if one.received_at_us >= MIDNIGHT_US + 3 * DAY_US]
    check(data_dir, facts)
    assert outdated(data_dir, "2026-11-23").is_nothing


def test_the_blind_spells_of_a_month_that_stays_stay_with_it(live: LiveStore, data_dir: Path) -> None:
    record(live, 13, per_day=3)  # 20 November to 2 December
    gaps = [
        BlindSpell(why=Blindness.NO_NETWORK, from_us=at_us + HOUR_US, to_us=at_us + 2 * HOUR_US)
        for at_us in range(MIDNIGHT_US - DAY_US, MIDNIGHT_US + 13 * DAY_US, DAY_US)
    ]
    sink = live.watching()
    sink.begin_stint_now(make_watch(), make_stint(MIDNIGHT_US + 12 * DAY_US + DAY_US // 2))
    for one in gaps:
        run(sink.record_blind(one))
    live.seal_watches("2026-12-02", apart=False)
    (november, december) = pieces.compactable(pieces.read(data_dir), "2027-01-02")
    pieces.replace(data_dir, november, [write_month_apart(data_dir, november, Child())])
    assert len(december) == 1

    live.forget_watched(outdated(data_dir, "2026-11-25"))
    assert _spells(data_dir) == gaps  # nothing of November goes, and what is known of it stays

    live.forget_watched(outdated(data_dir, "2026-12-02"))
    assert _spells(data_dir) == gaps[-1:]


def _spells(data_dir: Path) -> list[BlindSpell]:
    with WatchReader.open(data_dir) as reader:
        return [one for one in reader.spells(WATCH_ID) if one.why is Blindness.NO_NETWORK]


def test_a_process_that_writes_is_ended_from_another_thread_and_none_begins_any_more() -> None:
    child = Child()
    waiting = "import sys; print('here', flush=True); sys.stdin.read()"

    with child.started([sys.executable, "-c", waiting]) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"here\n"
        ending = threading.Thread(target=child.end)
        ending.start()
        ending.join()
        assert process.wait(60) == -signal.SIGKILL

    with pytest.raises(StoreError, match="nothing is written any more"):
        run_apart(child, "timeit")


def test_what_was_left_off_is_sealed_by_the_next_store(data_dir: Path) -> None:
    with LiveStore.open(data_dir, StillClock()) as live:
        facts = record(live, 1)
        live.leave_off()
        with pytest.raises(StoreError):
            live.seal_watches("2026-11-21")
        check(data_dir, facts)
    with LiveStore.open(data_dir, StillClock()) as live:
        assert len(live.seal_watches("2026-11-21", apart=False)) == 1
    check(data_dir, facts)


def test_a_column_that_an_older_file_lacks_is_read_as_absent(live: LiveStore, data_dir: Path) -> None:
    record(live, 1)
    (piece,) = live.seal_watches("2026-11-21", apart=False)
    path = data_dir / "obs" / str(piece.path("readings"))
    pq.write_table(pq.ParquetFile(path).read().drop_columns(["ping_text", "ping_later_us"]), path)

    with WatchReader.open(data_dir) as reader:
        columns = reader.readings(WATCH_ID)

    answered = {question for question, text_at in columns.text_at.items() if (text_at != NOTHING).any()}
    assert answered == set(Question) - {Question.PING}
    assert len(columns.round_at) == 42


def test_a_question_that_is_not_asked_takes_no_room(live: LiveStore, data_dir: Path) -> None:
    facts = record(live, 1, questions=USUAL_QUESTIONS)
    (piece,) = live.seal_watches("2026-11-21", apart=False)

    check(data_dir, facts)
    sealed = pq.ParquetFile(data_dir / "obs" / str(piece.path("readings")))
    for name in ("pending_text", "pending_later_us"):
        column = sealed.metadata.row_group(0).column(sealed.schema_arrow.names.index(name))
        assert sealed.read(columns=[name]).column(0).null_count == 42
        assert column.total_compressed_size < 64


def test_lists_of_pending_transactions_lie_round_by_round_and_come_back_to_the_byte(
    live: LiveStore, data_dir: Path
) -> None:
    def listed(number: int, place: int) -> Answer:
        return Answer(data=b'{"id":40,"result":[{"tx_hash":"%02x%02x"}]}\n' % (number, place), after_us=70_000)

    sink, rounds = live.watching(), []
    sink.begin_stint_now(make_watch(), make_stint())
    for number in range(3):
        readings = [
            Reading(endpoint=one, availability=Availability.UP, answers={Question.PENDING: listed(number, place)})
            for place, one in enumerate(SERVERS)
        ]
        rounds.append(columns_of(make_round(number + 1, MIDNIGHT_US + number * HOUR_US), readings))
    before = sorted(answer_of(one) for columns in rounds for _, one in readings_of(columns))
    sink.record_columns(joined(rounds))
    (piece,) = live.seal_watches("2026-11-21", apart=False)

    texts = pq.ParquetFile(data_dir / "obs" / str(piece.path("texts"))).read().column("data").to_pylist()
    assert [text[31:33] for text in texts] == [b"%02x" % number for number in range(3) for _ in SERVERS]
    with WatchReader.open(data_dir) as reader:
        assert sorted(answer_of(one) for _, one in readings_of(reader.readings(WATCH_ID))) == before


def answer_of(reading: Reading) -> tuple[str, bytes]:
    return reading.endpoint.canonical, reading.answers[Question.PENDING].data


def test_recording_and_reading_go_on_between_the_steps_of_sealing(live: LiveStore, data_dir: Path) -> None:
    facts, chance, steps = record(live, 2, per_day=2), random.Random(5), []
    sink = live.watching()
    sink.begin_stint_now(make_watch(), make_stint(MIDNIGHT_US + 2 * DAY_US))

    def meanwhile(step: str) -> None:
        steps.append(step)
        made = make_round(100 + len(steps), MIDNIGHT_US + 2 * DAY_US + len(steps))
        readings = make_readings(SERVERS, chance)
        sink.record_columns(columns_of(made, readings))
        facts.readings.extend((made, reading) for reading in readings)
        check(data_dir, facts)

    live.seal_watches("2026-11-22", apart=False, told=meanwhile)

    assert [step for step in steps if step != "removed some"] == [
        *("written 2026-11-20", "named 2026-11-20", "written 2026-11-21", "named 2026-11-21"),
        *("removed", "given back"),
    ]
    check(data_dir, facts)
