"""The uptime image: its rows say what the states say, and it is drawn."""

from pathlib import Path

import numpy as np
import pytest

from electrum_observatory.analysis.lifecycle.presence import REFUSED, UNKNOWN, UP
from electrum_observatory.analysis.lifecycle.similarity import by_similarity
from electrum_observatory.model.watch import Blindness, BlindSpell
from electrum_observatory.model.watch_ports import NOTHING
from electrum_observatory.report.uptime_image import MOST_ROWS, draw_uptime, image_rows
from tests.unit.analysis.lifecycle.tables import START_US, STEP_US, presence


def test_each_state_has_a_code_of_its_own_and_our_blindness_a_row() -> None:
    states = np.array([[UP, NOTHING], [REFUSED, UP], [UNKNOWN, UP]])
    spell = BlindSpell(why=Blindness.SUSPENDED, from_us=START_US + STEP_US, to_us=START_US + 2 * STEP_US)

    rows, at_us = image_rows(presence(states, spells=[spell]))

    assert rows.tolist() == [[1, 0], [2, 1], [4, 4], [3, 1]]
    assert len(at_us) == 4


def test_a_long_watch_is_drawn_in_fewer_rows_that_hide_no_absence() -> None:
    states = np.full((3 * MOST_ROWS, 1), UP)
    states[1000] = UNKNOWN

    rows, _ = image_rows(presence(states))

    assert len(rows) <= MOST_ROWS
    assert (rows == 3).sum() == 1


@pytest.mark.parametrize("ending", ["png", "svg"])
def test_it_is_drawn(tmp_path: Path, ending: str) -> None:
    one = presence(np.where(np.random.default_rng(1).random((50, 9)) < 0.1, UNKNOWN, UP))
    path = tmp_path / f"uptime.{ending}"

    draw_uptime(one, by_similarity(one), path, vantage="local")

    assert path.read_bytes().startswith(b"\x89PNG" if ending == "png" else b"<?xml")
