"""The refusal of ElectrumX up to 1.18."""

from electrum_observatory.scanner.probes.version_with_third_argument import VersionWithThirdArgumentProbe
from tests.unit.scanner.battery_harness import put, question_lines

LINES = [
    (b'{"jsonrpc":"2.0","id":1650,"method":"server.version","params":["electrum-observatory/0.1.0","1.4","x"]}\n'),
]
ANSWERS = [
    (
        b'{"jsonrpc":"2.0","error":{"code":-32602,"message":"3 arguments passed to method server.ver'
        b'sion taking at most 2"},"id":1650}\n'
    ),
]


def test_exactly_these_lines_are_sent() -> None:
    called = put(VersionWithThirdArgumentProbe(), *ANSWERS)

    assert question_lines(called) == LINES


def test_what_comes_is_kept_to_the_byte() -> None:
    probe = VersionWithThirdArgumentProbe()
    called = put(probe, *ANSWERS)

    kept = [lines for _, lines in called.lines(probe)]
    assert kept[: len(ANSWERS)] == [[answer] for answer in ANSWERS]
    assert called.notebook.errors <= probe.cost.errors
