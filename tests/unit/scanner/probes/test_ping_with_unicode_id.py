"""Python escapes what is not ASCII."""

from electrum_observatory.scanner.probes.ping_with_unicode_id import PingWithUnicodeIdProbe
from tests.unit.scanner.battery_harness import put, question_lines

LINES = [
    b'{"jsonrpc":"2.0","id":"\xc3\xa9","method":"server.ping","params":[]}\n',
]
ANSWERS = [
    b'{"jsonrpc":"2.0","result":null,"id":"\\u00e9"}\n',
]


def test_exactly_these_lines_are_sent() -> None:
    called = put(PingWithUnicodeIdProbe(), *ANSWERS)

    assert question_lines(called) == LINES


def test_what_comes_is_kept_to_the_byte() -> None:
    probe = PingWithUnicodeIdProbe()
    called = put(probe, *ANSWERS)

    kept = [lines for _, lines in called.lines(probe)]
    assert kept[: len(ANSWERS)] == [[answer] for answer in ANSWERS]
    assert called.notebook.errors <= probe.cost.errors
