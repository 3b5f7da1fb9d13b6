"""Matrix pictures: strangers' names, nobody at all, more servers than names fit."""

import numpy as np
import pytest

from electrum_observatory.report.matrices import MOST_NAMES, MatrixPicture, draw_matrix


def picture(number, names=None):
    matrix = np.abs(np.subtract.outer(np.arange(number), np.arange(number))) / max(number, 1)
    return MatrixPicture(
        matrix=matrix,
        names=names or [f"s{one}" for one in range(number)],
        order=np.arange(number),
        groups=np.arange(number) // 3,
        unit="divergence in bits",
        most=1.0,
        threshold=0.5,
        title="Histograms",
        caption="2026-11-20 22:15:00 UTC\nvantage local",
    )


@pytest.mark.parametrize("number", [1, 7])
def test_any_number_of_servers_is_drawn(tmp_path, number):
    draw_matrix(picture(number), tmp_path / "m.png")

    assert (tmp_path / "m.png").read_bytes().startswith(b"\x89PNG")


def test_names_of_strangers_are_text_and_nothing_else(tmp_path):
    names = ["$x^$", "a\x1b[31mb", "<script>", "c" * 5_000]

    draw_matrix(picture(4, names), tmp_path / "m.svg")

    assert b"<script" not in (tmp_path / "m.svg").read_bytes()


def test_the_same_picture_is_the_same_file(tmp_path):
    draw_matrix(picture(3), tmp_path / "one.png")
    draw_matrix(picture(3), tmp_path / "other.png")

    assert (tmp_path / "one.png").read_bytes() == (tmp_path / "other.png").read_bytes()


def test_of_too_many_servers_no_names_are_drawn(tmp_path):
    number = MOST_NAMES + 1

    draw_matrix(picture(number, ["\ud800"] * number), tmp_path / "m.png")  # which could not be drawn

    assert (tmp_path / "m.png").stat().st_size > 10_000
