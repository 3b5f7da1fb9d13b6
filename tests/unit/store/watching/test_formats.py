"""Formats of watches are promises: old samples still open, and take more."""

import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest

from electrum_observatory.model.watch import USUAL_QUESTIONS, Question
from electrum_observatory.store.live import LiveStore
from electrum_observatory.store.watching import pieces
from electrum_observatory.store.watching.columns import readings_of
from electrum_observatory.store.watching.compaction import write_month
from electrum_observatory.store.watching.source import WatchReader
from tests.unit.store.clock import StillClock
from tests.unit.store.watching.facts import MIDNIGHT_US, WATCH_ID, make_stint, make_watch
from tests.unit.store.watching.recorded import check, record

SAMPLES = Path(__file__).parents[3] / "samples"


@pytest.mark.parametrize(("version", "questions"), [("v3", USUAL_QUESTIONS), ("v4", tuple(Question))])
def test_a_watch_of_an_earlier_version_still_opens_and_is_sealed_on(
    data_dir: Path, tmp_path: Path, version: str, questions: Sequence[Question]
) -> None:
    with LiveStore.open(tmp_path / "made", StillClock()) as live:
        facts = record(live, 2, per_day=2, questions=questions)
    shutil.copytree(SAMPLES / version / "data", data_dir)

    check(data_dir, facts)
    with LiveStore.open(data_dir, StillClock()) as live:
        live.seal_watches("2026-11-22", apart=False)
    check(data_dir, facts)
    (days,) = pieces.compactable(pieces.read(data_dir), "2026-12-02")
    assert len(days) == 2, "one has the columns of its version, the other all"
    pieces.replace(data_dir, days, [write_month(data_dir, days)])
    check(data_dir, facts)


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_an_older_folder_has_no_watch_until_one_begins(data_dir: Path, version: str) -> None:
    shutil.copytree(SAMPLES / version / "data", data_dir)

    with WatchReader.open(data_dir) as reader:
        assert list(reader.watches()) == list(reader.summaries()) == []
    with LiveStore.open(data_dir, StillClock()) as live:
        live.watching().begin_stint_now(make_watch(), make_stint(MIDNIGHT_US))
    with WatchReader.open(data_dir) as reader:
        assert reader.watches() == [make_watch()]
        assert list(readings_of(reader.readings(WATCH_ID))) == []
