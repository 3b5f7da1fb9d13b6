"""The text that ElectrumX and Fulcrum share."""

from electrum_observatory.scanner.probes.second_version import SecondVersionProbe
from tests.unit.scanner.battery_harness import put, question_lines

LINES = [
    (b'{"jsonrpc":"2.0","id":1200,"method":"server.version","params":["electrum-observatory/0.1.0","1.4"]}\n'),
]
ANSWERS = [
    b'{"jsonrpc":"2.0","error":{"code":1,"message":"server.version already sent"},"id":1200}\n',
]


def test_exactly_these_lines_are_sent() -> None:
    called = put(SecondVersionProbe(), *ANSWERS)

    assert question_lines(called) == LINES


def test_what_comes_is_kept_to_the_byte() -> None:
    probe = SecondVersionProbe()
    called = put(probe, *ANSWERS)

    kept = [lines for _, lines in called.lines(probe)]
    assert kept[: len(ANSWERS)] == [[answer] for answer in ANSWERS]
    assert called.notebook.errors <= probe.cost.errors
