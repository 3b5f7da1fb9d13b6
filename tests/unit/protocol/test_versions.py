"""Protocol versions."""

import pytest

from electrum_observatory.protocol.versions import PROTOCOL_MAX, PROTOCOL_MIN, parse_version


@pytest.mark.parametrize(
    ("text", "expected"),
    [("1.4", (1, 4)), ("1.4.2", (1, 4, 2)), ("1.6.0", (1, 6)), ("1.10", (1, 10)), ("0", (0,)), ("2.0.0.0", (2,))],
)
def test_versions_are_read_number_by_number(text: str, expected: tuple[int, ...]) -> None:
    assert parse_version(text) == expected


@pytest.mark.parametrize(
    "text", ["", "1.", ".1", "v1.4", "1.4\n", " 1.4", "1.4.2.3.4", "1,4", "-1", "१.४", "99999", "1.4a", "1..4"]
)
def test_what_is_no_version_is_none(text: str) -> None:
    assert parse_version(text) is None


def test_ten_is_more_than_nine() -> None:
    assert (parse_version("1.10") or ()) > (parse_version("1.9") or ())


def test_never_more_than_1_6_is_asked_for() -> None:
    assert (PROTOCOL_MIN, PROTOCOL_MAX) == ("1.4", "1.6")
