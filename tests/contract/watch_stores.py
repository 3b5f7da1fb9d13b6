"""What every store of watches must hold, whatever it is made of: one suite, inherited once for each store."""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Protocol

import numpy as np
import pytest
from hypothesis import given, settings

from electrum_observatory.model.errors import UsageError
from electrum_observatory.model.watch import (
    Availability,
    Blindness,
    BlindSpell,
    Question,
    Reading,
    Round,
    TipNews,
)
from electrum_observatory.model.watch_ports import WatchSink, WatchSource
from electrum_observatory.store.watching.columns import columns_of, joined, news_columns_of, news_of, readings_of
from tests.contract import watch_facts
from tests.contract.watch_facts import (
    ENDPOINTS,
    HOSTILE,
    ROUND_US,
    SECOND_US,
    START_US,
    answered,
    new_watch,
    news_at,
    nth_round,
    refused,
    round_at,
    stint_at,
)

Made = Sequence[tuple[Round, Sequence[Reading]]]


class Kept(Protocol):
    """A store that a test may open again and again."""

    def sink(self) -> AbstractContextManager[WatchSink]:
        """Open it for writing; leaving without an end of the stint is its death."""

    def source(self) -> AbstractContextManager[WatchSource]:
        """Open it for reading."""

    def texts(self) -> int:
        """Count the texts that it holds."""


def read(kept: Kept, watch_id: str, *times: int | None, **wishes) -> dict[Round, dict]:
    """Return the readings of a watch by round and server."""
    with kept.source() as source:
        columns = source.readings(watch_id, *times, **wishes)
    found: dict[Round, dict] = {made: {} for made in columns.rounds}
    for made, reading in readings_of(columns):
        assert reading.endpoint not in found[made]
        found[made][reading.endpoint] = reading
    assert (np.diff(columns.round_at) >= 0).all()
    return found


def by_round(made: Made) -> dict[Round, dict]:
    """What :func:`read` should return."""
    return {one: {reading.endpoint: reading for reading in readings} for one, readings in made}


def read_news(kept: Kept, watch_id: str, *times: int | None) -> list[TipNews]:
    with kept.source() as source:
        return list(news_of(source.news(watch_id, *times)))


def read_spells(kept: Kept, watch_id: str) -> list[BlindSpell]:
    with kept.source() as source:
        return list(source.spells(watch_id))


def not_running(from_us: int, to_us: int) -> BlindSpell:
    return BlindSpell(why=Blindness.NOT_RUNNING, from_us=from_us, to_us=to_us)


class WatchStoreContract:
    """To be inherited with a fixture ``kept`` that lives as long as the class: each test makes watches of its own."""

    @pytest.fixture
    def sink(self, kept: Kept) -> Iterator[WatchSink]:
        with kept.sink() as sink:
            yield sink

    def test_what_was_recorded_is_read(self, kept: Kept) -> None:
        @settings(max_examples=5)
        @given(made=watch_facts.rounds, told=watch_facts.news)
        def holds(made: Made, told: Sequence[TipNews]) -> None:
            watch = new_watch()

            async def record(sink: WatchSink) -> None:
                await sink.begin_stint(watch, stint_at())
                for one, readings in made:
                    await sink.record_round(one, readings)
                await sink.record_news(told)

            with kept.sink() as sink:
                asyncio.run(record(sink))

            assert read(kept, watch.watch_id) == by_round(made)
            assert read_news(kept, watch.watch_id) == list(told)

        holds()

    def test_columns_keep_the_same_as_single_rounds(self, kept: Kept) -> None:
        @settings(max_examples=5)
        @given(made=watch_facts.rounds, told=watch_facts.news)
        def holds(made: Made, told: Sequence[TipNews]) -> None:
            watch = new_watch()

            with kept.sink() as sink:
                sink.begin_stint_now(watch, stint_at())
                kept_rows = sink.record_columns(joined([columns_of(one, readings) for one, readings in made]))
                kept_news = sink.record_news_columns(news_columns_of(told))

            assert kept_rows == sum(len(readings) for _, readings in made)
            assert kept_news == len(told)
            assert read(kept, watch.watch_id) == by_round(made)
            assert read_news(kept, watch.watch_id) == list(told)

        holds()

    async def test_rounds_alone_are_told_in_their_order_whatever_the_clock_said(
        self, kept: Kept, sink: WatchSink
    ) -> None:
        watch, hours = new_watch(), [0, 5, 9, 2, 3]
        made = [round_at(START_US + hour * 12 * ROUND_US, number) for number, hour in enumerate(hours, 1)]
        await sink.begin_stint(watch, stint_at())
        for one in made:
            await sink.record_round(one, [answered(), refused()] if one.number % 2 else [])

        with kept.source() as source:
            columns = source.readings(watch.watch_id, questions=(), endpoints=())

        assert list(columns.rounds) == made
        assert (len(columns.round_at), len(columns.endpoints), len(columns.texts)) == (0, 0, 0)

    async def test_a_watch_is_told_as_its_first_stint_found_it(self, kept: Kept, sink: WatchSink) -> None:
        watch, stints = new_watch("my attic ⚡"), [stint_at(), stint_at(START_US + ROUND_US)]

        for stint in stints:
            await sink.begin_stint(watch, stint)

        with kept.source() as source:
            assert [one for one in source.watches() if one.watch_id == watch.watch_id] == [watch]
            assert list(source.stints(watch.watch_id)) == stints

    async def test_a_round_recorded_twice_is_refused_and_leaves_no_trace(self, kept: Kept, sink: WatchSink) -> None:
        watch = new_watch()
        await sink.begin_stint(watch, stint_at())
        await sink.record_round(nth_round(1), [answered(histogram=b"first")])

        with pytest.raises(ValueError, match="recorded already"):
            await sink.record_round(nth_round(1), [answered(ENDPOINTS[2], histogram=b"second")])

        await sink.record_round(nth_round(2), [])
        assert read(kept, watch.watch_id) == by_round(
            [(nth_round(1), [answered(histogram=b"first")]), (nth_round(2), [])]
        )

    def test_of_columns_that_are_refused_no_round_is_kept_in_part(self, kept: Kept, sink: WatchSink) -> None:
        watch = new_watch()
        sink.begin_stint_now(watch, stint_at())
        both = [(nth_round(number), [answered(ping=b"pong"), refused()]) for number in (1, 2)]
        sink.record_columns(columns_of(*both[1]))

        with pytest.raises(ValueError, match="recorded already"):
            sink.record_columns(joined([columns_of(*one) for one in both]))

        assert read(kept, watch.watch_id) == by_round(both[1:])

    async def test_a_cancelled_caller_leaves_a_whole_round_or_none(self, kept: Kept, sink: WatchSink) -> None:
        watch = new_watch()
        await sink.begin_stint(watch, stint_at())
        readings = [answered(one, tip=b"tip") for one in ENDPOINTS]

        async with asyncio.TaskGroup() as group:
            task = group.create_task(sink.record_round(nth_round(1), readings))
            await asyncio.sleep(0)
            task.cancel()
        await sink.record_round(nth_round(2), readings)

        found = read(kept, watch.watch_id)
        assert [len(one) for one in found.values()] == [len(ENDPOINTS)] * len(found)
        assert nth_round(2) in found

    def test_recording_before_a_stint_is_refused(self, sink: WatchSink) -> None:
        with pytest.raises(ValueError, match="no stint"):
            sink.record_columns(columns_of(nth_round(1), []))

    async def test_recording_after_the_end_of_a_stint_is_refused(self, sink: WatchSink) -> None:
        await sink.begin_stint(new_watch(), stint_at())
        await sink.end_stint(START_US + ROUND_US, ROUND_US * 1000)

        with pytest.raises(ValueError, match="no stint"):
            await sink.record_round(nth_round(1), [])

    @pytest.mark.parametrize("watch_id", ["latest", "20261118T110640Z-../etc-000000", ""])
    async def test_a_watch_id_that_could_be_no_file_name_is_refused(self, sink: WatchSink, watch_id: str) -> None:
        with pytest.raises(ValueError, match="campaign id"):
            await sink.begin_stint(replace(new_watch(), watch_id=watch_id), stint_at())

    async def test_after_an_end_we_were_blind_from_there(self, kept: Kept) -> None:
        watch = new_watch()
        with kept.sink() as sink:
            await sink.begin_stint(watch, stint_at())
            await sink.record_round(nth_round(1), [])
            await sink.end_stint(START_US + 60 * SECOND_US, 60 * SECOND_US * 1000 + 1)

        with kept.sink() as sink:
            await sink.begin_stint(watch, stint_at(START_US + ROUND_US))

        assert read_spells(kept, watch.watch_id) == [not_running(START_US + 60 * SECOND_US, START_US + ROUND_US)]

    async def test_after_a_death_we_were_blind_since_the_last_round(self, kept: Kept) -> None:
        watch, last = new_watch(), nth_round(2)
        with kept.sink() as sink:
            await sink.begin_stint(watch, stint_at())
            await sink.record_round(last, [answered(ping=b"pong")])

        with kept.sink() as sink:
            await sink.begin_stint(watch, stint_at(START_US + 9 * ROUND_US))

        over_us = last.started_at_us + last.duration_us
        assert read_spells(kept, watch.watch_id) == [not_running(over_us, START_US + 9 * ROUND_US)]

    async def test_a_heartbeat_shortens_the_spell_after_a_death(self, kept: Kept) -> None:
        watch, beat_us = new_watch(), 200 * SECOND_US
        with kept.sink() as sink:
            await sink.begin_stint(watch, stint_at())
            await sink.record_round(nth_round(1), [])
            await sink.heartbeat(START_US + beat_us, beat_us * 1000 + 1)

        with kept.sink() as sink:
            await sink.begin_stint(watch, stint_at(START_US + ROUND_US))

        assert read_spells(kept, watch.watch_id) == [not_running(START_US + beat_us, START_US + ROUND_US)]

    async def test_tip_news_is_a_sign_of_life_and_older_news_takes_none_back(self, kept: Kept) -> None:
        watch = new_watch()
        with kept.sink() as sink:
            await sink.begin_stint(watch, stint_at())
            await sink.record_news([news_at(START_US + 90 * SECOND_US)])
            await sink.record_news([news_at(START_US + 30 * SECOND_US)])

        with kept.sink() as sink:
            await sink.begin_stint(watch, stint_at(START_US + ROUND_US))

        assert read_spells(kept, watch.watch_id) == [not_running(START_US + 90 * SECOND_US, START_US + ROUND_US)]

    async def test_a_clock_that_was_set_back_leaves_no_spell_that_ends_before_it_begins(self, kept: Kept) -> None:
        watch = new_watch()
        with kept.sink() as sink:
            await sink.begin_stint(watch, stint_at())
            await sink.heartbeat(START_US + ROUND_US, ROUND_US * 1000 + 1)

        with kept.sink() as sink:  # ten seconds later, after the clock was set back by the minutes
            await sink.begin_stint(watch, stint_at(START_US, monotonic_us=ROUND_US + 10 * SECOND_US))

        assert read_spells(kept, watch.watch_id) == [not_running(START_US - 10 * SECOND_US, START_US)]

    async def test_spells_of_our_own_are_told_by_time(self, kept: Kept, sink: WatchSink) -> None:
        watch = new_watch()
        step = BlindSpell(why=Blindness.CLOCK_STEP, from_us=START_US + 8, to_us=START_US + 9, step_us=-3_600_000_000)
        early = BlindSpell(why=Blindness.NO_NETWORK, from_us=START_US + 1, to_us=START_US + 7)
        await sink.begin_stint(watch, stint_at())

        await sink.record_blind(step)
        await sink.record_blind(early)

        assert read_spells(kept, watch.watch_id) == [early, step]

    async def test_times_select_with_their_beginning_and_without_their_end(self, kept: Kept, sink: WatchSink) -> None:
        watch, begin, end = new_watch(), START_US + ROUND_US, START_US + 3 * ROUND_US
        made = [(nth_round(number), [answered(tip=b"%d" % number), refused()]) for number in (1, 2, 3, 4)]
        told = [news_at(one.started_at_us, height=one.number) for one, _ in made]
        await sink.begin_stint(watch, stint_at())
        for one in made:
            await sink.record_round(*one)
        await sink.record_news(told)

        assert read(kept, watch.watch_id, begin, end) == by_round(made[1:3])
        assert read(kept, watch.watch_id, begin + 1, end + 1) == by_round(made[2:])
        assert read(kept, watch.watch_id, None, begin) == by_round(made[:1])
        assert read(kept, watch.watch_id, end + ROUND_US) == {}
        assert read_news(kept, watch.watch_id, begin, end) == told[1:3]
        assert read_news(kept, watch.watch_id, begin + 1) == told[2:]

    async def test_of_questions_that_were_not_wished_there_are_no_texts(self, kept: Kept, sink: WatchSink) -> None:
        watch = new_watch()
        await sink.begin_stint(watch, stint_at())
        await sink.record_round(nth_round(1), [answered(histogram=b"large", tip=b"small")])

        with kept.source() as source:
            columns = source.readings(watch.watch_id, questions=(Question.TIP,))

        assert list(columns.texts) == [b"small"]
        assert [columns.texts[at] for at in columns.text_at[Question.TIP]] == [b"small"]
        assert Question.HISTOGRAM not in columns.text_at

    async def test_wished_servers_alone_are_told_and_every_round_of_theirs(self, kept: Kept, sink: WatchSink) -> None:
        watch, wished = new_watch(), {ENDPOINTS[1], ENDPOINTS[4]}
        made = [
            (nth_round(1), [answered(one, ping=b"pong") for one in ENDPOINTS[:3]]),
            (nth_round(2), [answered(ENDPOINTS[0], ping=b"pong")]),
        ]
        await sink.begin_stint(watch, stint_at())
        for one in made:
            await sink.record_round(*one)

        found = read(kept, watch.watch_id, endpoints=wished)

        assert found == by_round([(nth_round(1), [answered(ENDPOINTS[1], ping=b"pong")]), (nth_round(2), [])])

    async def test_watches_in_one_store_are_kept_apart(self, kept: Kept) -> None:
        first, second = new_watch(), new_watch()
        for watch, reading in ((first, refused()), (second, answered(ping=b"pong"))):
            with kept.sink() as sink:
                await sink.begin_stint(watch, stint_at())
                await sink.record_round(nth_round(1), [reading])
                await sink.record_news([news_at(START_US, reading.endpoint)])

        assert read(kept, first.watch_id) == by_round([(nth_round(1), [refused()])])
        assert read(kept, second.watch_id) == by_round([(nth_round(1), [answered(ping=b"pong")])])
        assert [one.endpoint for one in read_news(kept, second.watch_id)] == [ENDPOINTS[0]]
        assert read_spells(kept, second.watch_id) == []

    def test_an_unknown_watch_is_an_error_of_usage(self, kept: Kept, sink: WatchSink) -> None:
        sink.begin_stint_now(new_watch(), stint_at())

        with kept.source() as source:
            for ask in (source.stints, source.spells, source.readings, source.news):
                with pytest.raises(UsageError, match="no watch"):
                    ask("20260101T000000Z-nobody-ffffff")

    async def test_equal_texts_are_kept_once(self, kept: Kept, sink: WatchSink) -> None:
        watch, text = new_watch(), b"a histogram that everybody tells: " + new_watch().watch_id.encode()
        before = kept.texts()
        await sink.begin_stint(watch, stint_at())

        for number in range(1, 6):
            await sink.record_round(nth_round(number), [answered(one, histogram=text, tip=text) for one in ENDPOINTS])

        assert kept.texts() == before + 1
        with kept.source() as source:
            assert list(source.readings(watch.watch_id).texts) == [text]

    async def test_hostile_text_is_kept_as_it_came(self, kept: Kept, sink: WatchSink) -> None:
        watch, bytes_of_all_kinds = new_watch(), bytes(range(256)) * 3
        readings = [answered(histogram=bytes_of_all_kinds, tip=HOSTILE.encode()), refused(detail=HOSTILE)]
        await sink.begin_stint(watch, stint_at())

        await sink.record_round(nth_round(1), readings)

        assert read(kept, watch.watch_id) == by_round([(nth_round(1), readings)])

    async def test_numbers_of_a_machine_that_slept_fit(self, kept: Kept, sink: WatchSink) -> None:
        watch, day_us = new_watch(), 86_400 * SECOND_US
        slow = Reading(endpoint=ENDPOINTS[0], availability=Availability.UNKNOWN, sent_us=day_us, lag_us=40 * day_us)
        await sink.begin_stint(watch, stint_at())

        await sink.record_round(nth_round(1), [slow])

        assert read(kept, watch.watch_id) == by_round([(nth_round(1), [slow])])

    def test_columns_over_the_end_of_a_month_and_a_year_are_read_in_order(self, kept: Kept, sink: WatchSink) -> None:
        watch, new_year_us = new_watch(), 1_798_761_600 * SECOND_US
        made = [
            (round_at(new_year_us + (number - 4) * ROUND_US, number), [answered(ping=b"pong", tip=b"%d" % number)])
            for number in range(1, 8)
        ]
        told = [news_at(one.started_at_us, height=one.number) for one, _ in made]
        sink.begin_stint_now(watch, stint_at())

        sink.record_columns(joined([columns_of(*one) for one in made]))
        sink.record_news_columns(news_columns_of(told))

        found = read(kept, watch.watch_id)
        assert list(found) == [one for one, _ in made]
        assert found == by_round(made)
        assert read_news(kept, watch.watch_id) == told
