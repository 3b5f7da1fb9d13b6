"""What one connection may bring: every cap at the cap, and one above it."""

import pytest

from electrum_observatory.model.errors import VisitError
from electrum_observatory.model.failure import FailureKind
from electrum_observatory.net.limits import ConnectionLimits, Meter
from electrum_observatory.protocol.framing import LineSplitter

SECOND_NS = 1_000_000_000


def kind_of(error: pytest.ExceptionInfo[VisitError]) -> tuple[FailureKind, str]:
    return error.value.failure.kind, error.value.failure.detail


def test_bytes_of_a_connection() -> None:
    meter = Meter(ConnectionLimits(max_bytes=10))
    meter.count_bytes(4)
    meter.count_bytes(6)

    with pytest.raises(VisitError) as error:
        meter.count_bytes(1)

    assert kind_of(error) == (FailureKind.TOO_MANY_BYTES, "more than 10 bytes")


def test_lines_of_a_connection() -> None:
    meter = Meter(ConnectionLimits(max_lines=3))
    for number in range(3):
        meter.count_line(number * SECOND_NS)

    with pytest.raises(VisitError) as error:
        meter.count_line(3 * SECOND_NS)

    assert kind_of(error) == (FailureKind.TOO_MANY_MESSAGES, "more than 3 lines")


def test_lines_within_a_second() -> None:
    meter = Meter(ConnectionLimits(max_lines_per_second=3))
    for second in range(5):
        for _ in range(3):
            meter.count_line(second * SECOND_NS)

    with pytest.raises(VisitError) as error:
        meter.count_line(4 * SECOND_NS + SECOND_NS - 1)

    assert kind_of(error) == (FailureKind.TOO_MANY_MESSAGES, "more than 3 lines within a second")


def test_frames_count_like_lines() -> None:
    meter = Meter(ConnectionLimits(max_lines_per_second=3))
    meter.count_frames(3, 0)

    with pytest.raises(VisitError) as error:
        meter.count_line(1)

    assert kind_of(error)[0] is FailureKind.TOO_MANY_MESSAGES


def test_length_of_a_line() -> None:
    splitter = LineSplitter(10)
    assert splitter.feed(b"123456789\n") == [b"123456789\n"]

    with pytest.raises(VisitError) as error:
        splitter.feed(b"12345678901")

    assert kind_of(error)[0] is FailureKind.LINE_TOO_LONG
