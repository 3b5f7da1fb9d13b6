"""A virtual watch in a data folder: what the store gives back is what was rendered."""

import json
from pathlib import Path

import numpy as np
import pytest

from electrum_observatory.cli.virtual_watch import draw_world, virtual_watch, write_truth, write_virtual_watch
from electrum_observatory.cli.watch_stores import check_not_written
from electrum_observatory.lab.time.rendering import render
from electrum_observatory.model.errors import UsageError
from electrum_observatory.model.watch import USUAL_QUESTIONS
from electrum_observatory.model.watch_ports import NOTHING
from electrum_observatory.net.clock import SystemClock
from electrum_observatory.store.live import LiveStore
from electrum_observatory.store.watching.source import WatchReader

PLAN = draw_world("calm", "moderate", "narrow", seed=4, days=0.08, servers=10)


def test_the_store_gives_back_what_was_rendered(tmp_path: Path):
    told: list[tuple[float, int]] = []
    with LiveStore.open(tmp_path, SystemClock()) as store:
        watch_id, kept = write_virtual_watch(
            PLAN, store.watching(), every_s=600, progress=lambda days, count: told.append((days, count))
        )
    (part,) = render(PLAN, every_s=600)

    with WatchReader.open(tmp_path) as reader:
        back, news = reader.readings(watch_id), reader.news(watch_id)

    rounds = len(part.readings.rounds)
    assert kept == rounds * 10 == len(back.round_at)
    assert told == [(pytest.approx(0.08), kept)]
    assert [one.started_at_us for one in back.rounds] == [one.started_at_us for one in part.readings.rounds]
    for question in USUAL_QUESTIONS:
        written = {part.readings.texts[at] for at in part.readings.text_at[question].tolist() if at != NOTHING}
        read = {back.texts[at] for at in back.text_at[question].tolist() if at != NOTHING}
        assert read == written
        assert len(read) >= 1
    assert np.array_equal(np.sort(news.received_at_us), np.sort(part.news.received_at_us))
    check_not_written(tmp_path, virtual_watch(PLAN, 300).watch_id)
    with pytest.raises(UsageError, match=r"has rounds of .* already: choose another folder"):
        check_not_written(tmp_path, watch_id)


def test_the_truth_goes_into_a_file_of_its_own(tmp_path: Path):
    write_truth(PLAN, tmp_path / "truth.json")

    written = json.loads((tmp_path / "truth.json").read_text(encoding="utf-8"))
    assert len(written["servers"]) == 10
    assert len(written["backends"]) == 4


def test_a_word_for_no_condition_is_refused():
    with pytest.raises(UsageError, match="no such condition"):
        draw_world("calm", "total", "narrow", seed=4, days=0.1, servers=10)
