"""The scanner's children are bounded from outside, whatever code runs in them: mutants must be harmless."""

from dataclasses import replace

import pytest

from tests.hostile.cases import CASES
from tests.hostile.defence import Defence
from tests.hostile.stage import Stage


def test_a_child_that_does_not_end_is_killed(stage: Stage) -> None:
    record = stage.scan(replace(CASES["accept_and_silent"], seconds=1))

    assert record.died.startswith("-14"), "ended by its alarm"


def test_a_child_that_takes_too_much_memory_tells_so(stage: Stage) -> None:
    record = stage.scan(replace(CASES["never_ending_line"], room=1_000_000))

    assert record.died != ""


def test_a_child_is_of_no_consequence_for_the_next(stage: Stage) -> None:
    without = stage.scan(CASES["never_ending_line"], without=("line_cap",))
    record = stage.scan(CASES["never_ending_line"])

    assert {one.kind for one in without.seen} != {one.kind for one in record.seen}
    assert "line_too_long" in {one.kind for one in record.seen}


def test_a_defence_that_has_moved_is_an_error() -> None:
    moved = Defence(id="moved", what="", target="electrum_observatory.net.limits:Meter.count_bites", replacement=None)

    with pytest.raises(AttributeError, match="count_bites"):
        moved.fits()


def test_a_defence_that_is_called_in_another_way_by_now_is_an_error() -> None:
    target = "electrum_observatory.net.limits:Meter.count_bytes"
    changed = Defence(id="changed", what="", target=target, replacement=lambda self: None)

    with pytest.raises(TypeError, match="too many positional arguments"):
        changed.fits()


def test_what_is_endless_costs_the_lab_no_memory(stage: Stage) -> None:
    before = stage.lab_peak_mb()

    for act in ("never_ending_line", "gigabyte_of_lines", "websocket_endless_header"):
        stage.scan(CASES[act])

    assert stage.lab_peak_mb() - before <= 20
