"""Which cutting rules a fee histogram refutes."""

from typing import Any

import pytest

from electrum_observatory.analysis.builds.aspects.histogram import histogram_readings

SMALL, LARGE, CARRIED = "histogram_small_bins", "histogram_large_bins", "histogram_carried_bins"


def readings(result: Any) -> dict[str, str]:
    return dict(histogram_readings(result))


def test_an_empty_histogram_says_nothing() -> None:
    assert readings([]) == {}
    assert readings(None) == {}
    assert readings([[1, 2, 3]]) == {}
    assert readings([[1, True]]) == {}


@pytest.mark.parametrize(
    ("labels", "kind"),
    [
        ([40, 12, 3], "integers"),
        ([40.0, 12.5], "tenths"),
        ([3.003911, 2.0], "decimals"),
        ([15, 7, 3, 1, 0], "powers of two"),
        ([1, 0], "few powers of two"),
    ],
)
def test_labels_are_written_in_a_way_of_the_program(labels: list[float], kind: str) -> None:
    assert readings([[label, 400_000] for label in labels])["histogram_labels"] == kind


def test_inner_empty_bins_are_of_powers_of_two() -> None:
    assert readings([[3, 5_000], [1, 0], [0, 70]])["histogram_labels"] == "powers of two"


def test_a_small_first_bin_refutes_large_thresholds() -> None:
    found = readings([[200.0, 31_000], [150.0, 59_000]])

    assert (found[SMALL], found[LARGE]) == ("fit", "do not fit")


def test_a_small_bin_before_a_lump_refutes_nothing() -> None:
    found = readings([[80.0, 778], [60.0, 260_000], [50.0, 150_000]])

    assert (found[SMALL], found[LARGE]) == ("fit", "fit")


def test_thresholds_grow_by_a_tenth() -> None:
    assert readings([[9.0, 30_500], [8.0, 33_500]])[SMALL] == "fit"
    assert readings([[9.0, 30_500], [8.0, 32_500]])[SMALL] == "do not fit"


def test_what_one_bin_had_too_much_is_carried_to_the_next() -> None:
    assert readings([[9, 150_000], [8, 70_000]])[CARRIED] == "fit"
    assert readings([[9, 101_000], [8, 70_000]])[CARRIED] == "do not fit"
