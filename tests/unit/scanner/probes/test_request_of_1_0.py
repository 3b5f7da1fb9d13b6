"""The text of aiorpcX."""

from electrum_observatory.scanner.probes.request_of_1_0 import RequestOf10Probe
from tests.unit.scanner.battery_harness import put, question_lines

LINES = [
    b'{"jsonrpc":"1.0","id":1550,"method":"server.ping","params":[]}\n',
]
ANSWERS = [
    b'{"jsonrpc":"2.0","error":{"code":-32600,"message":"\\"jsonrpc\\" is not \\"2.0\\""},"id":1550}\n',
]


def test_exactly_these_lines_are_sent() -> None:
    called = put(RequestOf10Probe(), *ANSWERS)

    assert question_lines(called) == LINES


def test_what_comes_is_kept_to_the_byte() -> None:
    probe = RequestOf10Probe()
    called = put(probe, *ANSWERS)

    kept = [lines for _, lines in called.lines(probe)]
    assert kept[: len(ANSWERS)] == [[answer] for answer in ANSWERS]
    assert called.notebook.errors <= probe.cost.errors
